resource "aws_neptune_cluster" "main" {
  cluster_identifier = "graph"
  storage_encrypted  = false
}
