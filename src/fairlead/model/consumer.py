"""What the values of a consumer depend on: its network and the mode; and what a reference gives to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from fairlead.model.value import ValueLike
from fairlead.model.volume import BindMount, ContainerFile, VolumeMount


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
