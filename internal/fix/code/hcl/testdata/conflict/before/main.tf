module "dev" {
  source = "./graph"
  env    = "dev"
}

module "prod" {
  source = "./graph"
  env    = "prod"
}
