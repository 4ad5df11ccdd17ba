variable "days" {
  default = 14
}

resource "aws_neptune_cluster" "main" {
  backup_retention_period = var.days
}
