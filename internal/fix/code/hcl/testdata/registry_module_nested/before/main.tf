module "shop" {
  for_each = toset(["eu.west", "us"])
  source   = "./shop"
}
