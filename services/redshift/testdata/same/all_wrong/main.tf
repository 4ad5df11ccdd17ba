resource "aws_redshift_cluster" "reports" {
  cluster_identifier = "reports"
  node_type = "ra3.xlplus"
  automated_snapshot_retention_period = 1
}
