"""Helm in a container.

The container does nothing by itself; each operation is a command in it, so that several of one release share it. Files
are copied in by the engine, which works for an engine on another machine too, and what Helm writes is in no log of the
engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from fairlead.engines.container_command import ContainerCommand, Stream
from fairlead.engines.containers import ContainerEngine, ContainerSpec
from fairlead.engines.helm import Output
from fairlead.engines.helm.answers import Answer
from fairlead.engines.helm.cli import CommandLineHelm
from fairlead.engines.helm.files import file_archive, folder_archive, tree_archive, unpack
from fairlead.engines.helm.runner import INTERRUPT_SECONDS, HelmRunner
from fairlead.engines.tasks import TaskScope
from fairlead.errors import EngineError, EngineUnavailable

HOME: Final = "/fairlead-helm"
"""Where everything is that Helm reads and writes there."""
ENVIRONMENT: Final = {
    "KUBECONFIG": f"{HOME}/kubeconfig",
    "HELM_DRIVER": "secret",
    "HELM_CACHE_HOME": f"{HOME}/cache",
    "HELM_CONFIG_HOME": f"{HOME}/config",
    "HELM_DATA_HOME": f"{HOME}/data",
}
LIFETIME_SECONDS: Final = 24 * 3600
"""After so long the container ends by itself, should nobody else do it."""

# The number of the process, so that it can be interrupted, and then Helm in place of the shell.
_RUN: Final = 'echo $$ > "$1" && shift && exec "$@"'
_INTERRUPT: Final = 'kill -INT "$(cat "$1")"'
_NO_SHELL: Final = 126  # and above: the program can't be run


@contextlib.asynccontextmanager
async def open_container_helm(
    engine: ContainerEngine,
    *,
    name: str,
    image: str,
    kubeconfig: bytes,
    network: str | None = None,
    labels: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> AsyncIterator[CommandLineHelm]:
    """Helm in a container, which is created when a block begins and removed when it is left.

    Args:
        engine: The engine.
        name: The container's name; something is added to make it unique.
        image: The image, which is there: it has ``helm``, ``sh`` and ``sleep``.
        kubeconfig: What leads to the cluster from there.
        network: The network it joins; None for the engine's default one.
        labels: Its labels.
        environment: Variables for Helm, such as proxies.
        files: More files by their paths below :data:`HOME`, such as ``config/registry/config.json``.

    Raises:
        EngineError: It can't be created, or the image has no ``sleep``.
    """
    spec = ContainerSpec(
        name=f"{name}-{secrets.token_hex(3)}",
        image=image,
        env={**(environment or {}), **ENVIRONMENT},
        entrypoint=("sleep",),
        command=(str(LIFETIME_SECONDS),),
        labels=labels or {},
        network=network,
        options=("--user=0:0",),  # whom the files belong to that are copied in
    )
    container = await engine.create(spec)
    try:
        runner = ContainerRunner(engine, container)
        for path, content in {"kubeconfig": kubeconfig, **(files or {})}.items():
            await runner.write(path, content)
        await _start(engine, container, image)
        yield CommandLineHelm(runner)
    finally:
        removal = TaskScope(f"container {spec.name}").start(_remove(engine, container), "remove")
        await asyncio.shield(removal)


async def _start(engine: ContainerEngine, container: str, image: str) -> None:
    try:
        await engine.start(container)
    except EngineUnavailable:
        raise
    except EngineError as error:
        raise EngineError(
            f"the image {image} can't be used for Helm: {error.message}",
            remedy="It needs helm, sh and sleep; alpine/helm has them. Choose it with with_helm_image().",
        ) from error


async def _remove(engine: ContainerEngine, container: str) -> None:
    with contextlib.suppress(EngineError):  # the watchdog removes it when the run ends
        await engine.remove(container)


class ContainerRunner(HelmRunner):
    """Runs Helm in a container.

    Args:
        engine: The engine.
        container: The container's id.
    """

    def __init__(self, engine: ContainerEngine, container: str) -> None:
        self._engine = engine
        self._container = container
        self._numbers = itertools.count()

    async def run(self, arguments: Sequence[str], on_output: Output | None = None) -> Answer:
        """Run Helm as a command in the container."""
        number_file = f"{HOME}/pid-{next(self._numbers)}"
        argv = ("sh", "-c", _RUN, "sh", number_file, "helm", *arguments)
        output: dict[Stream, list[bytes]] = {"stdout": [], "stderr": []}
        async with self._engine.open_command(self._container, argv) as command:
            reading = TaskScope("helm").start(_read(command, output, on_output), arguments[0])
            try:
                code = await asyncio.shield(reading)
            except asyncio.CancelledError:
                await self._interrupt(number_file, reading)
                raise
        if code >= _NO_SHELL and not output["stdout"]:
            output["stderr"].insert(0, b"helm can't be run in the container")
        return Answer(code, output["stdout"], output["stderr"])

    async def write(self, name: str, content: bytes) -> str:
        """Copy a file into the container."""
        await self._engine.put_archive(self._container, file_archive(f"{HOME}/{name}", content))
        return f"{HOME}/{name}"

    async def bring(self, path: Path) -> str:
        """Copy a chart into the container; its folder there has the chart's own name, as errors of Helm show it."""
        place = f"{HOME}/charts-{next(self._numbers)}/{path.name}"
        archive = await asyncio.to_thread(tree_archive, path, place)
        await self._engine.put_archive(self._container, archive)
        return place

    async def make_folder(self, name: str) -> str:
        """Create a folder in the container."""
        await self._engine.put_archive(self._container, folder_archive(f"{HOME}/{name}"))
        return f"{HOME}/{name}"

    async def fetch(self, path: str, folder: Path) -> None:
        """Copy what is in a folder of the container into one of this machine."""
        archive = await self._engine.get_archive(self._container, path)
        await asyncio.to_thread(unpack, archive, folder)

    async def _interrupt(self, number_file: str, reading: asyncio.Task[int]) -> None:
        """Interrupt Helm and give it time to record that; what is left is ended with its command."""
        with contextlib.suppress(EngineError, TimeoutError):
            async with asyncio.timeout(INTERRUPT_SECONDS):
                await self._engine.exec(self._container, ("sh", "-c", _INTERRUPT, "sh", number_file))
                await asyncio.wait([reading])
        reading.cancel()


async def _read(command: ContainerCommand, output: dict[Stream, list[bytes]], on_output: Output | None) -> int:
    async for chunk in command.lines():
        output[chunk.stream] += chunk.lines
        if on_output is not None:
            on_output(chunk.lines)
    return await command.wait()
