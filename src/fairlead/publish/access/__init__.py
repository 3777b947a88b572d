"""How callers outside the cluster get to workloads, and who may connect to them inside."""
