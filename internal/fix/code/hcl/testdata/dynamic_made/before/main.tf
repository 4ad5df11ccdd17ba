module "given" {
  source = "./table"
  pitr   = { enabled = false }
}

module "without" {
  source = "./table"
}

resource "aws_dynamodb_table" "listed" {
  dynamic "point_in_time_recovery" {
    for_each = [{ on = false }]
    iterator = recovery
    content {
      enabled = recovery.value.on
    }
  }
}

resource "aws_dynamodb_table" "keyed" {
  dynamic "point_in_time_recovery" {
    for_each = { here = var.recover }
    content {
      enabled = point_in_time_recovery.value
    }
  }
}

variable "recover" {
  default = false
}
