resource "aws_dynamodb_table" "there" {
  name = "a"

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.days
  }
}

variable "days" {
  default = 35
}

resource "aws_dynamodb_table" "missing" {
  name = "b"

  point_in_time_recovery {
    recovery_period_in_days = 35
    enabled                 = true
  }
}

resource "aws_dynamodb_table" "no_block" {
  name = "c"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table" "one_line" {
  name = "d"

  point_in_time_recovery {
    enabled = true
  }
}
