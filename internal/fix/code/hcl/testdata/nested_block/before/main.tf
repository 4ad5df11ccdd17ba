resource "aws_dynamodb_table" "there" {
  name = "a"

  point_in_time_recovery {
    enabled                 = false
    recovery_period_in_days = var.days
  }
}

variable "days" {
  default = 7
}

resource "aws_dynamodb_table" "missing" {
  name = "b"

  point_in_time_recovery { recovery_period_in_days = 7 }
}

resource "aws_dynamodb_table" "no_block" {
  name = "c"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_dynamodb_table" "one_line" { name = "d" }
