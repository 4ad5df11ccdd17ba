variable "short" {
  type    = number
  default = null
}

locals {
  common   = { days = 30, engine = "neptune" }
  defaults = merge(local.common, { days = 7 })
  over     = merge({ days = 7 }, { name = "over" })
  fallback = 7
}

resource "aws_neptune_cluster" "merged" {
  backup_retention_period = local.defaults.days
}

resource "aws_neptune_cluster" "earlier" {
  backup_retention_period = local.over.days
}

resource "aws_neptune_cluster" "looked_up" {
  backup_retention_period = lookup({ days = 7 }, "days", 35)
}

resource "aws_neptune_cluster" "coalesced" {
  backup_retention_period = coalesce(var.short, local.fallback)
}

resource "aws_neptune_cluster" "tried" {
  backup_retention_period = try(local.tried.days, 30)
}

locals {
  tried = { days = 7 }
}

# What is in a data source may have the field too.
data "aws_ssm_parameter" "settings" {
  name = "settings"
}

resource "aws_neptune_cluster" "open" {
  backup_retention_period = merge({ days = 1 }, jsondecode(data.aws_ssm_parameter.settings.value)).days
}
