provider "aws" {
  region = "eu-west-1"
}

resource "aws_neptune_cluster" "main" {
  cluster_identifier                   = "graph"
  backup_retention_period              = 14
  copy_tags_to_snapshot                = true
  deletion_protection                  = true
  iam_database_authentication_enabled  = true
  storage_encrypted                    = true
  enable_cloudwatch_logs_exports       = ["audit", "slowquery"]
  kms_key_arn                          = "arn:aws:kms:eu-west-1:123456789012:key/43c3a818-3d80-4f31-82e5-4ffbef34de0c"
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
  availability_zone  = "eu-west-1b"
}

resource "aws_neptune_cluster_parameter_group" "main" {
  name   = "graph-audit"
  family = "neptune1.4"

  parameter {
    name  = "neptune_enable_audit_log"
    value = "1"
  }
}
