"""Reading manifests: a file, or a folder with all below it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from fairlead.drivers.k3s.manifests.objects import ManifestObject, flattened, manifest_object
from fairlead.drivers.k3s.manifests.yaml_documents import Document, InvalidYaml, parse_documents
from fairlead.errors import StartError

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""The names of a Kustomization's file, in the order in which ``kubectl`` looks for it."""

_SUFFIXES = (".yaml", ".yml", ".json")


def read_manifest(path: Path, shown: str) -> list[ManifestObject]:
    """The objects of a file, or of all files of a folder and of those below it.

    Read are ``*.yaml``, ``*.yml`` and ``*.json``, in the order of their paths. What begins with a dot is skipped.

    Args:
        path: The file or folder.
        shown: What to call it in messages.

    Raises:
        StartError: It is not there or can't be read, holds no object, or something in it is no object.
    """
    if path.is_dir():
        found = [
            each for file in files_in(path, shown) for each in read_file(file, f"{shown}/{file.relative_to(path)}")
        ]
        if not found:
            raise StartError(
                f"the folder {shown} holds no object in a *.yaml, *.yml or *.json", remedy="Name another folder."
            )
        return found
    if not path.exists():
        raise _missing(path, shown)
    found = read_file(path, shown)
    if not found:
        raise StartError(f"the file {shown} holds no object", remedy="Name another file.")
    return found


def _missing(path: Path, shown: str) -> StartError:
    if "://" in shown:
        return StartError(f"{shown} is no path", remedy="Download it beside the app file, and give the path of that.")
    return StartError(
        f"there is no file or folder {shown} ({path})", remedy="Correct the path; it starts at the app file's folder."
    )


def kustomization_in(folder: Path) -> Path | None:
    """The file that makes a folder a Kustomization, or None."""
    return next((folder / name for name in KUSTOMIZATIONS if (folder / name).is_file()), None)


def files_in(folder: Path, shown: str) -> Iterator[Path]:
    """The files of a folder, and of those below it, that hold objects.

    Raises:
        StartError: A folder can't be read, or is meant for another tool.
    """
    return _files_in(folder, shown, frozenset())


def _files_in(folder: Path, shown: str, above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:  # a link that leads back up
        return
    if above:
        _refuse_other_tools(folder, shown)
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise StartError(f"the folder {shown} can't be read: {error.strerror or error}") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _files_in(entry, f"{shown}/{entry.name}", above | {real})
        elif entry.suffix in _SUFFIXES:
            yield entry


def _refuse_other_tools(folder: Path, shown: str) -> None:
    """Folders below may be anything; those of Kustomize and Helm would be read wrongly."""
    if (file := kustomization_in(folder)) is not None:
        raise StartError(
            f"{shown}/{file.name} is a Kustomization in a folder of plain manifests",
            remedy=f"Give add_k8s_manifest() {shown} itself, or keep the manifests in a folder of their own.",
        )
    if (folder / "Chart.yaml").is_file():
        raise StartError(
            f"{shown} is a Helm chart in a folder of plain manifests",
            remedy="Install it by add_helm_release(), and keep the manifests in a folder of their own.",
        )


def read_file(file: Path, shown: str) -> list[ManifestObject]:
    """The objects of one file.

    Raises:
        StartError: It can't be read, or something in it is no object.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise StartError(f"{shown} can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise StartError(f"{shown} is not text in UTF-8", remedy="Save it as UTF-8.") from None
    return parse_objects(text, shown, is_json=file.suffix == ".json")


def parse_objects(text: str, shown: str, *, is_json: bool = False) -> list[ManifestObject]:
    """The objects of a text with YAML documents.

    Args:
        text: The text.
        shown: What to call it in messages.
        is_json: Whether it is JSON, which may have tabs.

    Raises:
        StartError: It can't be read, or something in it is no object.
    """
    try:
        documents = [Document(json.loads(text), 1)] if is_json else parse_documents(text)
    except InvalidYaml as error:
        raise StartError(f"{shown} is not valid YAML: {error}", remedy="Correct it.") from error
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise StartError(f"{shown} is not valid JSON: {problem}", remedy="Correct it.") from error
    return [
        manifest_object(body, origin)
        for document in documents
        for body, origin in flattened(document.content, f"{shown}, line {document.line}")
    ]
