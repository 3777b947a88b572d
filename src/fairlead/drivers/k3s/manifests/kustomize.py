"""Builds a Kustomization in a container of the ``kubectl`` image, into which its files are copied."""

from __future__ import annotations

import asyncio
import io
import secrets
import tarfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from fairlead.drivers.containers.files import first_file
from fairlead.drivers.containers.naming import labels, object_name
from fairlead.drivers.k3s.manifests.files import parse_objects
from fairlead.drivers.k3s.manifests.kustomize_sources import KustomizationSources, find_sources
from fairlead.drivers.k3s.manifests.objects import ManifestObject
from fairlead.engines.containers import ContainerEngine, ContainerSpec
from fairlead.engines.tasks import TaskScope
from fairlead.errors import EngineError, StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.lifetime import Lifetime
from fairlead.resources.k3s.manifest import KubernetesManifest

_SOURCES: Final = PurePosixPath("/fairlead-kustomize/sources")
_OUTPUT: Final = PurePosixPath("/fairlead-kustomize/output")
_OUTPUT_FILE: Final = _OUTPUT / "objects.yaml"


async def render_kustomization(
    context: DriverContext, engine: ContainerEngine, resource: KubernetesManifest, folder: Path, shown: str
) -> list[ManifestObject]:
    """The objects of a Kustomization.

    Args:
        context: The manifest's start.
        engine: Where the container runs.
        resource: The manifest.
        folder: The Kustomization's folder.
        shown: What to call it in messages.

    Raises:
        StartError: Something that it refers to is missing, or Kustomize fails.
        EngineError: The engine refuses, for example because the image is not there.
    """
    sources = await asyncio.to_thread(find_sources, folder, context.directory)
    for remote in sources.remotes:
        context.log(f"Kustomize fetches {remote}, which needs the network")
    archive = await asyncio.to_thread(_archive, sources)
    image = str(resource.cluster.kubectl_image)
    if await engine.image(image) is None:
        await engine.pull(image, context.log)
    code, words, output = await _run(engine, _spec(context, resource, image, sources), archive)
    if code != 0:
        raise _failure("\n".join(words) or f"kubectl ended with exit code {code}", shown, sources)
    context.write_lines("stderr", [line.encode() for line in words])  # warnings about old fields
    return await asyncio.to_thread(parse_objects, output.decode(), f"what Kustomize makes of {shown}")


def _spec(
    context: DriverContext, resource: KubernetesManifest, image: str, sources: KustomizationSources
) -> ContainerSpec:
    return ContainerSpec(
        name=object_name(context.app_id, f"{resource.name}-kustomize-{secrets.token_hex(3)}"),
        image=image,
        entrypoint=("kubectl",),
        command=(
            "kustomize",
            str(_inside(sources, sources.folder)),
            "--load-restrictor=LoadRestrictionsNone",  # files of generators and patches may be outside their folder
            f"--output={_OUTPUT_FILE}",
        ),
        labels=labels(context.app_id, context.run_id, Lifetime.SESSION, resource.name),
    )


async def _run(engine: ContainerEngine, spec: ContainerSpec, archive: bytes) -> tuple[int, list[str], bytes]:
    """Its exit code, the lines it writes, and the objects. The container is removed, whatever happens."""
    container = await engine.create(spec)
    try:
        await engine.put_archive(container, archive)
        await engine.start(container)
        code = await engine.wait(container)
        words = await _words(engine, container)
        objects = first_file(await engine.get_archive(container, str(_OUTPUT_FILE))) if code == 0 else b""
        return code, words, objects
    finally:
        removal = TaskScope(f"container {spec.name}").start(_remove(engine, container), "remove")
        await asyncio.shield(removal)


async def _words(engine: ContainerEngine, container: str) -> list[str]:
    chunks = [chunk async for chunk in engine.logs(container, follow=False)]
    return [line.decode(errors="replace") for chunk in chunks for line in chunk.lines]


async def _remove(engine: ContainerEngine, container: str) -> None:
    with suppress(EngineError):  # the watchdog removes it when the run ends
        await engine.remove(container)


def _failure(words: str, shown: str, sources: KustomizationSources) -> StartError:
    words = words.removeprefix("error: ").replace(str(_SOURCES), str(sources.root))
    remedy = "Correct it."
    if sources.remotes:
        remedy = (
            f"It refers to {', '.join(sources.remotes)}, which Kustomize can fetch only with network, and with git if "
            "that is a repository: download it beside the Kustomization and refer to it by a relative path."
        )
    return StartError(f"Kustomize fails for {shown}: {words}", remedy=remedy)


def _inside(sources: KustomizationSources, path: Path) -> PurePosixPath:
    """Where a path is in the container."""
    return _SOURCES / path.relative_to(sources.root).as_posix()


def _archive(sources: KustomizationSources) -> bytes:
    """The files and links, and a folder for the output that any user of the image may write to."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in (_SOURCES, _OUTPUT):
            entry = tarfile.TarInfo(str(folder).lstrip("/"))
            entry.type, entry.mode = tarfile.DIRTYPE, 0o777
            tar.addfile(entry)
        for link, target in sorted(sources.links.items()):
            entry = tarfile.TarInfo(str(_inside(sources, link)).lstrip("/"))
            entry.type, entry.linkname = tarfile.SYMTYPE, str(_inside(sources, target))
            tar.addfile(entry)
        for file in sorted(sources.files):
            data = file.read_bytes()
            entry = tarfile.TarInfo(str(_inside(sources, file)).lstrip("/"))
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
