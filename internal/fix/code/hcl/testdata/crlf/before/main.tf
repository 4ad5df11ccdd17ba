resource "aws_neptune_cluster" "main" {
  cluster_identifier      = "graph" # the name
  backup_retention_period = 1       # days

  tags = {
    a = "b"
  }
}
