"""A resource's own commands: they get their inputs, and their answers get back."""

from __future__ import annotations

import pytest
from tests.support.stage import stage

from fairlead import ActionContext, AppBuilder, CommandInput, CommandResult, UsageError
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
