module "shop" {
  source    = "./shop"
  retention = 7 # days
}
