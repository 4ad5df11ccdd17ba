provider "aws" {
  region = "eu-west-1"
}

resource "aws_neptune_cluster" "main" {
  cluster_identifier                   = "graph"
  backup_retention_period              = 3
  copy_tags_to_snapshot                = false
  deletion_protection                  = false
  iam_database_authentication_enabled  = false
  storage_encrypted                    = false
  enable_cloudwatch_logs_exports       = ["slowquery"]
  neptune_cluster_parameter_group_name = aws_neptune_cluster_parameter_group.main.name
  tags                                 = { team = "graph" }
  skip_final_snapshot                  = true
}

resource "aws_neptune_cluster_instance" "n0" {
  cluster_identifier = aws_neptune_cluster.main.cluster_identifier
  instance_class     = "db.r6g.large"
  availability_zone  = "eu-west-1a"
}

resource "aws_neptune_cluster_instance" "n1" {
  cluster_identifier = aws_neptune_cluster.main.cluster_identifier
  instance_class     = "db.r6g.large"
  availability_zone  = "eu-west-1a"
}

resource "aws_neptune_cluster_parameter_group" "main" {
  name   = "graph-audit"
  family = "neptune1.4"

  parameter {
    name  = "neptune_enable_audit_log"
    value = "0"
  }
}
