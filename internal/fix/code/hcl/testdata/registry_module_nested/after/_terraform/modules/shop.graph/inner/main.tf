variable "days" {}

variable "tags" {
  default = false
}

resource "aws_neptune_cluster" "main" {
  backup_retention_period = var.days
  copy_tags_to_snapshot   = var.tags
}
