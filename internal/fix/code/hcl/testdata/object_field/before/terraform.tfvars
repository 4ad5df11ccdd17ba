clusters = {
  empty   = {}
  folded  = { copy = true }
  quoted  = { "copy" : true }
  several = { days = 1, copy = true } # on one line
  lines = {
    days = 2 # not enough
  }
  commas = {
    copy = true,
  }
  comments = {
    # nothing yet
  }
  heredoc = { name = <<-EOT
    a text
    EOT
  }
  enough = { days = 7, copy = true }
}
