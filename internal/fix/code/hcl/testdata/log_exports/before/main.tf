resource "aws_neptune_cluster" "one" {
  enable_cloudwatch_logs_exports = ["slowquery"]
}

resource "aws_neptune_cluster" "empty" {
  enable_cloudwatch_logs_exports = []
}

resource "aws_neptune_cluster" "none" {
  cluster_identifier = "none"
}

resource "aws_neptune_cluster" "lines" {
  enable_cloudwatch_logs_exports = [
    "slowquery" # queries over five seconds
  ]
}

resource "aws_neptune_cluster" "trailing" {
  enable_cloudwatch_logs_exports = toset([
    # what is sent
    "slowquery",
  ])
}

resource "aws_neptune_cluster" "comment" {
  enable_cloudwatch_logs_exports = [
    # nothing yet
  ]
}

variable "exports" {
  default = ["slowquery", ]
}

resource "aws_neptune_cluster" "variable" {
  enable_cloudwatch_logs_exports = var.exports
}

resource "aws_neptune_cluster" "computed" {
  enable_cloudwatch_logs_exports = concat(var.exports, [])
}
