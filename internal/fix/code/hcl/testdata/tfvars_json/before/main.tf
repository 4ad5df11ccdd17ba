variable "clusters" {}

resource "aws_neptune_cluster" "main" {
  for_each                = var.clusters
  cluster_identifier      = each.key
  backup_retention_period = each.value.days
}
