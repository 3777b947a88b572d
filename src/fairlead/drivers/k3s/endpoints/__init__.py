"""Service endpoints: Services of a cluster that are reached through its node."""
