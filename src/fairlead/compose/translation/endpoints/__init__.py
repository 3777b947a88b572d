"""Where services listen, how they find each other, and which routes lead to them."""
