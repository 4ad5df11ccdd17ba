variable "recovery" {
  default = { enabled = false }
}

resource "aws_dynamodb_table" "literal" {
  name = "a"

  dynamic "point_in_time_recovery" {
    for_each = [1]
    content {
      enabled = false
    }
  }
}

resource "aws_dynamodb_table" "computed" {
  name = "b"

  dynamic "point_in_time_recovery" {
    for_each = [var.recovery]
    content {
      enabled = point_in_time_recovery.value.enabled
    }
  }
}

resource "aws_dynamodb_table" "none" {
  name = "c"

  dynamic "point_in_time_recovery" {
    for_each = []
    content {
      enabled = false
    }
  }
}
