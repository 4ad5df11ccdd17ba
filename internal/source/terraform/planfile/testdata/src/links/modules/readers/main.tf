variable "cluster_id" { type = string }
variable "zones" { type = list(string) }

resource "aws_neptune_cluster_instance" "this" {
  count              = length(var.zones)
  cluster_identifier = var.cluster_id
  instance_class     = "db.r6g.large"
  availability_zone  = var.zones[count.index]
}
