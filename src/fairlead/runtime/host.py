"""The host of a run: claims the app, puts the parts of a run together, and takes them apart again."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from fairlead.engines.descriptors import release_reserve
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.leftover_processes import sweep_leftovers
from fairlead.errors import DependencyFailed, EngineUnavailable, StateError
from fairlead.model.app import App
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.model.programs.program import Program
from fairlead.model.wait import WaitBehavior
from fairlead.model.watch import watches_of
from fairlead.resources.executable import Executable
from fairlead.runtime.causes.book import CauseBook
from fairlead.runtime.lifecycle.outcome import has_failed
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.shared import Shared
from fairlead.runtime.lifecycle.supervisor import Supervisor
from fairlead.runtime.plan import Plan, plan_run
from fairlead.runtime.reload.definition_files import DefinitionFiles
from fairlead.runtime.reload.result import Prepared, Reload, Reloads
from fairlead.runtime.run_options import RunOptions, parameter_sources, still_there
from fairlead.runtime.store.folders import runtime_folder, socket_path, state_folder, volumes_folder
from fairlead.runtime.store.instance import InstanceLock, RunRecord, definition_digest
from fairlead.runtime.store.ports import PortBook, PortRequest
from fairlead.runtime.store.project_settings import app_identity, find_settings, isolated_id
from fairlead.runtime.store.spec_key import SpecKey
from fairlead.runtime.store.state_folder import StateFolder
from fairlead.runtime.store.volume_folders import VolumeFolders
from fairlead.runtime.telemetry.exporting import Exporting, TelemetryPort, containers_send, port_of, port_request
from fairlead.runtime.telemetry.tokens import Tokens
from fairlead.runtime.user_values import UserValues
from fairlead.runtime.values.addresses import Addresses
from fairlead.runtime.values.parameters import ParameterSources, missing


class Watching(Protocol):
    """What watches the files of a run."""

    def begin(self) -> None:
        """Begin, or begin anew with what the definition says by now."""

    def end(self) -> None:
        """Watch nothing any more."""


class Host:
    """One run of an app in this process; made by :meth:`open`.

    Args:
        run: The run.
        record: What others can know about it.
        sources: Where its parameters come from.
        ports: Hands out its ports.
        lock: The claim on the app, unless the run is isolated.
        options: How the app is run.
    """

    def __init__(
        self,
        run: Run,
        record: RunRecord,
        sources: ParameterSources,
        ports: PortBook,
        lock: InstanceLock | None,
        *,
        options: RunOptions | None = None,
    ) -> None:
        self.run = run
        self.record = record
        self.ports = ports
        self.supervisor = Supervisor(run)
        self.values = UserValues(run, self.supervisor, sources)
        self.causes = CauseBook(run)
        self._watch: Watching | None = None
        self._lock = lock
        self._options = options or RunOptions()
        self.definition = DefinitionFiles(run.app.file, record.definition, record.started)
        self._own_parts = _own_parts(run.app)
        self._reloads: Reloads | None = None

    @classmethod
    async def open(cls, app: App, options: RunOptions | None = None) -> Host:
        """Claim the app and make everything ready; nothing is started yet.

        Raises:
            AlreadyRunning: The app has a host.
            UsageError: A selected or excluded resource or a group is not there, or a settings file can't be understood.
            DefinitionError: What is to start can't do without a member of a group that nobody asked for.
            StateError: The runtime folder can't be used.
        """
        options = options or RunOptions()
        settings = find_settings(app.directory)
        run_id = secrets.token_hex(8)
        app_id = isolated_id(app, run_id) if options.isolated else app_identity(app, settings, options.variant)
        sources = parameter_sources(app, options, app_id, settings)
        plan = _plan(app, options, sources)
        socket = str(_socket(app_id, options.isolated))
        digest = definition_digest(app.file)
        record = RunRecord(app_id, app.name, str(app.file), os.getpid(), time.time(), run_id, socket, digest)
        lock = None if options.isolated else InstanceLock()
        if lock is not None:
            lock.acquire(record)
        shared = Shared()
        try:
            if any(start.automatic and isinstance(app[start.name], Executable) for start in plan.starts):
                # It takes as long to start as to sweep and to allocate ports, and every process waits for it.
                shared.begin(Guard, lambda: Guard.start(app_id, run_id))
            for pid in await sweep_leftovers(app_id, run_id, partial(isolated_id, app)):
                options.warn(f"ended process {pid}, which an earlier run had left behind")
            folder = state_folder(app_id, options.environ)
            book = PortBook(folder, app_id, remember=not options.isolated, warn=options.warn)
            ports = book.allocate(_port_requests(app, plan, options))
            addresses = Addresses(ports, book.move)
            spec_key = SpecKey(sources.store)
            exporting = Exporting.open(port_of(ports), Tokens(spec_key.token), run_id) if options.telemetry else None
            if exporting is not None:
                shared.provide(Exporting, exporting)
                shared.provide(TelemetryPort, TelemetryPort(exporting.port))
            state = StateFolder(folder, app.id if options.isolated else None)
            run = Run(
                app,
                app_id,
                run_id,
                plan,
                options.behavior,
                addresses,
                state,
                _volume_folders(app_id, options, state),
                isolated=options.isolated,
                color=options.color,
                shared=shared,
                spec_key=spec_key,
                wait_limit=options.wait_limit if options.behavior is WaitBehavior.FAIL_FAST else None,
                telemetry=exporting,
                job_arguments=options.job_arguments,
            )
            shared.provide(ParameterSources, sources)
            return cls(run, record, sources, book, lock, options=options)
        except BaseException:
            try:
                await shared.close()
            finally:
                if lock is not None:
                    lock.release()
            raise

    async def start(self) -> None:
        """Start what the plan starts by itself; returns at once, the states tell the rest."""
        self.run.tasks.spawn(self.run.sampler.run(), "usage")
        await self.supervisor.start()
        if self._options.watch:
            self.begin_watch()
        if self._options.read is not None:
            self.run.tasks.spawn(self.definition.follow(), "files of the definition")

    def begin_watch(self) -> None:
        """Begin to watch the files that the definition names, or those that it names by now."""
        if self._watch is None and any(watches_of(resource) for resource in self.run.app):
            # Most apps watch nothing, and their start need not wait for this to be loaded.
            from fairlead.runtime.watching.app_watch import AppWatch

            self._watch = AppWatch(self.run, self.supervisor)
        if self._watch is not None:
            self._watch.begin()

    # Going by a new definition; see ``reload.reloader``

    async def reload(self, *, check: bool = False) -> Reload:
        """Read the app file again, and apply what differs.

        Args:
            check: Whether to apply nothing.

        Returns:
            What differs; with mistakes in the definition these, and nothing was done.

        Raises:
            UsageError: The app can't be read again.
            NotRunning: The run is ending.
        """
        if self._reloads is None:
            from fairlead.runtime.reload.reloader import Reloader

            self._reloads = Reloader(self.run, self.supervisor, self, self._options.read, self._own_parts)
        return await self._reloads.reload(check=check)

    def prepare(self, app: App, digest: str, read_at: float) -> Prepared:
        """Plan a run by a new definition, and read settings anew; changes nothing.

        Raises:
            UsageError: Nothing is left of what the run was started for, or a settings file can't be understood.
            DefinitionError: What is to start can't do without a member of a group that nobody asked for.
            StateError: A settings file can't be read.
        """
        options = still_there(self._options, app)
        sources = parameter_sources(app, self._options, self.run.app_id, find_settings(app.directory))
        sources.inherit(self.values.sources)
        return Prepared(app, _plan(app, options, sources), sources, digest, read_at)

    def adopt(self, prepared: Prepared) -> None:
        """Allocate the ports of a new definition, and take parameters from where it says.

        Raises:
            StateError: No port is left.
        """
        requests = _port_requests(prepared.app, prepared.plan, self._options)
        self.run.addresses.adopt(self.ports.allocate(requests))
        self.values.sources = prepared.sources
        self.run.shared.provide(ParameterSources, prepared.sources)

    def settle(self, prepared: Prepared) -> None:
        """Renew what was made for the definition before."""
        self.causes.adopt()
        self.record = replace(self.record, definition=prepared.digest)
        self.definition.adopt(prepared.digest, prepared.read_at)
        if self._lock is not None:
            with suppress(StateError):  # it is only shown
                self._lock.update(self.record)
        if self._options.watch:
            self.begin_watch()

    async def stop(self) -> None:
        """Stop everything in order; watchers of states and followers of logs get what there is, and then end.

        The app stays claimed, so that its control server can be closed first.
        """
        self.run.ending.set()
        if self._watch is not None:
            self._watch.end()
        release_reserve()
        try:
            await self.supervisor.stop()
        finally:
            self.run.close()
            self.causes.close()
            self.definition.feed.close()

    async def close(self) -> None:
        """Stop everything in order, close what the drivers shared, and give the app up."""
        try:
            await self.stop()
        finally:
            try:
                await self.run.shared.close()
            finally:
                self.run.state_folder.close()
                if self._lock is not None:
                    self._lock.release()

    @property
    def failures(self) -> list[Snapshot]:
        """The declared resources that have failed, see :func:`has_failed`; not the jobs that somebody asked for."""
        jobs = {each.name for each in self.run.app if isinstance(each, Program) and each.is_job}
        asked_for = jobs - {start.name for start in self.run.plan.starts if start.automatic}
        return [snapshot for snapshot in self._declared if has_failed(snapshot) and snapshot.name not in asked_for]

    @property
    def lacks_engine(self) -> bool:
        """Whether something has failed, and all of it because an engine is not there."""
        errors = [self.supervisor.runner(failed.name).failure for failed in self.failures]
        causes = [error for error in errors if not isinstance(error, DependencyFailed)]
        return bool(causes) and all(isinstance(error, EngineUnavailable) for error in causes)

    @property
    def is_up(self) -> bool:
        """Whether all that starts by itself is ready, or has ended or failed already."""
        automatic = (start.name for start in self.run.plan.starts if start.automatic)
        snapshots = [self.run.bus.current(name) for name in automatic if not self.run.app[name].passive]
        return all(snapshot.ready or snapshot.state.is_terminal or has_failed(snapshot) for snapshot in snapshots)

    @property
    def is_over(self) -> bool:
        """Whether no declared resource runs, or will run without a command of the user's."""
        return all(
            snapshot.state.is_terminal or snapshot.state in (State.NOT_STARTED, State.VALUE_MISSING)
            for snapshot in self._declared
            if not self.run.app[snapshot.name].passive
        )

    @property
    def _declared(self) -> list[Snapshot]:
        return [snapshot for snapshot in self.run.bus.all() if snapshot.origin == "declared"]


