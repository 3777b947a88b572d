"""Fairlead: one Python file that runs a distributed application, and publishes it to Kubernetes."""
