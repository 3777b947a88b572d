"""The page for contributors sends them where things are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<thing>[^|`]+.*?) \| `(?P<file>[\w/]+\.py)` \| `(?P<name>[\w.]+)` \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str]]:
    """The rows of the table: a thing, its file and a name in that."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text()
    section = text.partition("## Where to find\n")[2].partition("\n## ")[0]
    found = ROW.findall(section)
    lines = [line for line in section.splitlines() if line.startswith("|")]
    assert len(found) == len(lines) - 2, "all lines but the head of the table name a file"
    return found


def defined(file: Path) -> set[str]:
    """The functions and classes of a module, and the methods of those by their full name."""
    names: set[str] = set()
    for statement in ast.parse(file.read_text()).body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
        if isinstance(statement, ast.ClassDef):
            names |= {f"{statement.name}.{part.name}" for part in statement.body if isinstance(part, ast.FunctionDef)}
    return names


def test_the_table_answers_the_first_questions() -> None:
    """A readiness probe, an image's name, a key of the values and a Service's name must be among the rows."""
    things = " ".join(thing for thing, _, _ in rows())

    for question in ("readiness probe", "name of an image", "key of values.yaml", "name of a Service"):
        assert question in things


@pytest.mark.parametrize(("thing", "file", "name"), rows(), ids=[thing for thing, _, _ in rows()])
def test_a_thing_is_where_the_table_says(thing: str, file: str, name: str) -> None:
    """The named file must be there, and define what the row names."""
    assert name in defined(REPOSITORY / "src" / "fairlead" / file), f"{thing} is not in {file}"
