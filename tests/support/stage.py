"""A running app whose every state is seen, for tests of what runs it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from tests.support.definitions import Define, build

from fairlead import Apphost
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.host import Host
from fairlead.runtime.reload.result import ReadAnew
from fairlead.runtime.run_options import RunOptions
from fairlead.testing import InMemory, Running

PATIENCE = 40.0
"""Seconds after which a test that waits for a state fails; what it waits for takes a few milliseconds."""


class Stage(Running):
    """A running app, with the states that each of its resources has had since before the start."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.history: defaultdict[str, list[Snapshot]] = defaultdict(list)

    def note(self, name: str) -> bool:
        """Keep what has just been published of a resource; judged by the bus, so nothing is missed."""
        snapshot = self.host.run.bus.current(name)
        seen = self.history[name]
        if not seen or seen[-1].version != snapshot.version:
            seen.append(snapshot)
        return False

    async def watch(self) -> None:
        """Keep everything until the run has ended."""
        bus = self.host.run.bus
        notes = [bus.wait_until(partial(self.note, snapshot.name), [snapshot.name]) for snapshot in bus.all()]
        await asyncio.gather(*notes, return_exceptions=True)

    def states(self, name: str) -> list[str]:
        """The states that a resource went through, each once in a row."""
        states = [str(snapshot.state) for snapshot in self.history[name]]
        return [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]

    def memory(self, name: str) -> InMemory:
        """A resource that does what the test tells it to."""
        resource = self.app[name]
        assert isinstance(resource, InMemory)
        return resource

    def text(self, name: str) -> str:
        """What is in the log of a resource."""
        return "\n".join(line.text for line in self.logs(name))

    async def until(self, name: str, condition: Callable[[Snapshot], bool]) -> Snapshot:
        """Wait until a resource looks like something."""
        bus = self.host.run.bus
        try:
            async with asyncio.timeout(PATIENCE):
                await bus.wait_until(lambda: condition(bus.current(name)), [name])
        except TimeoutError:
            raise AssertionError(f"{bus.current(name)}\n{self.text(name)}") from None
        return bus.current(name)

    async def reach(self, name: str, state: State) -> Snapshot:
        """Wait for a state of a resource."""
        return await self.until(name, lambda snapshot: snapshot.state is state)


@asynccontextmanager
async def stage(
    define: Define,
    behavior: WaitBehavior = WaitBehavior.KEEP_WAITING,
    *,
    parameters: Mapping[str, str] | None = None,
    selected: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    excluded: tuple[str, ...] = (),
    folder: Path | None = None,
    telemetry: bool = False,
    read: Callable[[], ReadAnew] | None = None,
) -> AsyncIterator[Stage]:
    """Run a definition, isolated, until the block is left; relative paths start at the folder.

    What ``read`` returns is the app that a reload finds.
    """
    options = RunOptions(
        parameters=parameters or {},
        behavior=behavior,
        isolated=True,
        environ={},
        selected=selected,
        groups=groups,
        excluded=excluded,
        telemetry=telemetry,
        read=read,
    )
    app = build(define) if folder is None else Apphost(define, "shop", folder / "apphost.py").build()
    host = await Host.open(app, options)
    shown = Stage(host)
    watching = asyncio.ensure_future(shown.watch())
    try:
        for _ in range(2):
            await asyncio.sleep(0)  # the watch begins
        await host.start()
        yield shown
    finally:
        try:
            await host.close()
        finally:
            await watching
