resource "aws_neptune_cluster" "main" {
   cluster_identifier="graph"
   backup_retention_period   =    1 # days
      skip_final_snapshot = true
}

resource "aws_neptune_cluster" "columns" {
  cluster_identifier      = "graph"      # the name
  backup_retention_period = 1            # days
  deletion_protection     = false        // for now
}
