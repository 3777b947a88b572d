"""An unfinished line must be seen below a log in a terminal, and never be mixed up with other lines."""

from __future__ import annotations

import re

import pytest

from fairlead.cli.screens.open_line import OpenLine
from fairlead.cli.verbs.logs import _show


def record(kind: str, text: str, resource: str = "a", stream: str = "stdout") -> dict[str, object]:
    return {"resource": resource, "kind": kind, "stream": stream, "source": None, "text": text}


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is on the screen after an open line has changed in many ways, before each of the changes and at the end."""
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("NO_COLOR", "1")
    open_line = OpenLine()
    written, states = "", []
    for each in (
        record("line", "begin"),
        record("open", "10%"),
        record("open", "20%"),
        record("line", "of another", "b"),
        record("open", "x" * 50),
        record("open", "Name? ", "b"),
        record("line", "100%"),
        record("open", "", "a"),
        record("line", "Name? Ada", "b"),
    ):
        _show(each, f"{each['resource']} | {each['text']}", open_line)
        written += capsys.readouterr().out
        states.append(_screen(written))
    _show(record("open", "last"), "a | last", open_line)
    open_line.end()
    states.append(_screen(written + capsys.readouterr().out))
    return states


def _screen(written: str) -> str:
    """The rows of a terminal that knows carriage returns, line feeds and the wiping of a row."""
    rows = [""]
    for piece in re.split(r"(\r\x1b\[K|\n)", written):
        if piece == "\n":
            rows.append("")
        elif piece.startswith("\r"):
            rows[-1] = ""
        else:
            rows[-1] += piece
    return "\n".join(rows)


def test_an_open_line_stays_below_the_others(shown: list[str]) -> None:
    """The open line that changed last must be the last row, replaced by what its stream writes next."""
    long = f"a | {'x' * 14}…"
    assert shown == [
        "a | begin\n",
        "a | begin\na | 10%",
        "a | begin\na | 20%",
        "a | begin\nb | of another\na | 20%",
        f"a | begin\nb | of another\n{long}",
        "a | begin\nb | of another\nb | Name? ",
        "a | begin\nb | of another\na | 100%\nb | Name? ",
        "a | begin\nb | of another\na | 100%\nb | Name? ",
        "a | begin\nb | of another\na | 100%\nb | Name? Ada\n",
        "a | begin\nb | of another\na | 100%\nb | Name? Ada\na | last\n",
    ]
