"""Installs the packages that a lock file names, before the programs that need them start.

Two package managers in one folder break each other, so there is one installation for a lock file at a time: within a
run by a lock in memory, between hosts by a file lock in the folder of sockets and locks. Nothing of it is left in the
repository: the digest of the lock file that was installed is noted in the environment, which nobody commits, or in the
app's state folder where there is none that is known.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.drivers.installed import STAMP, digest_of, read_installed
from fairlead.engines.process import ProcessSpec, spawn
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import StartError, StateError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.observation.state import State
from fairlead.projects.installation import Installation, Installed, is_current
from fairlead.runtime.lifecycle.exit_codes import end_text
from fairlead.runtime.store.files import explain, read_json, write_json
from fairlead.runtime.store.folders import own_folder, runtime_folder, state_folder
from fairlead.runtime.store.project_settings import base_id

_PAUSE_SECONDS = 0.1
"""Between two looks whether another host has installed."""


@dataclass(slots=True)
class _Turn:
    """Who installs for one lock file; what came of it is told to those who waited meanwhile."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    failures: int = 0
    failure: str = ""


class Installations:
    """The installations of a run. Shared by its drivers."""

    def __init__(self) -> None:
        self._turns: dict[Path, _Turn] = {}

    async def ensure(
        self, installation: Installation, env: Mapping[str, str], context: DriverContext, guard: Guard
    ) -> None:
        """Install what the lock file names, if something else is installed; wait while another resource does.

        The state is Building meanwhile, and the output is in the resource's log. A manager that is not installed is
        a warning there: whatever is installed may do.

        Args:
            installation: What to install.
            env: The variables of the manager, without those that are for the app alone.
            context: The start that needs it.
            guard: Ends the manager should this host die.

        Raises:
            StartError: It failed, also for another resource while this one waited.
            StateError: The file lock can't be taken.
        """
        turn = self._turns.setdefault(installation.lock, _Turn())
        failures = turn.failures
        waits = turn.lock.locked()
        if waits:
            context.report(State.BUILDING)
            context.log(f"Another resource installs what {installation.lock} names")
        async with turn.lock, _excluding_other_hosts(installation.lock, context):
            if waits:
                context.report(State.STARTING)
            if turn.failures > failures:
                raise _failure(turn.failure)
            try:
                await _Installer(installation, env, context, guard).ensure()
            except StartError as error:
                turn.failures, turn.failure = turn.failures + 1, error.message
                raise


