"""What the values of a consumer depend on: its network and the mode; and what a reference gives to it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

from fairlead.model.values.value import ValueLike
from fairlead.model.volume import BindMount, ContainerFile, VolumeMount
from fairlead.records import record


class Mode(StrEnum):
    """What a definition is evaluated for."""

    RUN = "run"
    PUBLISH = "publish"


ModeText: TypeAlias = Literal["run", "publish"]
"""The text of a :class:`Mode`."""


class Network(StrEnum):
    """From where an address is looked at."""

    HOST = "host"
    CONTAINER = "container"
    POD = "pod"


@record
class Contribution:
    """What a referenced resource gives to one consumer.

    Args:
        env: Environment variables; values may be deferred.
        mounts: Volumes and bind mounts, for a consumer that is a container.
        extra_hosts: Host names and their addresses, for a consumer that is a container.
        files: Files that are put into a container.
    """

    env: Mapping[str, ValueLike] = MappingProxyType({})
    mounts: tuple[VolumeMount | BindMount, ...] = ()
    extra_hosts: Mapping[str, str] = MappingProxyType({})
    files: tuple[ContainerFile, ...] = ()
