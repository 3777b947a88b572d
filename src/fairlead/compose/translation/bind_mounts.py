"""What a cluster gets for a folder of this machine, decided by what is in it when the file is imported.

A chart copies read-only text of the project by itself. Compose files seldom say that a mount is read-only, so a small
text file that a program only reads looks like any folder that it writes to.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from fairlead.compose.reading.files import Files
from fairlead.compose.reading.paths import is_absolute

_MOST_BYTES = 256 * 1024
_MOST_FILES = 50
_SECRET = re.compile(r"(?i)(^|/)\.env[^/]*$|\.(key|pem|p12|pfx|jks)$|(^|/)id_[a-z0-9]+$")
_NOT_THERE = "a cluster has no folder of this machine; keep data in a volume: with_volume(NAME, TARGET)"


class Published(NamedTuple):
    """What a cluster gets for a mount.

    Args:
        mount: The argument ``publish_mount``; None to leave it to the rules of bind mounts.
        reason: What to say of it; empty for nothing.
    """

    mount: str | None
    reason: str


def publish_mount(files: Files, path: str, read_only: bool, is_built: bool) -> Published:
    """What a cluster gets for a file or folder of this machine.

    Args:
        files: The folder of the app file.
        path: What is mounted, relative to that.
        read_only: Whether the file says that it is only read.
        is_built: Whether the service builds its image, which has the source code already.
    """
    path = path if is_absolute(path) else posixpath.normpath(path)
    if is_absolute(path) or path.startswith(".."):
        return Published("skip", "it is outside of the project, so a cluster has nothing there")
    found = [path] if files.is_file(path) else files.files_below(path, _MOST_FILES + 1) if files.is_folder(path) else []
    if found and not is_built and _is_text(files, found):
        if any(_SECRET.search(file) for file in found):
            return Published("secret", "what looks secret is a value of the chart, asked for at installation")
        return Published(None if read_only else "config", "")
    if is_built:
        return Published("skip", "the image has its code, so a cluster mounts nothing there")
    if not found:
        return Published("skip", f"it is not there, or empty: {_NOT_THERE}")
    return Published("skip", f"it holds more than a few files of text: {_NOT_THERE}")


def _is_text(files: Files, found: list[str]) -> bool:
    """Whether files are so few and small that a chart can have copies of them, and hold text."""
    if len(found) > _MOST_FILES:
        return False
    total = 0
    for path in found:
        try:
            content = files.read(path)
            content.decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        total += len(content)
        if total > _MOST_BYTES or b"\0" in content:
            return False
    return True
