"""The values of a Helm release: its files read, all layers merged, deferred leaves resolved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fairlead.drivers.k3s.manifests.yaml_documents import InvalidYaml, parse_documents
from fairlead.drivers.paths import host_path
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.values.value import Value
from fairlead.resources.k3s.content import deferred
from fairlead.resources.k3s.helm_release import HelmRelease


async def release_values(context: DriverContext, release: HelmRelease) -> dict[str, Any]:
    """The values of a release as Helm gets them, with their types; secret ones are masked in all logs from now on.

    Raises:
        StartError: A values file is not there or is no YAML; the message has its path, and the line.
        DependencyFailed: A deferred value won't become available.
    """
    files = [await asyncio.to_thread(read_values_file, context.directory, file.path) for file in release.values_files]
    values = release.layered_values(files)
    for value in deferred(values):
        if value.secret:
            context.mask(await context.resolve(value))
    for warning in misleading_texts(release):
        context.log(warning)
    resolved: dict[str, Any] = await resolved_content(context, values)
    return resolved


async def resolved_content(context: DriverContext, content: Any) -> Any:
    """A structure with the texts of its deferred leaves."""
    if isinstance(content, Value):
        return await context.resolve(content)
    if isinstance(content, Mapping):
        return {name: await resolved_content(context, entry) for name, entry in content.items()}
    if isinstance(content, Sequence) and not isinstance(content, str):
        return [await resolved_content(context, entry) for entry in content]
    return content


def read_values_file(directory: Path, path: str) -> dict[str, Any]:
    """What is in a values file.

    Args:
        directory: The folder of the app file.
        path: The file, as the definition names it.

    Raises:
        StartError: It can't be read, or is no mapping in YAML.
    """
    try:
        text = host_path(directory, path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise StartError(f"its values file {path} is no text in UTF-8", remedy="Save it in UTF-8.") from error
    except OSError as error:
        raise StartError(
            f"its values file {path} can't be read: {error.strerror or error}",
            remedy="Correct the path of with_helm_values_file(), which starts at the app file's folder.",
        ) from error
    try:
        documents = parse_documents(text)
    except InvalidYaml as error:
        raise StartError(f"its values file {path} is no YAML: {error}", remedy="Correct it.") from error
    if len(documents) > 1:
        raise StartError(
            f"its values file {path} has a second document in line {documents[1].line}, which Helm would leave out",
            remedy="Give each document a file of its own.",
        )
    content = documents[0].content if documents else {}
    if not isinstance(content, dict):
        raise StartError(
            f"its values file {path}, line {documents[0].line}: values are a mapping, and this is none",
            remedy="Write it like the chart's values.yaml: name: value.",
        )
    return content


def misleading_texts(release: HelmRelease) -> Iterator[str]:
    """Warnings of texts that ``--set`` would have taken for something else; here they stay texts."""
    for given in release.helm_values:
        if isinstance(given.value, str) and (meant := _other_type(given.value)) is not None:
            where = f" ({given.where})" if str(given.where) else ""
            yield (
                f"Warning: with_helm_value({key_text(given.key)!r}, {given.value!r}){where} gives the chart a text, "
                f"not {meant}; if that is not meant, leave the quotes out"
            )


def key_text(key: Sequence[str | int]) -> str:
    """A key as ``with_helm_value`` takes it."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part.replace("\\", "\\\\").replace(".", "\\.")
            text += f".{name}" if text else name
    return text


def _other_type(text: str) -> str | None:
    """What a plain scalar of YAML with that text would be."""
    try:
        documents = parse_documents(text)
    except InvalidYaml:
        return None
    if not documents:
        return "null" if text.strip() in ("null", "~") else None
    content = documents[0].content
    if isinstance(content, bool):
        return f"the truth value {content}"
    return f"the number {content}" if isinstance(content, (int, float)) else None
