resource "aws_neptune_cluster" "main" {
  cluster_identifier  = "graph"
  skip_final_snapshot = true # the data can be loaded again

  tags = {
    env = "dev"
  }

  lifecycle {
    ignore_changes = [tags]
  }
}

resource "aws_neptune_cluster" "bare" {}

resource "aws_neptune_cluster" "counted" {
  count = 2

  timeouts {
    create = "1h"
  }
}
