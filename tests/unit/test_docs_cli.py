"""The page on the command line says what the command line has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from fairlead.cli.main import cli
from fairlead.cli.overview import VERBS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
ROW = re.compile(r"^\| `(?P<call>[^`]+)` \| (?P<text>.*) \|(?P<options>[^|]*)\|$", re.MULTILINE)
COMMON = {"--help", "--apphost"}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """All verbs by name, those below another one with both names."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def rows() -> dict[str, str]:
    """What the page says of each verb's options."""
    found = {}
    for row in ROW.finditer(PAGE.read_text()):
        words = row["call"].split()
        verb = " ".join(word for word in words if word.islower() and not word.startswith("["))
        found[verb] = row["options"]
    return found


def test_page_lists_every_verb() -> None:
    """Every verb must be on the page, and nothing else."""
    assert set(rows()) == {name for name, _ in commands(cli)}
    assert {name for verbs in VERBS.values() for name in verbs} <= set(rows())


@pytest.mark.parametrize(
    ("name", "command"), list(commands(cli)), ids=lambda value: value if isinstance(value, str) else ""
)
def test_page_lists_every_option(name: str, command: click.Command) -> None:
    """Each option of a verb must be in its row, in its long form and its short one."""
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    declared = {spelling for option in options for spelling in option.opts} - COMMON
    written = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", rows()[name]))

    assert written == declared
