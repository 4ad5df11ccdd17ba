module "graph" {
  source  = "example/graph/aws"
  version = "1.2.0"
  days    = 1
}
