"""Charts of this machine: what belongs to one, what it depends on, and a digest by which a change is seen."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fairlead.engines.helm import HelmError
from fairlead.engines.helm.helmignore import HelmIgnore

CHART_FILE = "Chart.yaml"


@dataclass(frozen=True, slots=True)
class Dependency:
    """A chart that another one depends on.

    Args:
        name: Its name.
        repository: Where it comes from: an address, ``oci://…``, ``file://…``, ``@name``; empty for a folder in
            ``charts``.
    """

    name: str
    repository: str

    @property
    def path(self) -> str | None:
        """Its folder, from the folder of the chart that depends on it; None where it comes from somewhere else."""
        return self.repository.removeprefix("file://") if self.repository.startswith("file://") else None


def chart_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The paths of what belongs to a chart, folders included, each from the chart's folder and as it is.

    Links are followed, as Helm does; a folder that is met a second time that way is left out.

    Raises:
        OSError: A folder can't be read.
    """
    rules = HelmIgnore.parse(_text(folder / ".helmignore"))
    seen = {folder.resolve()}
    for place, names, files in os.walk(folder, followlinks=True, onerror=_raise):
        above = Path(place).relative_to(folder)
        kept = []
        for name in sorted(names):
            path, real = (above / name).as_posix(), Path(place, name).resolve()
            if real not in seen and not rules.leaves_out(path, is_folder=True):
                seen.add(real)
                kept.append(name)
                yield path, Path(place, name)
        names[:] = kept
        for name in sorted(files):
            path = (above / name).as_posix()
            if not rules.leaves_out(path, is_folder=False):
                yield path, Path(place, name)


def chart_digest(chart: Path) -> str:
    """A digest of all that belongs to a chart's folder, or of its archive.

    Raises:
        HelmError: It can't be read.
    """
    digest = hashlib.sha256()
    try:
        for name, path in chart_files(chart) if chart.is_dir() else [("", chart)]:
            content = b"" if path.is_dir() else path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
            digest.update(content)
    except OSError as error:
        raise HelmError(f"{error.filename or chart} can't be read: {error.strerror or error}") from error
    return digest.hexdigest()


def dependencies_of(folder: Path) -> list[Dependency]:
    """What a chart depends on, from its ``Chart.yaml``, or ``requirements.yaml`` as charts for Helm 2 have it.

    Raises:
        HelmError: One of them is no YAML.
    """
    entries = [*_entries(folder / CHART_FILE), *_entries(folder / "requirements.yaml")]
    return [Dependency(str(entry.get("name", "")), str(entry.get("repository") or "")) for entry in entries]


def missing_dependencies(folder: Path) -> list[Dependency]:
    """What a chart depends on that is not in its folder ``charts``, as a folder or an archive."""
    charts = folder / "charts"
    there = [path.name for path in charts.iterdir()] if charts.is_dir() else []
    return [dependency for dependency in dependencies_of(folder) if not _is_among(dependency.name, charts, there)]


def _is_among(name: str, charts: Path, there: list[str]) -> bool:
    archive = re.compile(rf"{re.escape(name)}-v?\d.*\.(tgz|tar\.gz)")
    return (charts / name / CHART_FILE).is_file() or any(archive.fullmatch(entry) for entry in there)


def _entries(path: Path) -> list[Mapping[str, Any]]:
    try:
        content = yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise HelmError(f"{path}{line} is no YAML: {getattr(error, 'problem', None) or error}") from error
    entries = content.get("dependencies") if isinstance(content, dict) else None
    return [entry for entry in entries or () if isinstance(entry, dict)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _raise(error: OSError) -> None:
    raise error
