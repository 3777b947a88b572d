"""The chart of a release as a folder or archive of this machine, whether it is one or comes from elsewhere.

What was fetched or built is kept in the user's cache, so that a second start works without a network. A chart of an
exact version is fetched once; of others the newest is asked for, and what is in the cache does where nobody answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fairlead.drivers.paths import host_path
from fairlead.engines.helm import Chart, Helm, HelmError
from fairlead.engines.helm.chart_folder import (
    CHART_FILE,
    Dependency,
    chart_digest,
    chart_files,
    missing_dependencies,
)
from fairlead.errors import EngineError, StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.resources.k3s.helm_release import HelmRelease
from fairlead.runtime.store.folders import cache_folder

_EXACT: Final = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_ARCHIVES: Final = (".tgz", ".tar.gz")


def local_chart(context: DriverContext, release: HelmRelease) -> Path | None:
    """The folder or archive of a chart of this machine; None for one that comes from elsewhere.

    Raises:
        StartError: There is none of that path.
    """
    if not release.is_local_chart:
        _require_repository(release)
        return None
    path = Path(os.path.normpath(host_path(context.directory, release.chart)))
    if path.is_file():
        if path.name.endswith(_ARCHIVES):
            return path
        raise StartError(
            f"its chart {release.chart} is a file, and no archive of a chart",
            remedy="Give the chart's folder, or an archive that helm package has made.",
        )
    if not path.is_dir():
        raise StartError(
            f"its chart {release.chart} is not there: {path}",
            remedy="Correct the path, which starts at the app file's folder; for a chart of a repository give repo=.",
        )
    if not (path / CHART_FILE).is_file():
        raise StartError(
            f"its chart {release.chart} has no {CHART_FILE}: {path}",
            remedy="Give the folder that has it; helm create makes a chart to begin with.",
        )
    return path


def local_digest(chart: Path) -> str:
    """A digest of a chart of this machine, with the folders that it depends on and that are not in it yet.

    Raises:
        HelmError: It can't be read.
    """
    digests = [chart_digest(folder) for folder in (_folders_of(chart) if chart.is_dir() else [chart])]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


class ChartCache:
    """Charts that were fetched or built.

    Args:
        folder: Where they are.
        log: Takes a line about what is done.
        is_refresh: Whether to fetch also what is there.
    """

    def __init__(self, folder: Path, log: Callable[[str], None], *, is_refresh: bool = False) -> None:
        self._folder = folder
        self._log = log
        self._is_refresh = is_refresh

    async def fetched(self, helm: Helm, chart: Chart, on_output: Callable[[list[bytes]], None]) -> Path:
        """The archive of a chart from a repository or registry.

        Args:
            helm: Fetches it.
            chart: The chart.
            on_output: Takes what Helm writes.

        Raises:
            HelmError: It can't be had, and is not in the cache.
        """
        place = self._folder / "fetched" / _key(chart.repository or "", chart.reference, chart.version or "")
        known = next(iter(sorted(place.glob("*.tgz"))), None)
        if known is not None and not self._is_refresh and _EXACT.fullmatch(chart.version or ""):
            return known
        try:
            with _new_folder(place) as folder:
                archive = await helm.pull(chart, folder, on_output)
        except HelmError as error:
            if known is None:
                raise
            self._log(f"The chart can't be fetched, so {known.name} is used, as it was fetched before: {error.message}")
            return known
        return place / archive.name

    async def built(self, helm: Helm, chart: Path, on_output: Callable[[list[bytes]], None]) -> Path:
        """A copy of a chart's folder with what it depends on; the folder itself where that has all of it.

        Args:
            helm: Fetches what is missing.
            chart: The folder.
            on_output: Takes what Helm writes.

        Raises:
            HelmError: Something can't be had.
        """
        missing = await asyncio.to_thread(missing_dependencies, chart)
        if not missing:
            return chart
        folders = await asyncio.to_thread(_folders_of, chart)
        root = Path(os.path.commonpath(folders))
        place = (
            self._folder / "built" / _key(str(chart.relative_to(root)), await asyncio.to_thread(local_digest, chart))
        )
        if place.is_dir() and not self._is_refresh:
            return place / chart.relative_to(root)
        self._log(f"Fetching what the chart depends on: {', '.join(dependency.name for dependency in missing)}")
        with _new_folder(place) as copy:
            await asyncio.to_thread(_copy, folders, root, copy)
            for folder in reversed(folders):  # what is depended on comes first
                inside = copy / folder.relative_to(root)
                if missing_dependencies(inside):
                    await helm.build_dependencies(copy, inside, on_output)
        return place / chart.relative_to(root)


def chart_cache(context: DriverContext) -> ChartCache:
    """The user's cache of charts, which a restart does not trust."""
    return ChartCache(cache_folder() / "charts", context.log, is_refresh=context.is_restart)


def _require_repository(release: HelmRelease) -> None:
    if release.repo is None and "/" not in release.chart:
        raise StartError(
            f"its chart {release.chart!r} has no repository",
            remedy="Give repo= with the repository's address, or the path of a folder, which starts with './'.",
        )


def _folders_of(chart: Path) -> list[Path]:
    """The folder of a chart, and behind it those that it depends on by ``file://`` and does not have in it.

    Raises:
        HelmError: One of them is no chart.
    """
    folders: dict[Path, None] = {}

    def add(folder: Path, above: tuple[Path, ...] = ()) -> None:
        if folder in above:
            raise HelmError(f"the chart {folder} depends on itself, by way of {', '.join(map(str, above[1:]))}")
        folders.pop(folder, None)  # what several depend on comes behind all of them
        folders[folder] = None
        for dependency in missing_dependencies(folder):
            if dependency.path is not None:
                below = Path(os.path.normpath(folder / dependency.path))
                _require_chart(below, dependency, folder)
                add(below, (*above, folder))

    add(chart)
    return list(folders)


def _require_chart(folder: Path, dependency: Dependency, parent: Path) -> None:
    if not (folder / CHART_FILE).is_file():
        raise HelmError(
            f"{parent / CHART_FILE} depends on {dependency.name} at {dependency.repository}, and {folder} has no "
            f"{CHART_FILE}",
            remedy="Correct the path, which starts at the chart's folder.",
        )


def _copy(folders: list[Path], root: Path, target: Path) -> None:
    for folder in folders:
        place = target / folder.relative_to(root)
        place.mkdir(parents=True, exist_ok=True)
        try:
            for name, path in chart_files(folder):
                if path.is_dir():
                    (place / name).mkdir(parents=True, exist_ok=True)
                else:
                    shutil.copyfile(path, place / name)
        except OSError as error:
            raise HelmError(f"{error.filename or folder} can't be read: {error.strerror or error}") from error


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


@contextmanager
def _new_folder(place: Path) -> Iterator[Path]:
    """An empty folder, which takes its place when the block has ended well; what was there before goes."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as temporary:
        folder = Path(temporary, "new")
        folder.mkdir()
        yield folder
        try:
            if place.exists():
                place.rename(Path(temporary, "old"))
            folder.rename(place)
        except OSError as error:  # another start was faster, with the same
            if not place.is_dir():
                raise EngineError(f"{place} can't be written: {error.strerror or error}") from error
