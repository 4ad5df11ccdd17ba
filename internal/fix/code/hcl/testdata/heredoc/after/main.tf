resource "aws_neptune_cluster" "main" {
  backup_retention_period = tonumber(trimspace(<<-DAYS
    1
  DAYS
  ))
  deletion_protection = true # here { is "no" brace
}

resource "aws_neptune_cluster" "text" {
  kms_key_arn             = <<-KEY
    arn:aws:kms:eu-west-1:111122223333:key/0d5f3c1e }
  KEY
  backup_retention_period = 7
  deletion_protection     = true
}
