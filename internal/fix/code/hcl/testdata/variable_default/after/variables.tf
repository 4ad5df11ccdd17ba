variable "days" {
  description = "days"
  type        = number
  default     = 7
}
