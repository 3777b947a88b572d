"""What a container finds in its file system beyond its image."""

from __future__ import annotations

from types import NoneType
from typing import Literal, TypeAlias

from fairlead.model.argument_checks import kind_of
from fairlead.model.locations import NOWHERE, Location
from fairlead.model.values.value import Value
from fairlead.records import aside, record

#: What a cluster gets for a bind mount: a copy, a value for each file that is required at installation, or nothing.
PublishMount: TypeAlias = Literal["config", "secret", "skip"]


@record
class VolumeMount:
    """A named volume of the engine, or of the cluster, at a path.

    Args:
        name: Its name; None for an anonymous one.
        target: Absolute path in the container.
        read_only: Whether it can only be read there.
        env: The variable that tells the program the path.
        where: The line that declared it.
    """

    name: str | None
    target: str
    read_only: bool = False
    env: str | None = None
    where: Location = aside(default=NOWHERE)


class VolumeFolder(Value):
    """The folder of this machine in which a run keeps the volume of a process.

    Args:
        volume: The name of the volume.
    """

    def __init__(self, volume: str) -> None:
        self.volume = volume

    def describe(self) -> str:
        """The volume."""
        return f"the folder of the volume {self.volume!r}"


@record
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


@record
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


def file_problem(file: object) -> str | None:
    """What was given in place of a file that can be put into a container, in words; None for a good one."""
    if not isinstance(file, ContainerFile):
        return kind_of(file)
    if not isinstance(file.path, str) or not file.path.strip("/ "):
        return "a file without a path"
    if (file.contents is None) == (file.source is None):
        return f"the file {file.path} without contents"
    if not isinstance(file.contents, (str, bytes, Value, NoneType)):
        return f"{kind_of(file.contents)} as contents of {file.path}"
    if not isinstance(file.source, (str, NoneType)) or not isinstance(file.mode, int):
        return f"a wrong source or mode for {file.path}"
    if not 0 <= file.mode <= 0o777:  # all that a volume of a cluster can have
        return f"the mode {file.mode:#o} for {file.path}"
    return None
