module "graph" {
  for_each = toset(["eu", "us"])
  source   = "./graph"
  name     = each.key
}

module "other" {
  source = "./graph"
  name   = "other"
}
