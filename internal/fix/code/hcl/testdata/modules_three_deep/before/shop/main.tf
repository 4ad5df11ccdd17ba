variable "retention" {
  type = number
}

module "store" {
  source = "../store"
  days   = var.retention
}
