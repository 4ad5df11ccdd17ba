# prod
name = "x"
days = 7