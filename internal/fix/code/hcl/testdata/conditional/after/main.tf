variable "prod" {
  type = bool
}

resource "aws_neptune_cluster" "main" {
  backup_retention_period = var.prod ? 30 : 7
}

resource "aws_neptune_cluster" "null" {
  backup_retention_period = var.prod ? 35 : 7
}

resource "aws_neptune_cluster" "both" {
  backup_retention_period = var.prod ? 1 : 1
}

resource "aws_neptune_cluster" "names" {
  backup_retention_period = var.prod ? local.long : local.short
}

locals {
  long  = 30
  short = 7
}
