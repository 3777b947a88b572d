"""Helm releases of a cluster."""
