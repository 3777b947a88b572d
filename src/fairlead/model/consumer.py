"""Who asks for a value: the same endpoint has another address for a host process, a container and a pod."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from fairlead.model.value import ValueLike
from fairlead.model.volume import BindMount, ContainerFile, VolumeMount

if TYPE_CHECKING:
    from fairlead.model.resource import Resource


class Mode(StrEnum):
    """What a definition is evaluated for."""

    RUN = "run"
    PUBLISH = "publish"


class Network(StrEnum):
    """From where an address is looked at."""

    HOST = "host"
    CONTAINER = "container"
    POD = "pod"


@dataclass(frozen=True, slots=True)
class Consumer:
    """One reader of values.

    Args:
        resource: The resource whose environment, arguments or files are made.
        network: Where it runs, which decides the addresses it can reach.
        mode: Whether the app runs or is published.
        connection_name: The name it knows the other resource by, when ``with_reference`` gave one.
    """

    resource: Resource
    network: Network
    mode: Mode
    connection_name: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a referenced resource gives to one consumer.

    Args:
        env: Environment variables; values may be deferred.
        mounts: Volumes and bind mounts, for a consumer that is a container.
        extra_hosts: Host names and their addresses, for a consumer that is a container.
        files: Files that are put into a container.
    """

    env: Mapping[str, ValueLike] = field(default_factory=dict)
    mounts: tuple[VolumeMount | BindMount, ...] = ()
    extra_hosts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[ContainerFile, ...] = ()
