variable "clusters" {
  type = map(object({
    days = optional(number, 1)
    copy = optional(bool)
    name = optional(string)
  }))
}

locals {
  one = { name = "one" }
}

resource "aws_neptune_cluster" "this" {
  for_each = var.clusters

  cluster_identifier      = each.key
  backup_retention_period = each.value.days
  copy_tags_to_snapshot   = each.value.copy
}

module "inner" {
  source = "./inner"
  settings = {
    name = "inner"
    # as long as the others
    retention = 14
    copy      = true
  }
}
