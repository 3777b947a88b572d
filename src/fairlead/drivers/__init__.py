"""How each kind of resource is brought up and down; mirrors resources."""
