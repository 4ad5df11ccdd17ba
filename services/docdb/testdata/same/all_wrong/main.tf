provider "aws" {
  region = "eu-west-1"
}

resource "aws_docdb_cluster" "main" {
  cluster_identifier              = "docs"
  backup_retention_period         = 1
  deletion_protection             = false
  storage_encrypted               = false
  enabled_cloudwatch_logs_exports = ["profiler"]
  db_cluster_parameter_group_name = aws_docdb_cluster_parameter_group.main.name
  tags                            = { team = "docs" }
}

resource "aws_docdb_cluster_instance" "one" {
  identifier         = "docs-1"
  cluster_identifier = aws_docdb_cluster.main.cluster_identifier
  instance_class     = "db.r6g.large"
}

resource "aws_docdb_cluster_parameter_group" "main" {
  name   = "docs-audit"
  family = "docdb5.0"

  parameter {
    name  = "audit_logs"
    value = "disabled"
  }
}

resource "aws_docdb_cluster_snapshot" "main" {
  db_cluster_snapshot_identifier = "docs-kept"
  db_cluster_identifier          = aws_docdb_cluster.main.cluster_identifier
}
