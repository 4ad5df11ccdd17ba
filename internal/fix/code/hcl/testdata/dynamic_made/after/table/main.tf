variable "pitr" {
  type    = object({ enabled = bool })
  default = null
}

resource "aws_dynamodb_table" "this" {
  dynamic "point_in_time_recovery" {
    for_each = var.pitr != null ? [var.pitr] : []
    content {
      enabled = point_in_time_recovery.value.enabled
    }
  }
}
