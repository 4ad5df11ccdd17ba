variable "days" {
  type    = number
  default = 2
}

module "graph" {
  source = "../graph"
  keep   = { days = var.days }
}
