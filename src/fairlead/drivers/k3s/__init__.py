"""How clusters are brought up and down, and what is declared in them."""
