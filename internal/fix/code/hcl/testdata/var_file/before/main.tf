variable "days" {}

variable "protected" {}

variable "tags" {}

resource "aws_neptune_cluster" "main" {
  backup_retention_period = var.days
  deletion_protection     = var.protected
  copy_tags_to_snapshot   = var.tags
}
