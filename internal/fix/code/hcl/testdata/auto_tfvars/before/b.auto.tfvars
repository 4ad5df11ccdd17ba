days = 2
