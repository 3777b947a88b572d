"""Running a command inside a part of a cluster: a node, a pod, or a pod of a workload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_WITH_PODS: Final = ("deployment", "statefulset", "daemonset", "job")


@dataclass(frozen=True, slots=True)
class CommandInNode:
    """A command inside the container of a node.

    Args:
        node: The node's name; None for the server.
        argv: The command.
    """

    node: str | None
    argv: tuple[str, ...]


def command_inside(child: str, argv: tuple[str, ...], *, terminal: bool) -> CommandInNode | None:
    """What to run in a node's container so that a command runs in an observed child; None where it has no place.

    A pod is entered by the server's own ``kubectl``, so nothing has to be installed on this machine.

    Args:
        child: The id of the child.
        argv: The command.
        terminal: Whether a user at a terminal runs it.
    """
    _, kind, namespace, name = child.split("/")
    if kind == "node":
        return CommandInNode(name, argv)
    if kind != "pod" and kind not in _WITH_PODS:
        return None
    target = name if kind == "pod" else f"{kind}/{name}"
    flags = ("-i", "-t") if terminal else ("-i",)
    return CommandInNode(None, ("kubectl", "exec", "-q", *flags, "-n", namespace, target, "--", *argv))
