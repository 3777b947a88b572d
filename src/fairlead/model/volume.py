"""What a container finds in its file system beyond its image."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.model.value import Value


@dataclass(frozen=True, slots=True)
class VolumeMount:
    """A named volume of the engine, or of the cluster, at a path. ``name`` is None for an anonymous one."""

    name: str | None
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class BindMount:
    """A file or folder of the host at a path; ``source`` is relative to the app file's folder."""

    source: str
    target: str
    read_only: bool = False


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
