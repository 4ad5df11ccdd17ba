resource "aws_neptune_cluster" "main" {
  cluster_identifier      = "graph" # the name
  backup_retention_period = 7       # days
  deletion_protection     = true

  tags = {
    a = "b"
  }
}
