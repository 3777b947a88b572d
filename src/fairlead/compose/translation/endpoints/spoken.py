"""The texts in which services may name each other: what the file says of them, and small files that are mounted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from fairlead.compose.reading.merging import as_build
from fairlead.compose.reading.tree import Entries, Items, Node, Scalar, scalars
from fairlead.compose.translation.desk import Desk

#: Keys whose texts look like addresses and are none.
_NO_ADDRESSES = (
    *("image", "build", "ports", "expose", "volumes", "env_file", "extends"),
    *("container_name", "hostname", "networks", "profiles", "labels", "annotations"),
)
_MOST_BYTES = 64 * 1024
_MOST_FILES = 20
_EXPOSE = re.compile(r"(?im)^\s*EXPOSE\s+(.+)$")


def spoken(node: Entries, desk: Desk) -> str:
    """The texts of a service that may name others."""
    children = [child for key, child in node.entries.items() if key not in _NO_ADDRESSES]
    arguments = node.entries.get("build")
    children += [arguments.entries["args"]] if isinstance(arguments, Entries) and "args" in arguments.entries else []
    said = [desk.peek(scalar) for child in children for scalar in scalars(child)]
    return "\n".join([*said, *_mounted(node.entries.get("volumes"), desk)])


def _mounted(volumes: Node | None, desk: Desk) -> Iterator[str]:
    """The texts of small files of the project that are mounted, such as the configuration of a proxy."""
    for item in volumes.items if isinstance(volumes, Items) else ():
        source = item.entries.get("source") if isinstance(item, Entries) else item
        if not isinstance(source, Scalar):
            continue
        path = posixpath.normpath(desk.peek_path(source).partition(":")[0])
        if path.startswith(("/", "~", "..")) or path == ".":
            continue
        found = [path] if desk.files.is_file(path) else desk.files.files_below(path, _MOST_FILES)
        yield from (_text(file, desk) for file in found)


def exposed_ports(node: Entries, desk: Desk) -> list[int]:
    """The ports that the Dockerfile of a service exposes; none where it builds no image of this project."""
    build = node.entries.get("build")
    long = as_build(build) if build is not None else None
    if long is None:
        return []
    context, name = long.entries.get("context"), long.entries.get("dockerfile")
    folder = desk.peek_path(context) if isinstance(context, Scalar) else long.scope.directory
    file = desk.peek(name) if isinstance(name, Scalar) else "Dockerfile"
    text = _text(posixpath.normpath(posixpath.join(folder, file)), desk)
    last_stage = re.split(r"(?im)^\s*FROM\s", text)[-1]
    words = [word.partition("/")[0] for line in _EXPOSE.findall(last_stage) for word in line.split()]
    return [int(word) for word in words if re.fullmatch(r"(?a)\d{1,5}", word) and 0 < int(word) < 65536]


def _text(path: str, desk: Desk) -> str:
    """The text of a file; empty where it is none, or a large one."""
    try:
        content = desk.files.read(path)
        return content.decode("utf-8") if len(content) <= _MOST_BYTES else ""
    except (OSError, ValueError):
        return ""
