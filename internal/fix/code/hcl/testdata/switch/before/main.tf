variable "keep" {
  type = bool
}

variable "env" {
  type = string
}

resource "aws_neptune_cluster" "switched" {
  backup_retention_period = var.keep ? 7 : 1
}

resource "aws_neptune_cluster" "negated" {
  backup_retention_period = !var.keep ? 1 : 7
}

resource "aws_neptune_cluster" "compared" {
  backup_retention_period = var.env == "prod" ? 7 : 1
}
