"""The reference of the contract of drivers has all of it, and nothing else."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import fairlead

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "driver.md"
CELL = re.compile(r"`(?:async )?(\w+)")


def rows(heading: str) -> set[str]:
    """The names in the first column of the tables below a heading, up to the next of its level."""
    level = heading.partition(" ")[0]
    _, _, rest = PAGE.read_text().partition(f"\n{heading}\n")
    part = re.split(rf"^{level} ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in CELL.findall(cell)}


def members(kind: type) -> set[str]:
    """The public members of a class, those that are only annotated included."""
    return {name for name in (*vars(kind), *kind.__annotations__) if not name.startswith("_")}


def test_every_member_of_the_context_is_there() -> None:
    """Each public member of the context must have its row, and each row a member."""
    assert rows("## DriverContext") == members(fairlead.DriverContext)


def test_every_member_of_a_driver_is_there() -> None:
    """Each public member of a driver, and each reason to stop, must have its row."""
    assert rows("## Driver") == members(fairlead.Driver) | set(fairlead.StopReason.__members__)


def test_every_field_of_an_observed_child_is_there() -> None:
    """Each field must have its row."""
    assert rows("## Observed children") == {field.name for field in fields(fairlead.ObservedChild)}


def test_what_a_kind_declares_is_there() -> None:
    """Each row must be a member of a resource, and what changes how it runs must not be left out."""
    declared = rows("## What a kind declares")

    assert {name for name in declared if not hasattr(fairlead.Resource, name)} == set()
    assert declared >= {name for name, hint in vars(fairlead.Resource).items() if isinstance(hint, (bool, property))}


@pytest.mark.parametrize(
    "kind",
    [
        fairlead.RunGuard,
        fairlead.HostCommand,
        fairlead.NeededPort,
        fairlead.ContainerPort,
        fairlead.Placement,
        fairlead.Address,
        fairlead.Command,
        fairlead.CommandInput,
        fairlead.CommandResult,
        fairlead.Consumer,
    ],
)
def test_the_parts_of_it_are_described(kind: type) -> None:
    """Each field and method of what a driver is given or gives must be named on the page."""
    left_out = {"network", "is_process", "is_container", "problem", "read", "read_inputs"}  # for Fairlead itself
    words = set(re.findall(r"\w+", PAGE.read_text()))

    assert {name for name in members(kind) - left_out if name not in words} == set()
