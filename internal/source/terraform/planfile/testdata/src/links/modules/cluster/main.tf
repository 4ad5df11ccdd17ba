resource "aws_neptune_cluster" "this" {
  count             = 1
  storage_encrypted = true
}

output "cluster_id" {
  value = aws_neptune_cluster.this[0].id
}
