clusters = {
  empty   = { copy = true, days = 7 }
  folded  = { copy = true, days = 7 }
  quoted  = { "copy" : true, "days" : 7 }
  several = { days = 7, copy = true } # on one line
  lines = {
    days = 7 # not enough
    copy = true
  }
  commas = {
    copy = true,
    days = 7,
  }
  comments = {
    # nothing yet
    copy = true
    days = 7
  }
  heredoc = { name = <<-EOT
    a text
    EOT
    copy = true
    days = 7
  }
  enough = { days = 7, copy = true }
}
