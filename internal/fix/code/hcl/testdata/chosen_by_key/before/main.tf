variable "stage" {}

locals {
  days = {
    dev  = 1
    prod = 30
  }
  short = 3
  long  = 30
}

variable "clusters" {
  default = {
    eu = { days = 4, on = true }
    us = { days = 5, on = false }
  }
}

resource "aws_neptune_cluster" "by_key" {
  backup_retention_period = local.days[var.stage]
}

resource "aws_neptune_cluster" "by_condition" {
  backup_retention_period = var.stage == "prod" ? local.long : local.short
}

resource "aws_neptune_cluster" "by_for" {
  for_each                = { for name, it in var.clusters : name => it if it.on }
  backup_retention_period = each.value.days
}

resource "aws_neptune_cluster" "others" {
  for_each                = { for name, it in var.clusters : upper(name) => it }
  backup_retention_period = each.value.days
}

module "graph" {
  source = "./graph"
  days   = var.stage == "prod" ? 30 : 2
}
