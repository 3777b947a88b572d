"""Images in the nodes of a cluster, and the registry that they pull from."""
