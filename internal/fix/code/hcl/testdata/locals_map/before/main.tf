locals {
  clusters = { eu = { days = 1 }, us = { days = 30 }, ap = { days = 3 } }
}

variable "more" {
  type = map(object({ days = number }))
}

resource "aws_neptune_cluster" "main" {
  for_each                = local.clusters
  cluster_identifier      = each.key
  backup_retention_period = each.value.days
}

resource "aws_neptune_cluster" "more" {
  for_each                = var.more
  cluster_identifier      = each.key
  backup_retention_period = each.value.days
}

resource "aws_neptune_cluster" "beside" {
  for_each                = { a = 1, b = 8 }
  cluster_identifier      = each.key
  backup_retention_period = each.value
}
