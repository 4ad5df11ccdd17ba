variable "settings" {
  type = object({
    name      = string
    retention = optional(number)
    copy      = optional(bool, false)
  })
}

resource "aws_neptune_cluster" "inner" {
  cluster_identifier      = var.settings.name
  backup_retention_period = var.settings.retention
  copy_tags_to_snapshot   = var.settings.copy
}
