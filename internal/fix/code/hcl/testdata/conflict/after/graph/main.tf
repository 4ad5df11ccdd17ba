variable "env" {}

resource "aws_neptune_cluster" "main" {
  backup_retention_period = 1
  tags                    = { env = var.env }
}
