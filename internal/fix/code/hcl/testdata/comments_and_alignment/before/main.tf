# The graph of the shop.
resource "aws_neptune_cluster" "main" {
  cluster_identifier      = "graph" # the name
  backup_retention_period = 1       # days
  deletion_protection     = false   // for now
  skip_final_snapshot     = true    # no
  port                    = 8182 /* the usual one */
  /* a comment
     over two lines */
  apply_immediately = true
}
