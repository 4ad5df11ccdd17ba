more = {
  "sa-east" = {
    days = 1 # days
  }
  "af-south" = { days = 9 }
}
