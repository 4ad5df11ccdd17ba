module "shop" {
  source    = "./shop"
  retention = 1 # days
}
