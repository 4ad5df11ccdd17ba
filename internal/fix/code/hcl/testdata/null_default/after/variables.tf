variable "days" {
  type    = number
  default = 7
}
