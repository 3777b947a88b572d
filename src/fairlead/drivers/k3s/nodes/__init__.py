"""The nodes of a cluster: what they are made from, what this machine makes necessary, and whether they are ready."""
