resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id = "sessions"
  description = "sessions"
  snapshot_retention_limit = 5
}

resource "aws_elasticache_cluster" "lone" {
  cluster_id = "lone"
  engine = "redis"
  snapshot_retention_limit = 5
}

resource "aws_elasticache_cluster" "pages" {
  cluster_id = "pages"
  engine = "memcached"
}
