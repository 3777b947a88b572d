"""The tree of a cluster: its nodes, workloads and pods as observed children, kept by watches."""

from fairlead.drivers.k3s.tree.show import show_tree

__all__ = ["show_tree"]
