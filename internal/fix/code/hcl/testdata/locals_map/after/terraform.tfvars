more = {
  "sa-east" = {
    days = 7 # days
  }
  "af-south" = { days = 9 }
}
