"""The tree of a cluster: its nodes, workloads and pods as observed children, kept by watches."""

from fairlead.drivers.k3s.tree.show import TreeShow

__all__ = ["TreeShow"]
