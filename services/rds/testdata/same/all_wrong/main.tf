provider "aws" {
  region = "eu-west-1"
}

resource "aws_rds_cluster" "shop" {
  cluster_identifier      = "shop"
  engine                  = "aurora-mysql"
  backup_retention_period = 1
  copy_tags_to_snapshot   = false
  deletion_protection     = false
  storage_encrypted       = false
  backtrack_window        = 0
  tags                    = { team = "shop" }
}

resource "aws_rds_cluster" "ledger" {
  cluster_identifier        = "ledger"
  engine                    = "postgres"
  db_cluster_instance_class = "db.r6gd.large"
  backup_retention_period   = 1
  copy_tags_to_snapshot     = false
  deletion_protection       = false
  storage_encrypted         = false
  tags                      = { team = "shop" }
}

resource "aws_rds_cluster" "stock" {
  cluster_identifier        = "stock"
  engine                    = "mysql"
  db_cluster_instance_class = "db.r6gd.large"
  backup_retention_period   = 1
  copy_tags_to_snapshot     = false
  deletion_protection       = false
  storage_encrypted         = false
  tags                      = { team = "shop" }
}

resource "aws_rds_cluster_instance" "shop_1" {
  identifier         = "shop-1"
  cluster_identifier = aws_rds_cluster.shop.cluster_identifier
  engine             = aws_rds_cluster.shop.engine
  instance_class     = "db.r6g.large"
  availability_zone  = "eu-west-1a"
  tags               = { team = "shop" }
}

resource "aws_rds_cluster_instance" "shop_2" {
  identifier         = "shop-2"
  cluster_identifier = aws_rds_cluster.shop.cluster_identifier
  engine             = aws_rds_cluster.shop.engine
  instance_class     = "db.r6g.large"
  availability_zone  = "eu-west-1a"
  tags               = { team = "shop" }
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  instance_class          = "db.r6g.large"
  allocated_storage       = 20
  multi_az                = false
  backup_retention_period = 1
  copy_tags_to_snapshot   = false
  deletion_protection     = false
  storage_encrypted       = false
  tags                    = { team = "shop" }
}

resource "aws_db_snapshot" "orders" {
  db_snapshot_identifier = "orders-kept"
  db_instance_identifier = aws_db_instance.orders.identifier
  shared_accounts        = ["all"]
}

resource "aws_db_cluster_snapshot" "shop" {
  db_cluster_snapshot_identifier = "shop-kept"
  db_cluster_identifier          = aws_rds_cluster.shop.cluster_identifier
  shared_accounts                = ["all"]
}
