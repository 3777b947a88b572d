"""Pyright, in its strict mode, must find just the mistakes that mypy is told to ignore."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
PYRIGHT = REPOSITORY / "web" / "node_modules" / "pyright" / "index.js"
MARKED = re.compile(r"# type: ignore\[[a-z, -]+\]$")


def marked_lines() -> dict[str, set[int]]:
    """The lines that mypy is told to ignore, by the file."""
    found: dict[str, set[int]] = defaultdict(set)
    for file in HERE.glob("*.py"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if MARKED.search(line):
                found[file.name].add(number)
    return found


def run_pyright() -> Mapping[str, Mapping[int, str]]:
    """What pyright finds, by file and line. It takes no notice of the comments (``pyrightconfig.json``)."""
    node = shutil.which("node") or str(REPOSITORY / ".tools" / "node" / "bin" / "node")
    command = [node, str(PYRIGHT), "--project", str(HERE), "--pythonpath", sys.executable, "--outputjson"]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY).stdout)
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for each in answer["generalDiagnostics"]:
        found[Path(each["file"]).name][each["range"]["start"]["line"] + 1] = each["message"]
    return found


@pytest.mark.node
def test_pyright_finds_each_wrong_call_and_nothing_else() -> None:
    """Each marked line must be an error, so that no wrong call passes; and no other, so that no right one is refused.

    That mypy finds them too is seen by mypy itself: a comment that is not needed is an error (warn_unused_ignores).
    """
    assert PYRIGHT.exists(), "make setup installs it"
    marked, found = marked_lines(), run_pyright()

    assert sum(map(len, marked.values())) > 120
    assert {file: sorted(lines) for file, lines in found.items()} == {
        file: sorted(lines) for file, lines in marked.items()
    }, {file: lines for file, lines in found.items() if set(lines) != marked[file]}
