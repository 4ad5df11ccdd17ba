resource "aws_neptune_cluster" "main" {
  cluster_identifier      = "graph"
  backup_retention_period = 7
  deletion_protection     = true
}