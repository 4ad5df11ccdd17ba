resource "aws_neptune_cluster" "one" {
  enable_cloudwatch_logs_exports = ["slowquery", "audit"]
}

resource "aws_neptune_cluster" "empty" {
  enable_cloudwatch_logs_exports = ["audit"]
}

resource "aws_neptune_cluster" "none" {
  cluster_identifier             = "none"
  enable_cloudwatch_logs_exports = ["audit"]
}

resource "aws_neptune_cluster" "lines" {
  enable_cloudwatch_logs_exports = [
    "slowquery", # queries over five seconds
    "audit"
  ]
}

resource "aws_neptune_cluster" "trailing" {
  enable_cloudwatch_logs_exports = toset([
    # what is sent
    "slowquery",
    "audit",
  ])
}

resource "aws_neptune_cluster" "comment" {
  enable_cloudwatch_logs_exports = [
    # nothing yet
    "audit",
  ]
}

variable "exports" {
  default = ["slowquery", "audit", ]
}

resource "aws_neptune_cluster" "variable" {
  enable_cloudwatch_logs_exports = var.exports
}

resource "aws_neptune_cluster" "computed" {
  enable_cloudwatch_logs_exports = concat(var.exports, [])
}
