variable "name" {}

variable "suffix" {
  default = "!"
}

output "name" {
  value = "${var.name}${var.suffix}"
}

output "path" {
  value = path.module
}

output "pair" {
  value = { name = var.name, length = length(var.name) }
}
