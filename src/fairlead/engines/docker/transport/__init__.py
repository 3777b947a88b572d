"""Ways to an engine: which one there is, and the connections to it."""
