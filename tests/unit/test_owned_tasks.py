"""Every task of the package has an owner: a ``TaskGroup``, or a ``TaskScope``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "fairlead"
STARTS = {"create_task", "ensure_future"}


def bare_starts(source: str) -> Iterator[int]:
    """The lines that start a task otherwise than in a group, which is called a group in this package."""
    if not any(name in source for name in STARTS):
        return  # looking into a tree takes a hundred times as long
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "asyncio"
            and STARTS & {each.name for each in node.names}
        ):
            yield node.lineno
        if isinstance(node, ast.Attribute) and node.attr in STARTS:
            owner = node.value
            if not (isinstance(owner, ast.Name) and owner.id.endswith("group") and node.attr == "create_task"):
                yield node.lineno


def test_tasks_are_started_in_one_module() -> None:
    """No module but the one of ``TaskScope`` may start a task that belongs to nobody."""
    found = {
        str(file.relative_to(PACKAGE)): lines
        for file in sorted(PACKAGE.rglob("*.py"))
        if (lines := list(bare_starts(file.read_text())))
    }

    assert set(found) == {"engines/tasks.py"}, found


def test_what_counts_as_bare() -> None:
    """A task of the loop, of asyncio or by another name must be found, and one of a group must not."""
    source = """
async with asyncio.TaskGroup() as group:
    group.create_task(a())
asyncio.create_task(a())
self._loop.create_task(a())
start = asyncio.ensure_future
from asyncio import create_task
"""
    assert sorted(bare_starts(source)) == [4, 5, 6, 7]
