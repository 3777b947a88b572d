"""What belongs to a cluster that an app is published to, and what a program can ask for there. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self, get_args

from fairlead.model.argument_checks import kind_of
from fairlead.model.locations import mistake
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource

AccessMode = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
ACCESS_MODES: tuple[str, ...] = get_args(AccessMode)


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


class PersistentVolume(ClusterPart):
    """Storage independent of any workload: a new claim, a claim and its volume (``with_source``), or an existing claim.

    Args:
        name: The resource's name, which the claim has too.
        environment: The cluster.
    """

    kind: ClassVar[str] = "Persistent volume"

    def __init__(self, name: str, environment: ComputeEnvironment) -> None:
        super().__init__(name, environment)
        self.capacity: str | Parameter | None = None
        self.storage_class: str | Parameter | None = None
        self.access_modes: list[str] = []
        self.annotations: dict[str, str] = {}
        self.source: dict[str, Any] | None = None
        self.existing_claim: str | Parameter | None = None

    def with_capacity(self, amount: str | Parameter) -> Self:
        """Say how much it holds, such as ``10Gi``; by default the environment's ``default_storage_size``."""
        self._declare("with_capacity")
        if self._given("with_capacity", "amount", amount):
            self.capacity = amount
        return self

    def with_storage_class(self, name: str | Parameter) -> Self:
        """Say what kind of storage it is; by default the environment's ``default_storage_class_name``."""
        self._declare("with_storage_class")
        if self._named("with_storage_class", name):
            self.storage_class = name
        return self

    def with_access_mode(self, mode: AccessMode) -> Self:
        """Say who may mount it at once; several calls allow several. By default the environment's policy."""
        self._declare("with_access_mode")
        if self._one_of("with_access_mode", "mode", mode, ACCESS_MODES) and mode not in self.access_modes:
            self.access_modes.append(mode)
        return self

    def with_source(self, source: Mapping[str, Any]) -> Self:
        """Say where the data is, and so publish the volume as well as the claim.

        Args:
            source: As in a PersistentVolume: ``{"nfs": {"server": …, "path": …}}``, ``{"csi": {…}}``.
        """
        self._declare("with_source")
        entries = list(source.items()) if isinstance(source, Mapping) else []
        if len(entries) == 1 and isinstance(entries[0][0], str) and isinstance(entries[0][1], Mapping):
            self.source = dict(source)
        else:
            mistake(
                "with_source() needs a mapping with one entry, the kind of storage",
                resource=self.name,
                remedy='Write {"nfs": {"server": "…", "path": "…"}}.',
            )
        return self

    def with_existing_claim(self, name: str | Parameter) -> Self:
        """Use a claim that is in the namespace already, instead of making one."""
        self._declare("with_existing_claim")
        if self._named("with_existing_claim", name):
            self.existing_claim = name
        return self

    def with_volume_annotation(self, key: str, value: str) -> Self:
        """Put an annotation on the claim."""
        self._declare("with_volume_annotation")
        if self._annotation_key("with_volume_annotation", key) and self._text("with_volume_annotation", key, value):
            self.annotations[key] = value
        return self

    def _named(self, method: str, name: object) -> bool:
        """Whether it names an object, or is a parameter that may."""
        given = self._given(method, "name", name)
        return given and (isinstance(name, Parameter) or self._object_name(method, "name", name))

    def _given(self, method: str, what: str, value: object) -> bool:
        """Whether it is text, or a parameter that is no secret."""
        if not isinstance(value, Parameter):
            return self._text(method, what, value)
        if value.secret:
            mistake(f"{method}() got a secret as {what}", resource=self.name, remedy="Give a parameter that is none.")
        return not value.secret


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
