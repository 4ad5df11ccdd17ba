resource "aws_neptune_cluster" "main" {
   cluster_identifier="graph"
   backup_retention_period   =    7 # days
      skip_final_snapshot = true
   deletion_protection = true
}

resource "aws_neptune_cluster" "columns" {
  cluster_identifier      = "graph"      # the name
  backup_retention_period = 7            # days
  deletion_protection     = true         // for now
}
