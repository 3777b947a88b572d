"""How a cluster is reached by those who refer to it, and what its pods reach by name."""
