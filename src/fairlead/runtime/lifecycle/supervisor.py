"""All resources of a run: started together, commanded by name, stopped in reverse order of dependency."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from fairlead.errors import FairleadError, UsageError
from fairlead.model.command import LIFECYCLE_COMMANDS, CommandResult
from fairlead.model.driving.driver import HostCommand
from fairlead.model.names import listing, nearest
from fairlead.model.programs.program import Program
from fairlead.model.replicas import find_replica
from fairlead.runtime.events.event import Tone
from fairlead.runtime.lifecycle.commands import require_command, run_command
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
        self._runners: dict[str, Runner] = {}
        self.adopt()

    def adopt(self, replaced: Collection[str] = (), checked_anew: Collection[str] = ()) -> None:
        """Have a runner for each resource of the run's plan, by which those go that there are already.

        Args:
            replaced: Names of the resources that are others now than those of these names were; they have ended.
            checked_anew: Names of those whose health is asked for in another way.
        """
        known, self._runners = self._runners, {}
        for plan in self._run.plan.starts:
            resource = self._run.app[plan.name]
            if plan.name in known and plan.name not in replaced:
                runner = known[plan.name]
                runner.followers.clear()
                runner.adopt(resource, plan, renews_checks=plan.name in checked_anew)
            else:
                runner = Runner(self._run, resource, plan)
            self._runners[plan.name] = runner
        for plan in self._run.plan.starts:
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

        That of a replica is its resource's.

        Raises:
            UsageError: There is none; the message names the nearest, or all.
        """
        if name in self._run.bus.snapshots:
            return name
        replica = find_replica(self._run.app, name)
        return self.runner(replica.resource.name if replica is not None else name).name

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
            inputs: Values for the inputs of one of its own; for the start of a job ``arguments``, a list of texts.
            asked_by: Who gives it, such as ``the page``; empty where nobody is to be named.

        Returns:
            What its own command answered, with the secrets masked.

        Raises:
            UsageError: There is no such resource or command, or it can't do with these inputs.
            CommandError: The command raised.
        """
        runner = self.runner(name)
        if command == "start" and inputs and isinstance(runner.resource, Program) and runner.resource.is_job:
            arguments = _job_arguments(runner, inputs)
            self._note(runner, "idle", f"A run of it was asked for{_by(asked_by)}")
            await runner.run_job(arguments)
            return CommandResult()
        if command in LIFECYCLE_COMMANDS:
            if inputs:
                raise UsageError(f"the command {command!r} takes no inputs", resource=runner.name)
            self._note(runner, "idle", f"{command.capitalize()} was asked for{_by(asked_by)}")
            await getattr(runner, command)()
            return CommandResult()
        return await self._run_own(runner, command, inputs or {}, asked_by)

    async def _run_own(self, runner: Runner, name: str, inputs: Mapping[str, object], asked_by: str) -> CommandResult:
        command = require_command(runner.resource, runner.commands, name)
        self._note(runner, "busy", f"{command.display} was asked for{_by(asked_by)}")
        with runner.running(name):
            try:
                result = await run_command(self._run, runner.resource, command, inputs)
            except FairleadError as error:
                self._note(runner, "bad", f"{command.display} failed: {error.message}")
                raise
        self._note(runner, "ok", f"{command.display}: {result.message or 'done'}")
        return result

    def _note(self, runner: Runner, tone: Tone, text: str) -> None:
        self._run.events.record_one(self._run.bus.current(runner.name), "command", tone, text)

    async def stop(self) -> None:
        """Stop everything: what depends on a resource before the resource itself, the rest at the same time.

        A cancelled stop gives up at once: what is still up then is left to the watchdog.
        """
        if self._run.tasks.closed:
            return
        try:
            await self.end_in_order({name: runner.stop for name, runner in self._runners.items()})
        finally:
            await self._run.tasks.close(0)  # all have ended, unless this was cancelled

    async def end_in_order(self, ends: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        """End some resources: what depends on one of them before that one, the rest at the same time.

        Args:
            ends: What ends each of them, by name.
        """
        ended = {name: asyncio.Event() for name in ends}
        async with asyncio.TaskGroup() as group:
            for name, end in ends.items():
                group.create_task(self._end_after_dependents(name, end, ended))

    async def _end_after_dependents(
        self, name: str, end: Callable[[], Awaitable[None]], ended: Mapping[str, asyncio.Event]
    ) -> None:
        for dependent in self._run.plan.dependents.get(name, ()):
            if dependent in ended:
                await ended[dependent].wait()
        try:
            await end()
        finally:
            ended[name].set()


def _job_arguments(runner: Runner, inputs: Mapping[str, object]) -> tuple[str, ...]:
    """The arguments that a job is to be run with, beyond its own.

    Raises:
        UsageError: The inputs are something else.
    """
    arguments = inputs.get("arguments", [])
    if inputs.keys() - {"arguments"} or not isinstance(arguments, list):
        raise UsageError("a job takes a list of arguments, and nothing else", resource=runner.name)
    for argument in arguments:
        if not isinstance(argument, str) or "\0" in argument:
            raise UsageError("an argument of a job has to be text without zero bytes", resource=runner.name)
    return tuple(arguments)


def _by(asker: str) -> str:
    return f" by {asker}" if asker else ""
