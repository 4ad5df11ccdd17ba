variable "days" { type = number }
variable "name" { type = string }
variable "choice" { type = number }

module "graph" {
  source = "../graph"
  count  = 1
  name   = var.name
  keep   = var.days
  later  = var.choice
}
