resource "aws_neptune_cluster" "main" {
  cluster_identifier      = "graph"
  skip_final_snapshot     = true # the data can be loaded again
  backup_retention_period = 7
  copy_tags_to_snapshot   = true
  deletion_protection     = true

  tags = {
    env = "dev"
  }

  lifecycle {
    ignore_changes = [tags]
  }
}

resource "aws_neptune_cluster" "bare" {
  backup_retention_period = 7
  copy_tags_to_snapshot   = true
  deletion_protection     = true
}

resource "aws_neptune_cluster" "counted" {
  count = 2

  backup_retention_period = 7
  copy_tags_to_snapshot   = true
  deletion_protection     = true

  timeouts {
    create = "1h"
  }
}
