"""Storage of a cluster that belongs to no workload: a claim, and the volume that it is bound to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Self, get_args

from fairlead.model.kubernetes.annotations import Annotation
from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.kubernetes.parts import ClusterPart, ComputeEnvironment
from fairlead.model.kubernetes.quantity import is_storage_size
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.names import listing, nearest
from fairlead.model.parameter import Parameter
from fairlead.model.values.value import Value

AccessMode = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
ACCESS_MODES: tuple[str, ...] = get_args(AccessMode)
#: For one pod of the whole cluster.
ONE_POD: AccessMode = "ReadWriteOncePod"
#: What Kubernetes 1.36 knows as sources of a PersistentVolume.
SOURCES = (
    *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker"),
    *("gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume"),
    *("quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
)
ReclaimPolicy = Literal["Retain", "Delete"]
RECLAIM_POLICIES: tuple[str, ...] = get_args(ReclaimPolicy)


class PersistentVolume(ClusterPart, CustomizableObjects):
    """Storage independent of any workload.

    It is a new claim, for which the cluster makes a volume; with ``with_source`` a claim and its volume; with
    ``with_existing_volume`` a claim of a volume that exists; with ``with_existing_claim`` neither.

    Args:
        name: The resource's name, which the claim has too.
        environment: The cluster.
    """

    kind: ClassVar[str] = "Persistent volume"

    def __init__(self, name: str, environment: ComputeEnvironment) -> None:
        super().__init__(name, environment)
        self.capacity: str | Parameter | None = None
        #: The class; empty for none at all, None for the environment's.
        self.storage_class: str | Parameter | None = None
        self.access_modes: list[str] = []
        self.annotations: dict[str, Annotation] = {}
        self.source: dict[str, Any] | None = None
        self.mount_options: list[str] = []
        self.reclaim_policy: ReclaimPolicy | None = None
        self.existing_volume: str | Parameter | None = None
        self.existing_claim: str | Parameter | None = None

    def with_capacity(self, amount: str | Parameter) -> Self:
        """Set how much it holds, such as ``10Gi``; by default the environment's ``default_storage_size``."""
        self._declare("with_capacity")
        if self._given("with_capacity", "amount", amount):
            if isinstance(amount, Parameter) or is_storage_size(amount):
                self.capacity = amount
            else:
                mistake(
                    f"with_capacity() got {amount!r} as amount",
                    resource=self.name,
                    remedy="Write it like '10Gi'; it has to be more than nothing, in whole bytes.",
                )
        return self

    def with_storage_class(self, name: str | Parameter) -> Self:
        """Set the class of its storage.

        Args:
            name: The StorageClass; ``""`` for none, so that nothing is provisioned and the claim waits for a volume
                without class. By default the environment's ``default_storage_class_name``; with a source or an existing
                volume, none.
        """
        self._declare("with_storage_class")
        if isinstance(name, str) and not name:
            self.storage_class = ""
        elif self._named("with_storage_class", name):
            self.storage_class = name
        return self

    def with_access_mode(self, mode: AccessMode) -> Self:
        """Set who may mount it at once; several calls allow several. By default the environment's policy."""
        self._declare("with_access_mode")
        if self._one_of("with_access_mode", "mode", mode, ACCESS_MODES) and mode not in self.access_modes:
            if self.access_modes and ONE_POD in (mode, *self.access_modes):
                mistake(
                    f"with_access_mode() got {mode!r} beside {self.access_modes[0]!r}",
                    resource=self.name,
                    remedy=f"{ONE_POD} goes with no other mode: leave one of them out.",
                )
            else:
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
            if self._is_source(entries[0][0]):
                self.source = dict(source)
        else:
            mistake(
                "with_source() needs a mapping with one entry, the kind of storage",
                resource=self.name,
                remedy='Write {"nfs": {"server": "…", "path": "…"}}.',
            )
        return self

    def _is_source(self, kind: str) -> bool:
        if kind in SOURCES:
            return True
        guess = nearest(kind, SOURCES)
        mistake(
            f"with_source() got {kind!r}, and a PersistentVolume has no such source",
            resource=self.name,
            remedy=f"Did you mean {guess!r}?" if guess else f"There are {listing(SOURCES)}.",
        )
        return False

    def with_mount_options(self, *options: str) -> Self:
        """Set the options that nodes mount the volume of ``with_source`` with, such as ``nfsvers=4.1``."""
        self._declare("with_mount_options")
        self.mount_options += [option for option in options if self._text("with_mount_options", "option", option)]
        return self

    def with_reclaim_policy(self, policy: ReclaimPolicy) -> Self:
        """Set what becomes of the volume of ``with_source`` when its claim is deleted.

        Args:
            policy: ``Retain`` (the default) keeps the volume and its data, ``Delete`` has the cluster delete both.
        """
        self._declare("with_reclaim_policy")
        if self._one_of("with_reclaim_policy", "policy", policy, RECLAIM_POLICIES):
            self.reclaim_policy = policy
        return self

    def with_existing_volume(self, name: str | Parameter) -> Self:
        """Claim a PersistentVolume that the cluster has already, by its name.

        Its class and access modes have to be the claim's too, and its capacity at least that of the claim.
        """
        self._declare("with_existing_volume")
        if self._named("with_existing_volume", name):
            self.existing_volume = name
        return self

    def with_existing_claim(self, name: str | Parameter) -> Self:
        """Use a claim that is in the namespace already, instead of making one."""
        self._declare("with_existing_claim")
        if self._named("with_existing_claim", name):
            self.existing_claim = name
        return self

    def with_volume_annotation(self, key: str, value: str | Value) -> Self:
        """Put an annotation on the claim.

        Args:
            key: The annotation.
            value: Its text; a parameter, or a ``ref`` with one in it.
        """
        self._declare("with_volume_annotation")
        if self._annotation("with_volume_annotation", key, value):
            self.annotations[key] = Annotation(value, user_location())
        return self

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also its parameters, and those of its annotations."""
        yield from super()._given_values()
        for given in (self.capacity, self.storage_class, self.existing_volume, self.existing_claim):
            yield given, self.where
        for annotation in self.annotations.values():
            yield annotation.value, annotation.where

    def _finish(self) -> None:
        """Report several answers to the question which volume it is."""
        super()._finish()
        given = {
            "with_source()": self.source,
            "with_existing_volume()": self.existing_volume,
            "with_existing_claim()": self.existing_claim,
        }
        methods = [method for method, what in given.items() if what is not None]
        if len(methods) > 1 and self.existing_claim is None:  # what an existing claim makes idle is a warning
            mistake(f"{' and '.join(methods)} name two volumes", resource=self.name, remedy="Take one of them away.")

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
