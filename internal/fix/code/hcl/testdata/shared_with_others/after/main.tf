locals {
  five = 5
  port = 8500
}

resource "aws_neptune_cluster" "five" {
  backup_retention_period = local.five
  port                    = local.five
}

resource "aws_neptune_cluster" "low" {
  backup_retention_period = 9
  port                    = local.port
  tags                    = { low = "yes" }
}

resource "aws_neptune_cluster" "high" {
  backup_retention_period = 9
  port                    = local.port
}

resource "aws_neptune_cluster" "many" {
  count                   = local.two
  backup_retention_period = local.two
}

locals {
  two = 2
}
