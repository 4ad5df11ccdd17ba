variable "open" {}

variable "name" {
  default = "graph"
}

variable "settings" {
  type = object({
    days  = optional(number, 7)
    zones = optional(list(string), ["a", "b"])
    more  = optional(object({ deep = optional(string, "yes") }), {})
  })
  default = {}
}

variable "converted" {
  type    = map(number)
  default = { a = "1", b = 2 }
}

variable "not_null" {
  type     = string
  default  = "default"
  nullable = false
}

locals {
  list   = ["c", "a", "b"]
  map    = { red = { days = 7 }, blue = { days = 1 } }
  nested = [{ name = "x", tags = ["p", "q"] }, { name = "y", tags = ["r"] }]
  number = 12
  text   = "Hello, World"
}

data "aws_region" "here" {}

resource "test_other" "one" {
  name = "only"
}

resource "test_other" "many" {
  count = 2
  name  = "many-${count.index}"
}

resource "test_other" "each" {
  for_each = local.map
  name     = "${each.key}-${each.value.days}"

  block {
    inner = each.key
  }
}

module "child" {
  source = "./child"
  name   = local.text
}

module "children" {
  source   = "./child"
  for_each = toset(["m", "n"])
  name     = each.key
}
