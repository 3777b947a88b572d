"""Processes of this machine: what all kinds have in common that run one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from signal import Signals
from typing import Final

from fairlead.drivers.installing import Installations
from fairlead.drivers.paths import host_path
from fairlead.engines.process import UNKILLABLE_AFTER, Process, ProcessSpec, spawn
from fairlead.engines.process_usage import SessionUsage
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.process_tree import STOP_TIMEOUT, StopPolicy
from fairlead.model.driving.driver import Driver, HostCommand, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.observation.state import State
from fairlead.model.observation.usage import ResourceUse
from fairlead.model.resource import is_completion_target
from fairlead.projects.installation import Installation
from fairlead.resources.executable import Executable, Stdin
from fairlead.runtime.store.ports import require_free

STOP_MARGIN: Final = UNKILLABLE_AFTER + 10.0
"""Seconds that a stop may take beyond the process's own time."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What a kind of process is run as.

    Args:
        argv: Program and arguments; those of ``with_args`` come behind.
        env: Variables that the kind adds; the definition's win over them.
        unset: Variables that it does not inherit.
        installation: The packages that have to be there first.
        check: Called when they are; returns a warning for the log or an empty text, and raises a StartError if what is
            to be run is not there.
        note: A line for the log about what was chosen.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()
    installation: Installation | None = None
    check: Callable[[], str] | None = None
    note: str = ""


def inherited_environment() -> dict[str, str]:
    """What a process inherits from the host: its environment without the parameters, which are not meant for it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FAIRLEAD_PARAMETER_")}


def stop_policy(resource: Executable) -> StopPolicy:
    """How a process is stopped: as the definition says, else the kind."""
    group = resource.signals_group if resource.stop_group is None else resource.stop_group
    return StopPolicy(
        Signals[resource.stop_signal or resource.default_stop_signal],
        "group" if group else "roots",
        STOP_TIMEOUT if resource.stop_timeout is None else resource.stop_timeout,
    )


def stdin_of(resource: Executable) -> Stdin:
    """What a process finds in its standard input: jobs often read it to its end, and watchers end when it does."""
    if resource.stdin is not None:
        return resource.stdin
    is_job = resource.is_job or is_completion_target(resource) or resource.workload_kind in ("Job", "CronJob")
    return "closed" if is_job else "open"


class ExecutableDriver(Driver):
    """Runs an executable as a process in a session of its own, watched over by the run's watchdog."""

    end_state = State.FINISHED
    is_usage_cheap = True

    def __init__(self) -> None:
        self._process: Process | None = None
        self._sessions: SessionUsage | None = None
        self._cwd = ""
        self._variables: dict[str, str] = {}
        self._env: dict[str, str] = {}
        self._guard: Guard | None = None

    def launch(self, resource: Executable, context: DriverContext, cwd: str, env: Mapping[str, str]) -> Launch:
        """What to run; a kind overrides it.

        Args:
            resource: The resource.
            context: Its start.
            cwd: The folder it runs in.
            env: Its complete environment.

        Raises:
            StartError: The folder lacks what it needs.
        """
        return Launch((resource.command,))

    async def start(self, context: DriverContext) -> None:
        """Check its ports, install the packages it needs, and start it.

        Raises:
            StartError: A port is taken, or an installation failed.
            CommandFailed: The command can't be run.
        """
        resource = context.resource
        assert isinstance(resource, Executable)
        for name, spec in resource.endpoints.items():
            if spec.protocol == "tcp":
                require_free(context.port(name), name, "0.0.0.0" if spec.external else "127.0.0.1")
        variables = await context.environment()
        arguments = await context.arguments()
        cwd = str(host_path(context.directory, resource.cwd))
        guard = await context.guard()
        assert isinstance(guard, Guard)
        base = {**inherited_environment(), "PYTHONUNBUFFERED": "1"} | guard.environment
        if context.color:
            base.setdefault("FORCE_COLOR", "1")  # its output goes to a pipe, and from there to a terminal
        launch = self.launch(resource, context, cwd, base | variables)
        self._cwd, self._variables = cwd, {**launch.env, **variables}
        inherited = {name: value for name, value in base.items() if name not in launch.unset}
        self._guard = guard
        self._env = env = {**inherited, **self._variables, **guard.environment}
        if launch.note:
            context.log(launch.note)
        if launch.installation is not None:
            # Without the app's own variables: it is for all apps of the folder, and its scripts are others' programs.
            installer_env = base | {"PATH": (base | variables).get("PATH", os.defpath)}
            installations = await context.shared(Installations, _new_installations)
            await installations.ensure(launch.installation, installer_env, context, guard)
        if launch.check is not None and (warning := launch.check()):
            context.log(warning)
        argv = tuple(resource.entrypoint) if resource.entrypoint else launch.argv
        policy = stop_policy(resource)
        self.stop_timeout = max(self.stop_timeout, policy.timeout + STOP_MARGIN)
        command_spec = ProcessSpec((*argv, *arguments), cwd, env, stdin_of(resource), policy)
        self._process = await spawn(command_spec, context.write_lines, guard, open_line=context.write_open_line)
        self._sessions = await context.shared(SessionUsage, SessionUsage.make)
        context.report(pid=self._process.pid)

    async def usage(self) -> ResourceUse | None:
        """What all processes of its session use."""
        assert self._process is not None and self._sessions is not None
        use = self._sessions.of(self._process.pid)
        return None if use is None else ResourceUse(use.cpu_seconds, use.memory)

    async def run_check(self, argv: tuple[str, ...]) -> tuple[int, bytes]:
        """Run a command in the folder of the process and with its environment; killed when the call is cancelled."""
        lines: list[bytes] = []
        command = ProcessSpec(argv, self._cwd, self._env)
        process = await spawn(command, lambda stream, output: lines.extend(output), self._guard, in_order=True)
        try:
            return await process.wait(), b"\n".join(lines)
        finally:
            process.kill()

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand:
        """The command itself, in the folder of the process and with its variables; not a part of the run."""
        return HostCommand(argv, self._variables, self._cwd)

    async def wait(self) -> int:
        """Wait until the process has ended by itself, and all of its session with it."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self, reason: StopReason) -> int | None:
        """Ask its processes to end, as the definition or the kind says, and kill what does not end in time."""
        assert self._process is not None
        return await self._process.stop()


async def _new_installations() -> Installations:
    return Installations()
