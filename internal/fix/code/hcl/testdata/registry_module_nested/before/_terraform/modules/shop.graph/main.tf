variable "days" {
  default = 1
}

module "inner" {
  source = "./inner"
  days   = var.days
}
