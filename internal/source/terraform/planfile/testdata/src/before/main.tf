terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = var.region
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    neptune = var.endpoint
    rds     = var.endpoint
    kms     = var.endpoint
    ec2     = var.endpoint
  }
  default_tags {
    tags = { team = "graph" }
  }
}

variable "region" { default = "eu-west-1" }
variable "endpoint" { default = "http://127.0.0.1:5555" }
variable "days" {
  type    = number
  default = 7
}
variable "short_days" {
  type    = number
  default = 1
}
variable "secret_days" {
  type      = number
  default   = 21
  sensitive = true
}

data "aws_kms_alias" "rds" {
  count = 0
  name  = "alias/aws/rds"
}

resource "aws_kms_key" "graph" {
  description = "graph"
}

# Known only after apply.
resource "terraform_data" "choice" {
  input = var.days
}

resource "aws_neptune_cluster_parameter_group" "audit" {
  name   = "audited"
  family = "neptune1.3"
  parameter {
    name  = "neptune_enable_audit_log"
    value = "1"
  }
}

# Everything as the controls want it.
resource "aws_neptune_cluster" "good" {
  cluster_identifier                   = "good"
  engine_version                       = "1.3.2.1"
  backup_retention_period              = var.days
  storage_encrypted                    = true
  kms_key_arn                          = aws_kms_key.graph.arn
  deletion_protection                  = true
  copy_tags_to_snapshot                = true
  enable_cloudwatch_logs_exports       = ["audit"]
  neptune_cluster_parameter_group_name = aws_neptune_cluster_parameter_group.audit.name
  skip_final_snapshot                  = true
}

resource "aws_neptune_cluster_instance" "good" {
  count              = 2
  identifier         = "good-${count.index}"
  cluster_identifier = aws_neptune_cluster.good.id
  instance_class     = "db.r6g.large"
  availability_zone  = ["eu-west-1a", "eu-west-1b"][count.index]
}

# Nothing said: the service's own defaults.
resource "aws_neptune_cluster" "bare" {
  cluster_identifier  = "bare"
  skip_final_snapshot = true
}

resource "aws_neptune_cluster_instance" "bare" {
  identifier         = "bare-0"
  cluster_identifier = aws_neptune_cluster.bare.cluster_identifier
  instance_class     = "db.r6g.large"
}

# Two by count, the second one short.
resource "aws_neptune_cluster" "counted" {
  count                   = 2
  cluster_identifier      = "counted-${count.index}"
  backup_retention_period = [14, 3][count.index]
  skip_final_snapshot     = true
}

# By name.
resource "aws_neptune_cluster" "each" {
  for_each                = { "blue" = 7, "gr\"een" = 2 }
  cluster_identifier      = "each-${replace(each.key, "\"", "-")}"
  backup_retention_period = each.value
  skip_final_snapshot     = true
}

resource "aws_neptune_cluster" "later" {
  cluster_identifier      = "later"
  backup_retention_period = terraform_data.choice.output
  deletion_protection     = true
  tags                    = { choice = terraform_data.choice.id }
  skip_final_snapshot     = true
}

resource "aws_neptune_cluster" "secret" {
  cluster_identifier      = "secret"
  backup_retention_period = var.secret_days
  skip_final_snapshot     = true
}

resource "aws_neptune_cluster_snapshot" "good" {
  db_cluster_identifier          = aws_neptune_cluster.good.id
  db_cluster_snapshot_identifier = "good-manual"
}

module "platform" {
  source   = "../modules/platform"
  for_each = { eu = var.days, us = var.short_days }
  days     = each.value
  name     = each.key
  choice   = terraform_data.choice.output
}
