"""Folders of projects as data, and as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fairlead.projects.folder import READ_FILES, ProjectFolder


def project_folder(path: str, *names: str, texts: Mapping[str, str] | None = None, src: str = "") -> ProjectFolder:
    """A folder that holds these paths, and files with these texts."""
    texts = {**{name: "" for name in names if name in READ_FILES}, **(texts or {})}
    broken = frozenset(name.removesuffix(" (broken)") for name in names if name.endswith(" (broken)"))
    paths = frozenset(name for name in names if name not in READ_FILES and not name.endswith(" (broken)"))
    return ProjectFolder(Path(path), paths, texts, broken, frozenset(src.split()))


def write_program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    """A file that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path