def _plan(app: App, options: RunOptions, sources: ParameterSources) -> Plan:
    valueless = [parameter.name for parameter in missing(app, sources)] if options.excluded else []
    return plan_run(app, options.selected, options.excluded, valueless, options.groups)


def _port_requests(app: App, plan: Plan, options: RunOptions) -> list[PortRequest]:
    return [*plan.ports, *([_telemetry_port(app)] if options.telemetry else [])]


def _own_parts(app: App) -> Mapping[str, Mapping[str, Hashable]]:
    """What kinds of other packages keep on their resources, before the run changes it."""
    own_rooms = ("fairlead.model.", "fairlead.resources.")
    if all(type(resource).__module__.startswith(own_rooms) for resource in app):
        return {}
    from fairlead.runtime.reload.description import own_parts_of

    return own_parts_of(app)


def _telemetry_port(app: App) -> PortRequest:
    return port_request(for_containers=containers_send(app))


def _volume_folders(app_id: str, options: RunOptions, state: StateFolder) -> VolumeFolders:
    """Where the volumes of processes are; those of an isolated run end with it."""
    if options.isolated:
        return VolumeFolders(lambda: state.path() / "volumes")
    return VolumeFolders(lambda: volumes_folder(app_id, options.environ))


def _socket(app_id: str, isolated: bool) -> Path:
    return Path() if isolated else socket_path(app_id, runtime_folder())
