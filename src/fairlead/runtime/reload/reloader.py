"""Reads the app file anew while the app runs, tells what differs, and applies just that."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Protocol

from fairlead.engines.tasks import run_all
from fairlead.errors import DefinitionError, FairleadError, ModelError, NotRunning, StartError, StateError, UsageError
from fairlead.model.app import App
from fairlead.model.composition.composition import compose
from fairlead.model.endpoints.consumer import Mode, Network
from fairlead.model.locations import error_location
from fairlead.model.parameter import Parameter
from fairlead.model.programs.workload import Workload
from fairlead.model.values.value import Value, ValueLike, to_text
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.supervisor import Supervisor
from fairlead.runtime.reload.description import Parts, own_parts_of
from fairlead.runtime.reload.differences import Facts, Side, find_differences
from fairlead.runtime.reload.result import Action, Difference, Prepared, ReadAnew, Reload, ReloadError
from fairlead.runtime.reload.spare_ports import SparePorts
from fairlead.runtime.store.instance import definition_digest
from fairlead.runtime.values.env_files import variables_of_files
from fairlead.runtime.values.parameters import ParameterSources


class Owner(Protocol):
    """The host of the run, as far as a reload needs it."""

    def prepare(self, app: App, digest: str, read_at: float) -> Prepared:
        """Plan a run by a new definition, and read settings anew; changes nothing.

        Raises:
            FairleadError: It can't be run.
        """

    def adopt(self, prepared: Prepared) -> None:
        """Go by a new definition: allocate its ports, and tell all parts of the run.

        Raises:
            FairleadError: No port is left.
        """

    def settle(self, prepared: Prepared) -> None:
        """The new definition is applied: renew what was made for the one before."""


class Reloader:
    """Reloads of one run, one after the other.

    Args:
        run: The run.
        supervisor: Its resources.
        owner: Its host.
        read: Reads the app file anew; None where the app can't be read again.
        own: What kinds of other packages keep, by resource, as it was when the app was built.
    """

    def __init__(
        self,
        run: Run,
        supervisor: Supervisor,
        owner: Owner,
        read: Callable[[], ReadAnew] | None,
        own: Mapping[str, Parts],
    ) -> None:
        self.run = run
        self.supervisor = supervisor
        self.owner = owner
        self.read = read
        self.own = own
        self._spare_ports = SparePorts()
        self._turn = asyncio.Lock()

    async def reload(self, *, check: bool = False) -> Reload:
        """Read the app file, find what differs, and apply it.

        Args:
            check: Whether to apply nothing.

        Returns:
            What differs and whether it was applied; the mistakes of a definition that can't be gone by, with which
            nothing was done.

        Raises:
            UsageError: The app can't be read again.
            NotRunning: The run is ending.
        """
        if self.read is None:
            raise UsageError(
                "the definition of this run can't be read again, as it is in no file of its own",
                remedy="Stop the app and run it again.",
            )
        async with self._turn:
            if self.run.ending.is_set():
                raise NotRunning("the run is ending")
            # Of what is read then, or of something older.
            digest, read_at = definition_digest(self.run.app.file), time.time()
            try:
                read = await asyncio.to_thread(self.read)
            except FairleadError as error:
                return Reload(errors=_errors(error))
            applied = False
            try:
                reload = await self._go_by(read.app, digest, read_at, check=check)
                applied = reload.applied
                return reload
            except (DefinitionError, StateError, UsageError) as error:
                return Reload(errors=_errors(error))
            finally:
                if not applied:
                    read.forget()

    async def _go_by(self, app: App, digest: str, read_at: float, *, check: bool) -> Reload:
        known = self.run.app
        if app.name != known.name:
            raise UsageError(
                f"the app is called {app.name} now, and this run is of {known.name}",
                remedy="Stop the app and run it again, or give it its name back.",
            )
        prepared = self.owner.prepare(app, digest, read_at)
        after = Side(app, prepared.plan, own_parts_of(app))
        facts = await self._facts(after, prepared.sources)
        differences = find_differences(Side(known, self.run.plan, self.own), after, facts)
        unchanged = len(prepared.plan.starts) - sum(each.action is not Action.REMOVE for each in differences)
        if not check:
            await self._apply(prepared, differences)
            self.own = after.own
        return Reload(tuple(differences), unchanged, applied=not check)

    # What is known of the run

    async def _facts(self, after: Side, sources: ParameterSources) -> Facts:
        changed = [name for name, resource in after.planned().items() if self._has_another_value(resource, sources)]
        variables = {name: await self._changed_variables(after, name) for name in self.run.environments}
        return Facts(self.run.bus.snapshots, changed, variables)

    def _has_another_value(self, resource: object, sources: ParameterSources) -> bool:
        """Whether a parameter that the run knows has another value now; one that would be made up has none yet."""
        if not isinstance(resource, Parameter) or resource.name not in self.run.bus.snapshots:
            return False
        found = sources.look(resource)
        text = found.value if found is not None else resource.default
        known = self.run.outputs.get(resource.name, "value", Network.HOST)
        return isinstance(text, str) and text != known

    async def _changed_variables(self, after: Side, name: str) -> list[str]:
        """The variables of a resource's environment files that are others than at its last start."""
        resource = after.planned().get(name)
        if not isinstance(resource, Workload) or not resource.env_files:
            return []
        try:
            files = await variables_of_files(resource, after.app.directory, os.environ, lambda text: None)
        except StartError:
            return []  # its next start says so
        overridden = compose(resource, Mode.RUN, excluded=after.plan.excluded, inactive=after.plan.inactive).variables
        texts = {variable: _text(value) for _, variables in files for variable, value in variables.items()}
        known = self.run.environments[name]
        return sorted(each for each, text in texts.items() if each not in overridden and known.get(each) != text)

    # What is done

    async def _apply(self, prepared: Prepared, differences: Collection[Difference]) -> None:
        by_action: dict[Action, list[str]] = {action: [] for action in Action}
        for difference in differences:
            by_action[difference.action].append(difference.name)
        gone, restarted = [*by_action[Action.REMOVE], *by_action[Action.REPLACE]], by_action[Action.RESTART]
        runners = {name: self.supervisor.runner(name) for name in (*gone, *restarted)}
        ends: dict[str, Callable[[], Awaitable[None]]] = {name: runners[name].stop for name in gone}
        ends |= {name: runners[name].end_for_another for name in restarted}
        checked = [each.name for each in differences if "health checks" in each.parts]
        self.owner.adopt(prepared)
        await self.supervisor.end_in_order(ends)
        self.run.adopt(prepared.app, prepared.plan)
        self.supervisor.adopt(by_action[Action.REPLACE], checked)
        begun = [*by_action[Action.START], *by_action[Action.REPLACE]]
        self._spare_ports.renew([*restarted, *begun])
        self._spare_ports.give(
            prepared.app,
            [each.name for each in differences if each.parts == ("new",)],
            [*restarted, *begun],
            self.run.addresses.exchange,
        )
        await run_all("reload", *(self._begin(name, is_restart=name in restarted) for name in (*restarted, *begun)))
        for name in by_action[Action.REMOVE]:
            self.run.bus.remove(name)
        self.owner.settle(prepared)

    async def _begin(self, name: str, *, is_restart: bool) -> None:
        runner = self.supervisor.runner(name)
        if not is_restart and name not in {start.name for start in self.run.plan.starts if start.automatic}:
            return
        with suppress(NotRunning):  # the run is ending, or an earlier start of it has never ended
            await (runner.begin_as_another() if is_restart else runner.start())


def _text(value: ValueLike) -> str:
    """The text of a variable of a file, which is known."""
    if isinstance(value, Value):
        return "".join(part for part in value.parts() if isinstance(part, str))
    return to_text(value)


def _errors(error: FairleadError) -> tuple[ReloadError, ...]:
    if isinstance(error, DefinitionError):
        return tuple(_error(each) for each in error.errors)
    return (_error(error),)


def _error(error: FairleadError) -> ReloadError:
    cause = error.__cause__
    if isinstance(error, ModelError):
        return ReloadError(error.message, error.resource, error.file or "", error.line or 0, error.remedy)
    if cause is None or isinstance(cause, (SyntaxError, SystemExit)):
        return ReloadError(error.message, error.resource, remedy=error.remedy)
    place = error_location(cause)
    return ReloadError(
        f"{error.message}: {type(cause).__name__}: {cause}", error.resource, place.file, place.line, error.remedy
    )
