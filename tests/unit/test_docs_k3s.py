"""The page on clusters walks another integration row by row, and each row names tests that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "reference" / "k3s.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
#: What stands in place of a test where there is nothing that a test should assert.
UNTESTED = "(no test asserts a time)"


def tables() -> Iterator[list[list[str]]]:
    """The rows of each table that compares, as cells, without the head."""
    text = PAGE.read_text().partition("\n## Beside the Aspire integration\n")[2]
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        yield [[cell.strip() for cell in line.strip("|\n ").split(" | ")] for line in table.splitlines()[2:]]


def rows() -> list[list[str]]:
    return [row for table in tables() for row in table]


@cache
def functions(path: Path) -> frozenset[str]:
    found = ast.walk(ast.parse(path.read_text()))
    return frozenset(node.name for node in found if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def file_of(name: str) -> Path:
    if "/" in name:
        return TESTS / name
    (file,) = (TESTS / "unit" / "drivers" / "k3s").rglob(name)
    return file


def test_every_defect_has_its_row() -> None:
    """All 34 must be there, once and in order."""
    numbers = [row[0] for row in rows() if row[0].startswith("D-")]
    assert numbers == [f"D-{number:02}" for number in range(1, 35)]


def test_every_row_names_a_test() -> None:
    """A row that says what Fairlead does must say what shows it."""
    assert len(rows()) > 140
    assert [row for row in rows() if not NAMED.search(row[-1]) and row[-1] != UNTESTED] == []
    assert all(all(cell for cell in row) for row in rows())


@pytest.mark.parametrize(("file", "function"), sorted(set(NAMED.findall(PAGE.read_text()))))
def test_every_named_test_exists(file: str, function: str) -> None:
    """Each test that the page names must be in the file that it names."""
    assert function.startswith("test_")
    assert function in functions(file_of(file))


def test_no_test_is_named_in_another_way() -> None:
    """A name that this file does not look for could rot."""
    named = {function for _, function in NAMED.findall(PAGE.read_text())}
    assert [name for name in re.findall(r"\btest_\w+(?!\w*\.py)", PAGE.read_text()) if name not in named] == []
