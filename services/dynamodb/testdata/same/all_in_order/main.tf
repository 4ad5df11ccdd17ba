resource "aws_dynamodb_table" "orders" {
  name = "orders"
  hash_key = "id"
  deletion_protection_enabled = true
  point_in_time_recovery {
    enabled = true
  }
}
