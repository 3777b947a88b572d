"""Objects that a definition brings along: ``add_manifest``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import add_labels, shared_labels
from fairlead.publish.chart.object_kinds import CRD
from fairlead.publish.context import PlanningContext
from fairlead.publish.own_objects.acceptance import Acceptor
from fairlead.publish.own_objects.yaml_reading import YamlProblem, yaml_documents
from fairlead.publish.translation.translator import ValueSite
from fairlead.resources.kubernetes import GivenManifest

SUFFIXES = {".yaml", ".yml", ".json"}


def add_manifests(context: PlanningContext) -> None:
    """Add the objects that an environment was given."""
    environment = context.environment
    for manifest in environment.manifests:
        site = ValueSite(environment, manifest.where, _described(manifest))
        add_objects(context, _objects(manifest, context.app.directory, site, context.report), site)


def add_objects(context: PlanningContext, contents: Iterable[Any], asker: ValueSite) -> list[dict[str, Any]]:
    """Add objects that a resource was given.

    Args:
        context: The chart in the making.
        contents: The objects, as they were given.
        asker: The resource, the line that gave them, and what they are called.

    Returns:
        What was added.
    """
    acceptor = Acceptor(context, asker)
    bodies = [body for content in contents if (body := acceptor.accept(content)) is not None]
    for body in bodies:
        if body["kind"] != CRD:  # Helm installs those first, as they are
            add_labels(body, shared_labels(context.chart))
        context.chart.add(asker.resource, body, is_given=True)
    return bodies


def _described(manifest: GivenManifest) -> str:
    if isinstance(manifest.content, Path):
        return f"the manifest {manifest.content}"
    return "an object of add_manifest()"


def _objects(manifest: GivenManifest, folder: Path, asker: ValueSite, report: Report) -> Iterable[Any]:
    content = manifest.content
    if isinstance(content, Path):
        return [
            found for file in _files(folder / content, asker, report) for found in read_objects(file, asker, report)
        ]
    if isinstance(content, str):
        return _parsed(content, asker, report)
    return _items(content)


def _files(path: Path, asker: ValueSite, report: Report) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    if not found:
        report.error(asker.resource, f"{asker.what} is a folder without YAML", "Name another.", asker.where)
    return found


def read_objects(file: Path, asker: ValueSite, report: Report) -> list[Any]:
    """The objects of a file; none, reported, where it can't be read.

    Args:
        file: The file.
        asker: Who names it, and what it is called.
        report: Collects errors, warnings and notes.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text (UTF-8)"
        report.error(
            asker.resource,
            f"{asker.what} can't be read: {reason}",
            "Give its path relative to the app file's folder.",
            asker.where,
        )
        return []
    return _parsed(text, asker, report)


def _parsed(text: str, asker: ValueSite, report: Report) -> list[Any]:
    try:
        documents = yaml_documents(text)
    except YamlProblem as problem:
        report.error(asker.resource, f"{asker.what} is not YAML: {problem}", "Correct it.", asker.where)
        return []
    return [found for document in documents for found in _items(document)]


def _items(content: Any) -> list[Any]:
    """An object, or those of a list of objects."""
    if isinstance(content, dict) and content.get("kind") == "List" and isinstance(content.get("items"), list):
        return list(content["items"])
    return [content]
