"""The Helm of this machine, with its repositories, credentials and plugins."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from fairlead.engines.helm import HelmError, Output
from fairlead.engines.helm.answers import Answer
from fairlead.engines.helm.cli import CommandLineHelm
from fairlead.engines.helm.runner import INTERRUPT_SECONDS, HelmRunner
from fairlead.engines.process import ProcessSpec, Stream, spawn
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.process_tree import StopPolicy
from fairlead.errors import CommandFailed, EngineUnavailable

_LEADS_ELSEWHERE: Final = ("HELM_KUBE", "HELM_NAMESPACE", "HELM_DRIVER")
"""Variables that begin so would lead Helm to another cluster, or have it keep its releases elsewhere."""


@contextlib.asynccontextmanager
async def open_host_helm(
    *,
    kubeconfig: bytes,
    environment: Mapping[str, str],
    program: str = "helm",
    guard: Guard | None = None,
    repositories: bytes | None = None,
) -> AsyncIterator[CommandLineHelm]:
    """The Helm of this machine during a block; its files are in a private folder, which is removed at the end.

    Args:
        kubeconfig: What leads to the cluster.
        environment: All of its variables.
        program: Its name, looked for in ``PATH``, or its path.
        guard: Ends it should this host die; None for nobody.
        repositories: The file of repositories that it uses in place of the user's; None for that.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith(_LEADS_ELSEWHERE)}
    with tempfile.TemporaryDirectory(prefix="fairlead-helm-") as name:
        folder = Path(name)
        runner = HostRunner(folder, program, {**kept, "HELM_DRIVER": "secret"}, guard)
        runner.environment["KUBECONFIG"] = await runner.write("kubeconfig", kubeconfig)
        if repositories is not None:
            runner.environment["HELM_REPOSITORY_CONFIG"] = await runner.write("repositories.yaml", repositories)
        yield CommandLineHelm(runner)


class HostRunner(HelmRunner):
    """Runs Helm as a process of this machine.

    Args:
        folder: A private folder for its files.
        program: Helm's name or path.
        environment: All of its variables.
        guard: Ends it should this host die; None for nobody.
    """

    def __init__(self, folder: Path, program: str, environment: Mapping[str, str], guard: Guard | None) -> None:
        self._folder = folder
        self._program = program
        self._guard = guard
        self.environment = dict(environment)
        """All of its variables."""

    async def run(self, arguments: Sequence[str], on_output: Output | None = None) -> Answer:
        """Run Helm as a process."""
        output: dict[Stream, list[bytes]] = {"stdout": [], "stderr": []}

        def take(stream: Stream, lines: list[bytes]) -> None:
            output[stream] += lines
            if on_output is not None:
                on_output(lines)

        policy = StopPolicy(signal.SIGINT, "roots", INTERRUPT_SECONDS)
        spec = ProcessSpec((self._program, *arguments), str(self._folder), self.environment, stop=policy)
        try:
            process = await spawn(spec, take, self._guard)
        except CommandFailed as error:
            raise EngineUnavailable(
                f"Helm of this machine can't be run: {error.message}",
                remedy="Install Helm 3.14 or later, or leave with_helm_runner() out: then it runs in a container.",
            ) from error
        try:
            code = await process.wait()
        except BaseException:
            await asyncio.shield(process.stop())
            raise
        return Answer(code, output["stdout"], output["stderr"])

    async def write(self, name: str, content: bytes) -> str:
        """Write a file that nobody else can read."""
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
        return str(path)

    async def bring(self, path: Path) -> str:
        """The chart is here already."""
        if not path.exists():
            raise HelmError(f"{path} is not there")
        return str(path)

    async def make_folder(self, name: str) -> str:
        """Create a folder."""
        path = self._folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        return str(path)

    async def fetch(self, path: str, folder: Path) -> None:
        """Move what is in a folder into another; what is there already stays."""
        source = Path(path)
        if source.resolve() == folder.resolve():
            return
        for file in source.iterdir():
            file.replace(folder / file.name)
