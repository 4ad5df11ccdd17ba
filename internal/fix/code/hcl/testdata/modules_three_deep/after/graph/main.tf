variable "keep" {
  type = object({ days = number })
}

resource "aws_neptune_cluster" "main" {
  cluster_identifier      = "graph"
  backup_retention_period = var.keep.days
}
