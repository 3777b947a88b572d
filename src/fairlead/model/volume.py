"""What a container finds in its file system beyond its image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from fairlead.model.value import Value

#: What a cluster gets for a bind mount: a copy, a value for each file that is required at installation, or nothing.
PublishMount: TypeAlias = Literal["config", "secret", "skip"]


@dataclass(frozen=True, slots=True)
class VolumeMount:
    """A named volume of the engine, or of the cluster, at a path. ``name`` is None for an anonymous one."""

    name: str | None
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class BindMount:
    """A file or folder of the host at a path.

    Args:
        source: Relative to the app file's folder.
        target: Absolute path in the container.
        read_only: Whether it can only be read there.
        publish_mount: What a cluster gets for it; None for what the rules of bind mounts say.
    """

    source: str
    target: str
    read_only: bool = False
    publish_mount: PublishMount | None = None


@dataclass(frozen=True, slots=True)
class ContainerFile:
    """A file that is copied into a container before it starts.

    Args:
        path: Absolute path in the container.
        contents: Its text or bytes, or a deferred value; None when ``source`` is given.
        source: A file of the host to copy, relative to the app file's folder.
        mode: Permission bits.
    """

    path: str
    contents: str | bytes | Value | None = None
    source: str | None = None
    mode: int = 0o644
