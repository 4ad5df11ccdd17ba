locals {
  days = 7
}

resource "aws_neptune_cluster" "main" {
  count                   = 20
  cluster_identifier      = "graph-${count.index}"
  backup_retention_period = local.days
}
