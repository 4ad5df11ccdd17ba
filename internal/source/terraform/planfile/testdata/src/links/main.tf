# How instances find their cluster when its id is known only after apply.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "north"
  region                      = "eu-north-1"
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

locals {
  zones   = ["eu-west-1a", "eu-west-1b"]
  hidden  = aws_neptune_cluster.hidden.id
  regions = toset(["eu", "us"])
}

# One after the other, by number.
resource "aws_neptune_cluster" "counted" {
  count = 2
}

resource "aws_neptune_cluster_instance" "counted" {
  count              = 2
  cluster_identifier = aws_neptune_cluster.counted[count.index].id
  instance_class     = "db.r6g.large"
  availability_zone  = local.zones[0]
}

# Two each, so that the numbers differ: which belongs to which cannot be told.
resource "aws_neptune_cluster" "paired" {
  count = 2
}

resource "aws_neptune_cluster_instance" "paired" {
  count              = 4
  cluster_identifier = aws_neptune_cluster.paired[floor(count.index / 2)].id
  instance_class     = "db.r6g.large"
  availability_zone  = local.zones[count.index % 2]
}

# By name, two instances each.
resource "aws_neptune_cluster" "named" {
  for_each = local.regions
}

resource "aws_neptune_cluster_instance" "named_a" {
  for_each           = local.regions
  cluster_identifier = aws_neptune_cluster.named[each.key].id
  instance_class     = "db.r6g.large"
  availability_zone  = local.zones[0]
}

resource "aws_neptune_cluster_instance" "named_b" {
  for_each           = aws_neptune_cluster.named
  cluster_identifier = each.value.id
  instance_class     = "db.r6g.large"
  availability_zone  = local.zones[1]
}

# By a fixed key.
resource "aws_neptune_cluster" "fixed" {
  for_each = local.regions
}

resource "aws_neptune_cluster_instance" "fixed" {
  for_each           = toset(local.zones)
  cluster_identifier = aws_neptune_cluster.fixed["eu"].id
  instance_class     = "db.r6g.large"
  availability_zone  = each.key
}

# Through a local, which a plan does not show: whose they are cannot be told,
# and so not of any other cluster in that region either.
resource "aws_neptune_cluster" "hidden" {
  provider = aws.north
}

resource "aws_neptune_cluster_instance" "hidden" {
  provider           = aws.north
  count              = 2
  cluster_identifier = local.hidden
  instance_class     = "db.r6g.large"
  availability_zone  = local.zones[count.index]
}

# The only one there is.
resource "aws_neptune_cluster" "maybe" {
  count = 1
}

resource "aws_neptune_cluster_instance" "maybe" {
  count              = 2
  cluster_identifier = one(aws_neptune_cluster.maybe[*].id)
  instance_class     = "db.r6g.large"
  availability_zone  = local.zones[count.index]
}

# Out of one module and into another.
module "cluster" {
  source = "./modules/cluster"
}

module "readers" {
  source     = "./modules/readers"
  cluster_id = module.cluster.cluster_id
  zones      = local.zones
}

# The same, once per region.
module "clusters" {
  source   = "./modules/cluster"
  for_each = local.regions
}

module "many" {
  source     = "./modules/readers"
  for_each   = local.regions
  cluster_id = module.clusters["eu"].cluster_id
  zones      = [local.zones[each.key == "eu" ? 0 : 1]]
}

# No zone named.
resource "aws_neptune_cluster" "zoneless" {
}

resource "aws_neptune_cluster_instance" "zoneless" {
  count              = 2
  cluster_identifier = aws_neptune_cluster.zoneless.id
  instance_class     = "db.r6g.large"
}

# In another region.
resource "aws_neptune_cluster" "north" {
  provider           = aws.north
  cluster_identifier = "north"
}

resource "aws_neptune_cluster_snapshot" "north" {
  provider                       = aws.north
  db_cluster_identifier          = aws_neptune_cluster.north.id
  db_cluster_snapshot_identifier = "north"
}
