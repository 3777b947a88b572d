"""Commands with inputs: what a definition may declare, and what is made of what a user gives."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.definitions import mistakes

from fairlead import CommandInput, UsageError
from fairlead.model.command import Command

INPUTS = (
    CommandInput("rows", kind="number", required=True),
    CommandInput("table", kind="choice", choices=("orders", "users"), default="orders"),
    CommandInput("dry-run", kind="boolean", default=True),
    CommandInput("token", kind="secret"),
    CommandInput("note"),
)
COMMAND = Command("seed", print, "Seed", inputs=INPUTS)


def test_what_is_given_becomes_what_the_kind_says() -> None:
    """Texts, as a command line has them, must be read like the values that JSON has, and defaults fill the rest."""
    read = {"rows": 3, "table": "users", "dry-run": False, "token": "x", "note": "7"}
    assert COMMAND.read_inputs({"rows": 3.0, "table": "users", "dry-run": False, "token": "x", "note": 7}) == read
    assert COMMAND.read_inputs({**{name: str(value) for name, value in read.items()}, "dry-run": "no"}) == read
    assert COMMAND.read_inputs({"rows": "0.5"}) == {
        "rows": 0.5,
        "table": "orders",
        "dry-run": True,
        "token": None,
        "note": None,
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "the command 'seed' needs 'rows'"),
        ({"rows": 1, "colour": "red"}, "the command 'seed' has no input 'colour'"),
        ({"rows": "many"}, "the input 'rows' needs a number, and 'many' is none"),
        ({"rows": "inf"}, "the input 'rows' needs a number, and 'inf' is none"),
        ({"rows": True}, "the input 'rows' needs a number, and True is none"),
        ({"rows": 1, "table": "prices"}, "the input 'table' needs one of 'orders', 'users', and 'prices' is none"),
        ({"rows": 1, "dry-run": "perhaps"}, "the input 'dry-run' needs a boolean, and 'perhaps' is none"),
        ({"rows": 1, "note": ["x"]}, "the input 'note' needs a text, and ['x'] is none"),
        ({"rows": 1, "token": {"a": 1}}, "the input 'token' needs a secret, and what was given is none"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, object], message: str) -> None:
    """An unknown, missing or wrong input must be refused before the command runs, and no secret be shown."""
    with pytest.raises(UsageError) as refused:
        COMMAND.read_inputs(given)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ("rows", "str is no input"),
        ([7], "int is no input"),
        ([CommandInput("a"), CommandInput("a")], "there are two inputs 'a'"),
        ([CommandInput("no name")], "'no name'"),
        ([CommandInput("a", kind="colour")], "'a' is of a kind that is none of 'text'"),  # type: ignore[arg-type]
        ([CommandInput("a", kind="choice")], "'a' has the kind 'choice' and no choices"),
        ([CommandInput("a", choices=("x",))], "'a' has the kind 'text' and choices"),
        ([CommandInput("a", kind="choice", choices="xy")], "the choices of 'a' are not a list of texts"),
        ([CommandInput("a", kind="choice", choices=("x",), default="y")], "its default: the input 'a' needs one of"),
        ([CommandInput("a", kind="secret", default="x")], "'a' is secret, and has a default"),
    ],
)
def test_mistakes_in_inputs(inputs: Any, message: str) -> None:
    """An input that can't be asked for must be a mistake at the line that declares it."""
    (error,) = mistakes(lambda app: app.add_executable("tool", "x").with_command("go", print, inputs=inputs))
    assert message in error.message
    assert error.resource == "tool" and error.line
