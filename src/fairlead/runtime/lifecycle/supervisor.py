"""All resources of a run: started together, commanded by name, stopped in reverse order of dependency."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from fairlead.errors import FairleadError, UsageError
from fairlead.model.command import LIFECYCLE_COMMANDS, CommandResult
from fairlead.model.driver import HostCommand
from fairlead.model.names import listing, nearest
from fairlead.runtime.events.changes import Happening
from fairlead.runtime.events.event import Tone
from fairlead.runtime.lifecycle.commands import CommandError, require_command, run_command
from fairlead.runtime.lifecycle.context import HookContext
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.runner import Runner


class Supervisor:
    """The runners of one run.

    Args:
        run: The run.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._runners = {plan.name: Runner(run, run.app[plan.name], plan) for plan in run.plan.starts}
        for plan in run.plan.starts:
            if plan.follows in self._runners:
                self._runners[plan.follows].followers.append(self._runners[plan.name])

    async def start(self) -> None:
        """Start everything that the plan starts by itself; returns at once, the states tell the rest.

        Raises:
            FairleadError: A hook of ``app.on_before_start`` raised; nothing is started.
        """
        for hook in self._run.app.before_start_hooks if self._runners else ():
            try:
                await HookContext(self._run, self._run.app.resources[0], self._run.app.name).call(hook)
            except Exception as error:
                text = f"on_before_start of the app raised {type(error).__name__}: {error}"
                raise FairleadError(self._run.logs.masked(text)) from error
        await self.start_resources([plan.name for plan in self._run.plan.starts if plan.automatic])

    async def start_resources(self, names: Iterable[str]) -> None:
        """Start resources, each in its own time."""
        for name in names:
            await self._runners[name].start()

    def runner(self, name: str) -> Runner:
        """The runner of a declared resource, by its name regardless of case.

        Raises:
            UsageError: There is none; the message names the nearest, or all, or the owner of an observed resource.
        """
        for known, runner in self._runners.items():
            if known.lower() == name.lower():
                return runner
        observed = self._run.bus.snapshots.get(name)
        if observed is not None and observed.owner is not None:
            raise UsageError(
                f"{name} is observed below {observed.owner}, and can't be given commands",
                resource=name,
                remedy=f"Give the command to its owner, such as: fairlead restart {observed.owner}",
            )
        guess = nearest(name, self._runners)
        raise UsageError(
            f"there is no resource {name!r}",
            remedy=f"Did you mean {guess!r}?" if guess else f"There are {listing(self._runners)}.",
        )

    def resolve_id(self, name: str) -> str:
        """The id of a resource: of a declared one by its name regardless of case, of an observed one by its id.

        Raises:
            UsageError: There is none; the message names the nearest, or all.
        """
        return name if name in self._run.bus.snapshots else self.runner(name).name

    def exec_command(self, id: str, argv: tuple[str, ...], *, terminal: bool) -> HostCommand:
        """What to run on this machine so that a command runs where a resource does, declared or observed.

        Raises:
            UsageError: There is no such resource, or its kind has no place for commands.
            NotRunning: It is not up.
            EngineError: What it takes to get there is not installed.
        """
        snapshot = self._run.bus.snapshots.get(id)
        if snapshot is not None and snapshot.owner is not None:
            return self.runner(snapshot.owner).exec_command(argv, terminal=terminal, child=id)
        return self.runner(id).exec_command(argv, terminal=terminal)

    async def command(
        self, name: str, command: str, inputs: Mapping[str, object] | None = None, *, asked_by: str = ""
    ) -> CommandResult:
        """Give a command to a resource; its events tell who asked, and how it went.

        Args:
            name: The resource.
            command: ``start``, ``stop``, ``restart``, or one of its own.
            inputs: Values for the inputs of one of its own.
            asked_by: Who gives it, such as ``the page``; empty where nobody is to be named.

        Returns:
            What its own command answered, with the secrets masked.

        Raises:
            UsageError: There is no such resource or command, or it can't do with these inputs.
            CommandError: The command raised.
        """
        runner = self.runner(name)
        by = f" by {asked_by}" if asked_by else ""
        self._record(runner.name, "busy", f"{command} was asked for{by}")
        try:
            result = await self._run_command(runner, command, inputs)
        except FairleadError as error:
            self._record(runner.name, "bad", f"{command} failed: {self._run.logs.masked(error.message)}")
            raise
        self._record(runner.name, "ok", f"{command} is done" + (f": {result.message}" if result.message else ""))
        return result

    def _record(self, name: str, tone: Tone, text: str) -> None:
        self._run.events.record_one(self._run.bus.current(name), "command", tone, text)

    async def _run_command(self, runner: Runner, command: str, inputs: Mapping[str, object] | None) -> CommandResult:
        if command not in LIFECYCLE_COMMANDS:
            return await self._run_own(runner, command, inputs or {})
        if inputs:
            raise UsageError(f"the command {command!r} takes no inputs", resource=runner.name)
        self._note(runner, "idle", f"{command.capitalize()} was asked for")
        await getattr(runner, command)()
        return CommandResult()

    async def _run_own(self, runner: Runner, name: str, inputs: Mapping[str, object]) -> CommandResult:
        command = require_command(runner.resource, runner.commands, name)
        with runner.running(name):
            try:
                result = await run_command(self._run, runner.resource, command, inputs)
            except CommandError as error:
                self._note(runner, "bad", f"{command.display} failed: {error.message}")
                raise
        self._note(runner, "ok", f"{command.display}: {result.message or 'done'}")
        return result

    def _note(self, runner: Runner, tone: Tone, text: str) -> None:
        generation = self._run.bus.current(runner.name).starts
        self._run.events.record(runner.name, generation, [Happening("command", tone, text)])

    async def stop(self) -> None:
        """Stop everything: what depends on a resource before the resource itself, the rest at the same time.

        A cancelled stop gives up at once: what is still up then is left to the watchdog.
        """
        if self._run.tasks.closed:
            return
        stopped = {name: asyncio.Event() for name in self._runners}
        try:
            async with asyncio.TaskGroup() as group:
                for name in self._runners:
                    group.create_task(self._stop_after_dependents(name, stopped))
        finally:
            await self._run.tasks.close(0)  # all have ended, unless this was cancelled

    async def _stop_after_dependents(self, name: str, stopped: dict[str, asyncio.Event]) -> None:
        for dependent in self._run.plan.dependents.get(name, ()):
            await stopped[dependent].wait()
        try:
            await self._runners[name].stop()
        finally:
            stopped[name].set()
