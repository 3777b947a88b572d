"""How harbours and ships are brought up and down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.thirdparty.harbour.kinds import Harbour, Ship
from tests.thirdparty.harbour.yard import YARDS, Box, Radio, Yard

from fairlead import (
    KEPT,
    ActionContext,
    Command,
    CommandInput,
    CommandResult,
    Driver,
    DriverContext,
    EngineError,
    Health,
    HealthStatus,
    HostCommand,
    Kept,
    Lifetime,
    Network,
    ObservedChild,
    StartError,
    State,
    StopReason,
)


class HarbourDriver(Driver):
    """Opens a yard, or takes the one that an earlier run has left open, and shows what is in it."""

    stop_timeout = 10.0
    context: DriverContext
    yard: Yard
    server: asyncio.Server

    def __init__(self) -> None:
        self._shown: set[str] = set()
        self._lines_read: dict[str, int] = {}

    @property
    def harbour(self) -> Harbour:
        """The resource."""
        assert isinstance(self.context.resource, Harbour)
        return self.context.resource

    async def start(self, context: DriverContext) -> None:
        """Open the yard, listen, write the passes, and begin to watch.

        Raises:
            StartError: The water is not deep enough.
        """
        self.context = context
        await context.shared(Radio, Radio.connect)
        depth = (await context.environment())["DEPTH"]
        if int(depth) < 3:
            raise StartError(f"a depth of {depth} m is too little", remedy="Give it 3 m or more.")
        was_open = self._key in YARDS
        self.yard = await self._open(depth)
        try:
            self.server = await asyncio.start_server(self._greet, "127.0.0.1", context.port("control"))
        except BaseException:
            if not was_open:
                self._close()
            raise
        for consumer in context.consumers:
            self._write_pass(consumer.resource.name, consumer.network)
        context.spawn(self._watch(), "watch of the yard")
        context.report(depth=f"{depth} m")

    async def stop(self, reason: StopReason) -> int | Kept | None:
        """Close it, unless it is to stay open after the run."""
        self.context.log(f"Closing: {reason}")
        self.server.close()
        await self.server.wait_closed()
        if reason is StopReason.RUN_ENDING and is_kept(self.context, self.harbour):
            return KEPT
        self._close()
        return 0

    async def health(self) -> Health | None:
        """Degraded while something has happened to a box."""
        problems = [box.problem for boxes in self.yard.ships.values() for box in boxes if box.problem]
        return Health.degraded("; ".join(problems)) if problems else Health.healthy()

    def commands(self) -> Sequence[Command]:
        """Unloading a ship that is declared."""
        ships = [child.name for child in self.context.children]
        inputs = (
            CommandInput("ship", kind="choice", choices=ships, required=True),
            CommandInput("count", kind="number", default=1),
        )
        return [Command("unload", self._unload, "Unload boxes", inputs=inputs)] if ships else []

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand | None:
        """A command on the quay, or inside a box."""
        if child is None:
            return HostCommand(argv, {"HARBOUR": self.harbour.name})
        box = self._boxes().get(child)
        if box is None:
            return None  # on a ship nobody works
        if box.problem:
            raise EngineError(f"{child} can't be opened: {box.problem}")
        return HostCommand(argv, {"HARBOUR": self.harbour.name, "BOX": child})

    # Opening it

    @property
    def _key(self) -> tuple[str, str]:
        return self.context.app_id, self.harbour.name

    @property
    def _record(self) -> Path:
        return self.context.state_folder / f"harbour-{self.harbour.name}.json"

    async def _open(self, depth: str) -> Yard:
        """The yard that is open, if it is the one that is wanted; otherwise a new one."""
        wanted = self.context.field_hashes({"depth": depth, "name": self.harbour.name})
        yard = YARDS.get(self._key)
        if yard is not None:
            known = json.loads(self._record.read_text())
            changed = sorted(name for name in wanted if wanted[name] != known.get(name))
            if not changed:
                await self._prune(yard)
                return yard
            self.context.log(f"Opening it anew, as this has changed: {', '.join(changed)}")
        YARDS[self._key] = Yard(depth)
        self._record.write_text(json.dumps(wanted))
        return YARDS[self._key]

    def _close(self) -> None:
        del YARDS[self._key]
        self._record.unlink(missing_ok=True)

    async def _prune(self, yard: Yard) -> None:
        """Let go what an earlier run has left and the definition no longer has."""
        self.context.log("It is open already")
        for ship in yard.ships.keys() - {child.name for child in self.context.children}:
            await yard.undock(ship)
            self.context.log(f"Let {ship} go, which is not declared any more")

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"welcome to {self.harbour.name}\n".encode())
        await writer.drain()
        writer.close()

    def _write_pass(self, consumer: str, network: Network) -> None:
        address = self.context.address(self.harbour.endpoint("control"), network)
        text = f"{address.host}:{address.port}"
        if network is Network.HOST:
            path = self.context.state_folder / f"pass-of-{consumer}"
            path.write_text(text)
            text = str(path)
        self.context.set_output(f"pass-of-{consumer}", text, network=network)

    # Showing what is in it

    async def _watch(self) -> None:
        async for _ in self.yard.changes():
            self._show()

    def _show(self) -> None:
        declared = {child.name for child in self.context.children}
        ids: set[str] = set()
        for ship, boxes in self.yard.ships.items():
            parent = ship if ship in declared else None
            hold = ObservedChild(kind="Hold", name=ship, parent=parent, properties=(("boxes", str(len(boxes))),))
            ids.add(self.context.observe(hold))
            ids |= {self._show_box(ship, box, hold.id_below(self.harbour.name)) for box in boxes}
        for id in self._shown - ids:
            self.context.forget(id)
        self._shown = ids

    def _show_box(self, ship: str, box: Box, hold: str) -> str:
        child = ObservedChild(
            kind="Box",
            name=box.name,
            namespace=ship,
            parent=hold,
            state=State.RUNTIME_UNHEALTHY if box.problem else State.RUNNING,
            health=HealthStatus.UNHEALTHY if box.problem else HealthStatus.HEALTHY,
            reason=box.problem,
        )
        return self.context.observe(child, partial(self._follow, child.id_below(self.harbour.name), box))

    async def _follow(self, id: str, box: Box) -> None:
        """Hand over what is written about a box, behind what an earlier reader has had."""
        async for lines in self.yard.read(box, self._lines_read.get(id, 0)):
            for source, text in lines:
                self.context.write_child(id, [text.encode()], source=source)
            self._lines_read[id] = self._lines_read.get(id, 0) + len(lines)

    def _boxes(self) -> dict[str, Box]:
        return {
            ObservedChild(kind="Box", name=box.name, namespace=ship).id_below(self.harbour.name): box
            for ship, boxes in self.yard.ships.items()
            for box in boxes
        }

    async def _unload(self, action: ActionContext) -> CommandResult:
        taken = await self.yard.unload(action.inputs["ship"], action.inputs["count"])
        return CommandResult(f"{len(taken)} boxes from {action.inputs['ship']}", {"boxes": taken})


class ShipDriver(Driver):
    """Docks a ship in the yard of its harbour."""

    up_state = State.ACTIVE
    context: DriverContext
    yard: Yard

    @property
    def ship(self) -> Ship:
        """The resource."""
        assert isinstance(self.context.resource, Ship)
        return self.context.resource

    async def start(self, context: DriverContext) -> None:
        """Dock.

        Raises:
            StartError: The harbour is not open.
        """
        self.context = context
        radio = await context.shared(Radio, Radio.connect)
        yard = radio.yard(context.app_id, self.ship.harbour.name)
        if yard is None:
            raise StartError(f"{self.ship.harbour.name} is closed", remedy="Start it first.")
        self.yard = yard
        if self.ship.name not in yard.ships:
            await yard.dock(self.ship.name, self.ship.boxes)

    async def stop(self, reason: StopReason) -> int | Kept | None:
        """Leave, unless the harbour stays as it is."""
        if reason is StopReason.RUN_ENDING and is_kept(self.context, self.ship.harbour):
            return KEPT
        await self.yard.undock(self.ship.name)
        return None


def is_kept(context: DriverContext, harbour: Harbour) -> bool:
    """Whether a harbour stays open when the run ends."""
    return harbour.lifetime is Lifetime.PERSISTENT and not context.isolated
