"""Helm by its command line, wherever that runs."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

from fairlead.engines.helm import Chart, Helm, HelmError, Output, Release, ReleaseSpec, command_lines
from fairlead.engines.helm.answers import parse_history
from fairlead.engines.helm.command_lines import Arguments
from fairlead.engines.helm.runner import HelmRunner


class CommandLineHelm(Helm):
    """Runs ``helm``.

    Args:
        runner: Where.
    """

    def __init__(self, runner: HelmRunner) -> None:
        self._runner = runner
        self._numbers = itertools.count()
        self._brought: dict[str, str] = {}

    async def template(self, spec: ReleaseSpec) -> str:
        """The manifests of a release as YAML."""
        answer = await self._runner.run(await self._for_release(command_lines.template, spec))
        if answer.exit_code != 0:
            raise answer.error
        return b"\n".join(answer.stdout).decode(errors="replace")

    async def install(self, spec: ReleaseSpec, on_output: Output) -> None:
        """Install a release that is not there."""
        await self._run(await self._for_release(command_lines.install, spec), on_output)

    async def upgrade(self, spec: ReleaseSpec, on_output: Output) -> None:
        """Change a release that is there, by a new revision."""
        await self._run(await self._for_release(command_lines.upgrade, spec), on_output)

    async def rollback(self, name: str, namespace: str, revision: int, on_output: Output) -> None:
        """Go back to an earlier revision, by a new one."""
        await self._run(command_lines.rollback(name, namespace, revision), on_output)

    async def uninstall(self, name: str, namespace: str, *, wait_seconds: float | None = 600.0) -> bool:
        """Remove a release, its history and its objects, in whatever state it is."""
        answer = await self._runner.run(command_lines.uninstall(name, namespace, wait_seconds))
        if answer.is_not_found:
            return False
        if answer.exit_code != 0:
            raise answer.error
        return True

    async def history(self, name: str, namespace: str) -> list[Release]:
        """The revisions of a release that Helm remembers."""
        return parse_history(name, namespace, await self._runner.run(command_lines.history(name, namespace)))

    async def pull(self, chart: Chart, folder: Path, on_output: Output) -> Path:
        """Fetch a chart from its repository or registry into a folder of this machine."""
        place = await self._runner.make_folder(f"pulled-{next(self._numbers)}")
        repository, slash, _ = chart.reference.partition("/")
        if chart.repository is None and slash and ":" not in repository:
            await self._run(command_lines.update_repository(repository), on_output)
        await self._run(command_lines.pull(chart, place), on_output)
        await self._runner.fetch(place, folder)
        archives = sorted(folder.glob("*.tgz"))
        if not archives:
            raise HelmError(f"helm pull {chart.reference} has left no archive")
        return archives[0]

    async def build_dependencies(self, root: Path, chart: Path, on_output: Output) -> None:
        """Fetch what the ``dependencies`` of a chart name into its folder ``charts``."""
        place = await self._runner.bring(root)
        below = chart.relative_to(root).as_posix()
        folder = place if below == "." else f"{place}/{below}"
        await self._run(command_lines.build_dependencies(folder), on_output)
        (chart / "charts").mkdir(exist_ok=True)
        await self._runner.fetch(f"{folder}/charts", chart / "charts")

    async def _run(self, arguments: Arguments, on_output: Output) -> None:
        answer = await self._runner.run(arguments, on_output)
        if answer.exit_code != 0:
            raise answer.error

    async def _for_release(
        self, command_line: Callable[[ReleaseSpec, str, str], Arguments], spec: ReleaseSpec
    ) -> Arguments:
        # JSON is YAML whose types nothing takes for others: in YAML a text like 1e3 is a number to some readers.
        content = json.dumps(spec.values, indent=1).encode()
        values = await self._runner.write(f"values-{next(self._numbers)}.yaml", content)
        return command_line(spec, await self._chart(spec.chart), values)

    async def _chart(self, chart: Chart) -> str:
        """The chart as Helm finds it; one of this machine is brought there once."""
        reference = chart.reference
        if not Path(reference).is_absolute():
            return reference
        if reference not in self._brought:
            self._brought[reference] = await self._runner.bring(Path(reference))
        return self._brought[reference]
