"""Usage: what the resources of a run take of the machine."""
