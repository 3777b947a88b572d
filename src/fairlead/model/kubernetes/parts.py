"""What belongs to a cluster that an app is published to, and what a program can ask for there. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fairlead.model.argument_checks import kind_of
from fairlead.model.locations import mistake
from fairlead.model.resource import Resource


class ComputeEnvironment(Resource):
    """Something that programs can be published to."""

    kind: ClassVar[str] = "Compute environment"


class ClusterPart(Resource):
    """A part of an environment.

    Args:
        name: The resource's name.
        environment: What it is a part of.
    """

    def __init__(self, name: str, environment: ComputeEnvironment) -> None:
        super().__init__(name)
        self.environment = environment


class NodePool(ClusterPart):
    """Nodes of a cluster that are alike.

    Args:
        name: The resource's name.
        environment: The cluster.
        labels: The labels that the nodes have.
    """

    kind: ClassVar[str] = "Node pool"

    def __init__(self, name: str, environment: ComputeEnvironment, labels: Mapping[str, str]) -> None:
        super().__init__(name, environment)
        self.labels = dict(labels)


def is_part(value: object, kind: type[ClusterPart], resource: Resource, method: str) -> bool:
    """Whether a value is a part of an environment of some kind; else that is a mistake.

    Args:
        value: What was given.
        kind: What it has to be.
        resource: What it was given to.
        method: How.
    """
    if isinstance(value, kind):
        return True
    adding = "add_node_pool" if kind is NodePool else "add_persistent_volume"
    mistake(
        f"{method}() needs a {kind.kind.lower()}, not {kind_of(value)}",
        resource=resource.name,
        remedy=f"Pass what {adding}() of an environment returned.",
    )
    return False
