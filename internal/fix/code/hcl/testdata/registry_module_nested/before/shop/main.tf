module "graph" {
  source  = "example/graph/aws"
  version = "1.2.0" # the last good one

  providers = {
    aws = aws
  }
}
