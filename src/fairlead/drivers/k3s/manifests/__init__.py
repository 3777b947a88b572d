"""Manifests of a cluster: read, applied in order, and pruned."""
