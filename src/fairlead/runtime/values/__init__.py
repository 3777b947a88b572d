"""What the values of a definition are in a run: addresses, outputs, parameters, variables and arguments."""
