variable "days" {
  default = 1
}

variable "protected" {
  default = false
}

resource "aws_neptune_cluster" "main" {
  backup_retention_period = var.days
  deletion_protection     = var.protected
}
