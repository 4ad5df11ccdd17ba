module "graph" {
  source = "./graph"
  days   = null
}
