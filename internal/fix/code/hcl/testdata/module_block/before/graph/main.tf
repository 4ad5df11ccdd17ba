variable "name" {}

resource "aws_neptune_cluster" "main" {
  cluster_identifier = var.name
}
