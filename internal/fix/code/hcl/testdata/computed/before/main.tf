variable "days" {
  default = 0
}

resource "aws_neptune_cluster" "main" {
  backup_retention_period = max(var.days, 1)
}

resource "aws_neptune_cluster" "sum" {
  backup_retention_period = var.days + 1
}
