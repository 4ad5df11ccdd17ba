variable "days" {
  type    = number
  default = null
}
