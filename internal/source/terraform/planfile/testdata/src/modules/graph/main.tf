variable "keep" { type = number }
variable "name" { type = string }
variable "later" { type = number }

resource "aws_neptune_cluster" "this" {
  cluster_identifier      = "module-${var.name}"
  backup_retention_period = var.keep
  deletion_protection     = true
  skip_final_snapshot     = true
}

resource "aws_neptune_cluster" "later" {
  cluster_identifier      = "module-later-${var.name}"
  backup_retention_period = var.later
  skip_final_snapshot     = true
}