class _Installer:
    """Installs for one start, while no other does."""

    def __init__(
        self, installation: Installation, env: Mapping[str, str], context: DriverContext, guard: Guard
    ) -> None:
        self._installation = installation
        self._env = {name: value for name, value in env.items() if name not in installation.unset}
        self._env |= installation.env
        self._context = context
        self._guard = guard
        folder = state_folder(base_id(context.app_id, context.run_id)) / "installed"
        self._state_file = folder / f"{_short_hash(installation.lock)}.json"

    async def ensure(self) -> None:
        environment, stamp = self._noted()
        installed = read_installed(self._installation, environment, stamp)
        if is_current(self._installation, installed):
            if stamp is None:
                self._note(installed.digest, environment)  # from now on the content counts, and no longer the time
            return
        manager = self._installation.manager
        if shutil.which(manager, path=self._env.get("PATH", os.defpath)) is None:
            self._warn(installed)
            return
        self._forget()  # if it fails half-way, nothing is known about what is there
        await self._run(self._installation.command)
        if environment is None and self._installation.located_by:
            environment = await self._locate()
        self._note(digest_of(await asyncio.to_thread(self._installation.lock.read_bytes)), environment)

    async def _run(self, command: tuple[str, ...]) -> None:
        context = self._context
        context.report(State.BUILDING)
        context.log(f"Running {' '.join(command)} in {self._installation.folder}")
        process = await spawn(
            ProcessSpec(command, str(self._installation.folder), self._env),
            # What prepares a start is not the output of its program, which `run-job` prints alone.
            lambda _, lines: context.write_lines("stderr", lines),
            self._guard,
            open_line=lambda _, text: context.write_open_line("stderr", text),
        )
        try:
            code = await process.wait()
        except BaseException:
            await process.stop()
            raise
        if code != 0:
            raise _failure(f"'{' '.join(command)}' in {self._installation.folder} {end_text(code)}")
        context.report(State.STARTING)

    async def _locate(self) -> Path | None:
        """Ask the manager where its environment is; None if it does not say."""
        lines: list[bytes] = []
        spec = ProcessSpec(
            self._installation.located_by, str(self._installation.folder), {**self._env, "NO_COLOR": "1"}
        )
        process = await spawn(
            spec, lambda stream, output: lines.extend(output if stream == "stdout" else ()), self._guard
        )
        try:
            await process.wait()
        except BaseException:
            await process.stop()
            raise
        path = Path(os.fsdecode(lines[-1].strip()) if lines else "")
        environment = path.parent.parent if path.parent.name == "bin" else path
        return environment if environment.is_absolute() and environment.is_dir() else None

    def _warn(self, installed: Installed) -> None:
        installation = self._installation
        what = "has changed since it was installed" if installed.environment_time else "is not installed"
        self._context.log(
            f"Warning: what {installation.lock} names {what}, and {installation.manager} is not there to install it. "
            f"Run in {installation.folder}: {' '.join(installation.command)}"
        )

    # What was installed is noted in the environment, or in the state folder with the environment that it is about.

    def _noted(self) -> tuple[Path | None, str | None]:
        """The environment and the digest of what was installed last, as far as known."""
        environment = self._installation.environment
        if environment is not None and self._installation.keeps_stamp:
            try:
                return environment, (environment / STAMP).read_text(encoding="utf-8", errors="replace").strip()
            except OSError:
                return environment, None
        record = self._read_state()
        digest = str(record["digest"]) if "digest" in record else None
        if environment is None and record.get("environment"):
            environment = Path(str(record["environment"]))
        return environment, digest

    def _note(self, digest: str, environment: Path | None) -> None:
        if not self._installation.locked:
            return
        if self._installation.environment is not None and self._installation.keeps_stamp:
            with suppress(OSError):  # an environment of another user's: its time is looked at instead
                (self._installation.environment / STAMP).write_text(f"{digest}\n", encoding="utf-8")
        elif environment is not None:
            write_json(self._state_file, {"digest": digest, "environment": str(environment)})

    def _forget(self) -> None:
        with suppress(OSError):
            if self._installation.environment is not None:
                (self._installation.environment / STAMP).unlink(missing_ok=True)
        with suppress(OSError):
            self._state_file.unlink(missing_ok=True)

    def _read_state(self) -> Mapping[str, object]:
        try:
            return read_json(self._state_file, dict) or {}
        except StateError:  # it is only a note: without it the manager looks itself
            return {}


def _failure(message: str) -> StartError:
    return StartError(message, remedy="Its output is in the resource's log.")


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]


@asynccontextmanager
async def _excluding_other_hosts(lock: Path, context: DriverContext) -> AsyncIterator[None]:
    """Hold the file lock that stands for a lock file, so that hosts of other apps or checkouts wait.

    The file stays: removing it would let two processes lock two files of one name.
    """
    path = own_folder(runtime_folder() / "installs") / f"{_short_hash(lock)}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise explain("can't lock", path, error) from error
    try:
        waiting = False
        while not _try_lock(descriptor, path):
            if not waiting:
                context.report(State.BUILDING)
                context.log(f"Another app installs what {lock} names")
            waiting = True
            await asyncio.sleep(_PAUSE_SECONDS)
        if waiting:
            context.report(State.STARTING)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise explain("can't lock", path, error) from error
    return True
