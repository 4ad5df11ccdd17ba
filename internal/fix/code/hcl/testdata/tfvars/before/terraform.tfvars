# prod
name = "x"
days = 1