"""A resource's own commands: they get their inputs, and their answers get back."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.kinds import Odd, OddDriver
from tests.support.stage import stage

from fairlead import ActionContext, AppBuilder, Command, CommandInput, CommandResult, State, UsageError
from fairlead.runtime.lifecycle.commands import CommandError
from fairlead.testing import InMemory


def seed(context: ActionContext) -> CommandResult:
    context.log(f"seeding with {context.inputs['token']}")
    data = {"rows": context.inputs["rows"], "used": [context.inputs["token"]]}
    return CommandResult(f"{context.inputs['rows']} rows by {context.inputs['token']}", data)


def define(app: AppBuilder) -> None:
    inputs = [CommandInput("rows", kind="number", default=2), CommandInput("token", kind="secret", required=True)]
    app.add(InMemory("db")).with_command("seed", seed, inputs=inputs).with_command(
        "bad", lambda: CommandResult("", {1j})
    )


async def test_a_command_gets_inputs_and_answers_with_data() -> None:
    """The function must find its inputs in the context; message and data must come back without the secret ones."""
    async with stage(define) as shown:
        result = await shown.host.supervisor.command("db", "seed", {"token": "opensesame"})
        assert result == CommandResult("2 rows by ***", {"rows": 2, "used": ["***"]})
        assert await shown.command("db", "seed", {"rows": "7", "token": "opensesame"}) == "7 rows by ***"
        assert "seeding with ***" in shown.text("db")
        offered = {command.name: command.inputs for command in shown.snapshot("db").commands}
        assert [declared.name for declared in offered["seed"]] == ["rows", "token"]


async def test_a_command_that_lacks_an_input_does_not_run() -> None:
    """What a command can't do with must be refused, naming the resource; so must inputs of start."""
    async with stage(define) as shown:
        with pytest.raises(UsageError, match=r"db: the command 'seed' needs 'token'. Give --input token=VALUE"):
            await shown.command("db", "seed", {})
        with pytest.raises(UsageError, match="takes no inputs"):
            await shown.command("db", "start", {"x": 1})
        with pytest.raises(UsageError, match="It has 'start', 'stop', 'restart', 'seed', 'bad'"):
            await shown.command("db", "sow")
        assert "seeding" not in shown.text("db")


async def test_data_that_json_does_not_know() -> None:
    """Data that can't be passed on must fail the command, with what may be returned."""
    async with stage(define) as shown:
        with pytest.raises(CommandError, match="db: bad answered with data that JSON does not know") as error:
            await shown.command("db", "bad")
        assert "dicts, lists" in str(error.value.remedy)


class Bringing(Odd):
    driver = f"{__name__}:BringingDriver"


class BringingDriver(OddDriver):
    def commands(self) -> tuple[Command, ...]:
        return (Command("prune", lambda: "pruned", "Prune"), Command("seed", print, "Other"))


async def test_a_driver_may_bring_commands() -> None:
    """Commands that a kind offers while it is up must stand beside the definition's, which win, until it ends."""

    def define(app: AppBuilder) -> None:
        app.add(Bringing("db")).with_command("seed", lambda: "seeded")

    async with stage(define) as shown:
        await shown.wait_healthy("db")
        offered = {command.name: command.display for command in shown.snapshot("db").commands}
        assert offered == {"start": "Start", "stop": "Stop", "restart": "Restart", "prune": "Prune", "seed": "seed"}
        assert [await shown.command("db", name) for name in ("prune", "seed")] == ["pruned", "seeded"]
        await shown.command("db", "stop")
        assert "prune" not in {command.name for command in shown.snapshot("db").commands}
        with pytest.raises(UsageError, match="it has no command 'prune'"):
            await shown.command("db", "prune")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Command("start", print), "there is a command 'start' already"),
        (Command("a b", print), "'a b'"),
        (Command("seed", print, inputs=(CommandInput("n", kind="choice"),)), "no choices"),
        (Command("seed", print, inputs=(CommandInput("n"), CommandInput("n"))), "two inputs 'n'"),
    ],
)
async def test_a_bad_command_of_a_driver(command: Command, reason: str) -> None:
    """A command that could not be given must fail the start with its name, as it would be a mistake in a definition."""
    async with stage(lambda app: app.add(Offering("db", command))) as shown:
        failed = await shown.reach("db", State.FAILED_TO_START)
        assert reason in failed.reason and f"its driver offers the command {command.name!r}" in failed.reason


async def test_a_command_of_a_driver_is_completed() -> None:
    """Labels that are left out must be the names; the driver must be asked once for each start."""
    async with stage(lambda app: app.add(Offering("db", Command("seed", print, inputs=(CommandInput("n"),))))) as shown:
        await shown.wait_healthy("db")
        seed = next(view for view in shown.snapshot("db").commands if view.name == "seed")
        assert (seed.display, seed.inputs[0].label) == ("seed", "n")
        await shown.command("db", "seed")
        db = shown.app["db"]
        assert isinstance(db, Offering) and db.asked == 1


class Offering(Odd):
    driver = f"{__name__}:OfferingDriver"

    def __init__(self, name: str, command: Command) -> None:
        super().__init__(name)
        self.command, self.asked = command, 0


class OfferingDriver(OddDriver):
    def commands(self) -> tuple[Command, ...]:
        assert self._context is not None and isinstance(self._context.resource, Offering)
        self._context.resource.asked += 1
        return (self._context.resource.command,)


async def test_a_command_that_runs_is_shown() -> None:
    """While a command runs its view must say since when, and what came of it must be an event."""
    going, begun = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        begun.set()
        await going.wait()
        return "42 rows"

    def fails() -> None:
        raise ValueError("no rows")

    def define_slow(app: AppBuilder) -> None:
        app.add(InMemory("db")).with_command("slow", slow, display="Seed slowly").with_command("fails", fails)

    async with stage(define_slow) as shown:
        await shown.wait_healthy("db")
        running = asyncio.ensure_future(shown.command("db", "slow"))
        await begun.wait()
        assert shown.snapshot("db").command("slow").running_since is not None
        going.set()
        await running
        assert shown.snapshot("db").command("slow").running_since is None
        with pytest.raises(CommandError):
            await shown.command("db", "fails")
        await shown.command("db", "restart")
        news = [(event.tone, event.text) for event in shown.host.run.events.of("db") if event.kind == "command"]
        assert news == [
            ("busy", "Seed slowly was asked for"),
            ("ok", "Seed slowly: 42 rows"),
            ("busy", "fails was asked for"),
            ("bad", "fails failed: fails raised ValueError: no rows"),
            ("idle", "Restart was asked for"),
        ]
