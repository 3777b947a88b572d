"""Third-party kinds must be possible with what is public."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import fairlead

HERE = Path(__file__).parent
KINDS = [file for file in sorted(HERE.rglob("*.py")) if not file.name.startswith("test_")]


def imports(file: Path) -> Iterator[tuple[str, str]]:
    """The modules that a file imports, each with a name that it takes from there."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


@pytest.mark.parametrize("file", KINDS, ids=lambda file: str(file.relative_to(HERE)))
def test_kinds_are_written_on_public_names_alone(file: Path) -> None:
    """A kind must import nothing of Fairlead but the package itself, and from it what is exported."""
    ours = [(module, name) for module, name in imports(file) if module.partition(".")[0] == "fairlead"]

    assert {module for module, _ in ours} <= {"fairlead"}
    assert {name for _, name in ours} <= set(fairlead._HOME)
