"""What a Kustomization is built from: all the files that it and its bases refer to, wherever they are.

Kustomize runs in a container, so these files are copied into it, below the folder that they have in common. Links stay
links, as Kustomize resolves a base's path from where the overlay really is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fairlead.drivers.k3s.manifests.files import KUSTOMIZATIONS, kustomization_in
from fairlead.drivers.k3s.manifests.yaml_documents import InvalidYaml, parse_documents
from fairlead.errors import StartError

SIZE_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of all files together."""

_PATHS: Final = ("resources", "bases", "components", "crds", "configurations")
_PATHS_OR_TEXTS: Final = ("patchesStrategicMerge", "generators", "transformers", "validators")
_WITH_PATH: Final = ("patches", "patchesJson6902", "replacements")
_GENERATORS: Final = ("configMapGenerator", "secretGenerator")
_REMOTE: Final = re.compile(
    r"[a-z0-9+.-]+://|git@|git::|(?:github\.com|gitlab\.com|bitbucket\.org)[/:]|.*\?ref=", re.IGNORECASE
)


@dataclass(slots=True)
class KustomizationSources:
    """The files of a Kustomization.

    Args:
        folder: The Kustomization's real folder.
        files: The files, by their real paths.
        links: Links on the way to them, with where they really lead.
        remotes: What is referred to that is not on this machine.
    """

    folder: Path
    files: set[Path] = field(default_factory=set)
    links: dict[Path, Path] = field(default_factory=dict)
    remotes: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """The folder that all of them have in common."""
        parents = (path.parent for path in (*self.files, *self.links))
        return Path(os.path.commonpath([self.folder, *parents, *self.links.values()]))


def find_sources(folder: Path, directory: Path) -> KustomizationSources:
    """Find what a Kustomization is built from.

    Args:
        folder: Its folder.
        directory: The folder that paths in messages are relative to.

    Raises:
        StartError: Something of it is not there, can't be read, or is more than is copied.
    """
    walk = _Walk(KustomizationSources(folder.resolve()), directory)
    walk.visit(walk.sources.folder)
    size = sum(file.stat().st_size for file in walk.sources.files)
    if size > SIZE_LIMIT:
        raise StartError(
            f"its Kustomization is built from {size / 2**20:.0f} MiB of files, more than {SIZE_LIMIT // 2**20} MiB",
            remedy="Leave large files out of its generators.",
        )
    return walk.sources


class _Walk:
    """Goes through Kustomizations, each of them once."""

    def __init__(self, sources: KustomizationSources, directory: Path) -> None:
        self.sources = sources
        self._directory = directory
        self._visited: set[Path] = set()

    def visit(self, folder: Path) -> None:
        """Add what the Kustomization in a real folder refers to."""
        if folder in self._visited:
            return
        self._visited.add(folder)
        file = kustomization_in(folder)
        if file is None:
            raise StartError(
                f"{self._shown(folder)} is no Kustomization: it has none of {', '.join(KUSTOMIZATIONS)}",
                remedy="Add one, or correct the path that leads there.",
            )
        self._add(file)
        content = self._read(file)
        self._refuse_charts(content, file)
        for entry in _references(content):
            self._follow(entry, folder, file)

    def _follow(self, entry: str, folder: Path, file: Path) -> None:
        path = Path(os.path.normpath(folder / entry))
        if path.exists():
            real = self._real(path)
            if real.is_dir():
                self.visit(real)
            else:
                self.sources.files.add(real)
        elif _REMOTE.match(entry):
            self.sources.remotes.append(entry)
        else:
            raise StartError(
                f"{self._shown(file)} refers to {entry}, and there is no {self._shown(path)}",
                remedy="Correct the path, or add what it leads to.",
            )

    def _add(self, path: Path) -> None:
        self.sources.files.add(self._real(path))

    def _real(self, path: Path) -> Path:
        """Where a path really leads; the links on the way are noted."""
        current = Path(path.anchor)
        for part in path.parts[1:]:
            current /= part
            if current.is_symlink():
                real = current.resolve()
                self.sources.links[current] = real
                current = real
        return current

    def _read(self, file: Path) -> Mapping[str, Any]:
        try:
            documents = parse_documents(file.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            raise StartError(f"{self._shown(file)} can't be read: {reason}") from error
        except InvalidYaml as error:
            raise StartError(f"{self._shown(file)} is not valid YAML: {error}", remedy="Correct it.") from error
        content = documents[0].content if documents else {}
        if not isinstance(content, Mapping):
            raise StartError(f"{self._shown(file)} is no Kustomization, which is a mapping", remedy="Correct it.")
        return content

    def _refuse_charts(self, content: Mapping[str, Any], file: Path) -> None:
        for name in ("helmCharts", "helmChartInflationGenerator"):
            if content.get(name):
                raise StartError(
                    f"{self._shown(file)} has {name}, for which Kustomize would need Helm",
                    remedy="Install the chart by add_helm_release(), and remove it there.",
                )

    def _shown(self, path: Path) -> str:
        return os.path.relpath(path, self._directory)


def _references(content: Mapping[str, Any]) -> Iterator[str]:
    """The paths in a Kustomization's file, as they are written."""
    for name in _PATHS:
        yield from _texts(content.get(name))
    for name in _PATHS_OR_TEXTS:
        yield from (text for text in _texts(content.get(name)) if "\n" not in text)
    for name in _WITH_PATH:
        yield from (path for entry in _mappings(content.get(name)) for path in _texts([entry.get("path")]))
    for name in _GENERATORS:
        for generator in _mappings(content.get(name)):
            yield from (text.partition("=")[2] or text for text in _texts(generator.get("files")))
            yield from _texts([*_texts(generator.get("envs")), generator.get("env")])
    yield from (path for entry in _mappings([content.get("openapi")]) for path in _texts([entry.get("path")]))


def _texts(value: Any) -> list[str]:
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    return [entry for entry in entries if isinstance(entry, str) and entry]


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]
