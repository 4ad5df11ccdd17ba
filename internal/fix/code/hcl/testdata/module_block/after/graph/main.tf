variable "name" {}

resource "aws_neptune_cluster" "main" {
  cluster_identifier      = var.name
  backup_retention_period = 7
}
