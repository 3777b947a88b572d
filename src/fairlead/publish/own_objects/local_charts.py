"""Charts in folders of the project, which are copied into the chart that depends on them.

A reference to the folder would mean another one on every machine, and none where the chart was packed. So the copy is
of what Git has of it, and of text only, since that is what a published folder holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.publish.own_objects.yaml_reading import YamlProblem, yaml_documents
from fairlead.publish.project.project_files import ProjectFiles, SourceError
from fairlead.publish.project.texts import as_text
from fairlead.publish.translation.secret_files import holds_private_key, is_secret_name
from fairlead.records import record

LIMIT = 4 * 1024 * 1024
"""Bytes that a chart may have in all; Helm keeps a release in a Secret of 1 MiB, compressed."""


@record
class LocalChart:
    """A chart in a folder.

    Args:
        name: Its name.
        version: Its version.
        files: Its files, by their paths below its folder.
    """

    name: str
    version: str
    files: Mapping[str, str]


class ChartError(Exception):
    """A folder can't be copied into a chart.

    Args:
        problem: Why, after the folder's name.
        remedy: What to do about it.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def read_chart(sources: ProjectFiles, folder: str) -> LocalChart:
    """Read a chart.

    Args:
        sources: Reads files of the app's folder.
        folder: Its folder, relative to the app file's.

    Raises:
        ChartError: It is not a chart, or can't be copied.
    """
    if folder.startswith(("/", "~")) and not sources.is_inside(folder):
        raise ChartError(
            "belongs to this machine and not to the app", "Keep it in the project, and give its path from the app file."
        )
    if not sources.is_folder(folder):
        problem = "is an archive" if sources.exists(folder) else "is not there"
        raise ChartError(problem, "Give the folder with its Chart.yaml, or name its repository with repo=.")
    try:
        files = dict(_files(sources, folder.rstrip("/")))
        (about,) = yaml_documents(files["Chart.yaml"]) or [None]
    except KeyError:
        raise ChartError("has no Chart.yaml", "Give the folder of a chart.") from None
    except SourceError as error:
        raise ChartError(str(error), "Correct that, or name a repository that has the chart.") from None
    except (YamlProblem, ValueError) as error:
        raise ChartError(f"has a Chart.yaml that is not YAML: {error}", "Correct it.") from None
    return _described(about, files)


def _described(about: Any, files: Mapping[str, str]) -> LocalChart:
    name, version = (about.get(key) for key in ("name", "version")) if isinstance(about, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(version, str):
        raise ChartError("has a Chart.yaml without a name or a version", "Write both, the version in quotes.")
    for other in about.get("dependencies") or ():
        named = other.get("name") if isinstance(other, dict) else None
        if f"charts/{named}/Chart.yaml" not in files:
            raise ChartError(
                f"needs the chart {named!r}, which is not unpacked in its folder",
                f"Unpack it there (helm dependency build, then tar -xzf charts/{named}-*.tgz -C charts), or push the "
                "whole chart to a registry and name that.",
            )
    return LocalChart(name, version, files)


def _files(sources: ProjectFiles, folder: str) -> Iterator[tuple[str, str]]:
    """The files of a chart that Git has."""
    size = 0
    for name in sources.listing(folder, with_ignored=False).names:
        if _is_left_out(name):
            continue
        content = sources.file(f"{folder}/{name}")
        size += len(content)
        if size > LIMIT:
            raise SourceError(f"has more than {LIMIT:,} bytes")
        if is_secret_name(name, unreadable_only=True) or holds_private_key(content):
            raise SourceError(f"has {name}, which looks secret, and everyone may read a chart")
        text = as_text(content)
        if text is None:
            raise SourceError(f"has {name}, which is not text")
        yield name, text


def _is_left_out(name: str) -> bool:
    """Hidden files are not a chart's, except what tells Helm which files are; packed charts have to be unpacked."""
    return (any(part.startswith(".") for part in name.split("/")) and name != ".helmignore") or name.endswith(".tgz")
