"""The table that stays below the logs, on the screen of a terminal."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator

import pytest
from tests.support.pictures import healthy, picture, unhealthy
from tests.support.screen import Screen

from fairlead.cli.screens.view import LiveScreen, most_urgent
from fairlead.cli.screens.writer import Writer
from fairlead.model.observation.state import State
from fairlead.runtime.logs.book import LogLine


class Terminal:
    """A live screen whose frames are put on a screen as they are drawn."""

    def __init__(self, columns: int, rows: int, names: list[str]) -> None:
        self._reading, self._writing = os.pipe()
        self.screen = Screen(columns)
        self._rows = rows
        self._writer = Writer(self._writing)
        self.live = LiveScreen(self._writer, "shop", names, color=True, size=self._size)

    def _size(self) -> os.terminal_size:
        return os.terminal_size((self.screen.columns, self._rows))

    def show(self) -> list[str]:
        """Draw, and look at the rows of the screen."""
        self.live.refresh()
        return self._taken()

    def end(self) -> list[str]:
        self.live.close()
        self._writer.close(60)  # its thread must have ended before somebody else gets the number
        os.close(self._writing)
        shown = self._taken(to_the_end=True)
        os.close(self._reading)
        return shown

    def _taken(self, to_the_end: bool = False) -> list[str]:
        while to_the_end or self._writer.is_behind or self._has_more():
            data = os.read(self._reading, 65536) if self._has_more(1) else b""
            if to_the_end and not data:
                break
            self.screen.write(data.decode())
        return [row.rstrip() for row in self.screen.rows]

    def _has_more(self, seconds: float = 0) -> bool:
        return bool(select.select([self._reading], [], [], seconds)[0])


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal(80, 24, ["api", "worker"])
    yield made
    made.end()
    assert not [thread for thread in threading.enumerate() if thread.name == "stdout"]


def line(number: int, text: str, stream: str = "stdout") -> LogLine:
    return LogLine(number, 0.0, stream, text)  # type: ignore[arg-type]


def test_table_stays_below_the_logs(terminal: Terminal) -> None:
    """Log lines must scroll above one table, which shows the last states."""
    terminal.live.change(picture("api", State.STARTING))
    terminal.live.change(picture("worker", State.WAITING, waiting_for=("api to be healthy",)))
    terminal.show()
    terminal.live.log([("api", line(1, "listening")), ("api", line(2, "\x1b[31mred"))])
    terminal.live.change(healthy("api"))
    rows = terminal.show()

    assert rows == [
        "api    | listening",
        "api    | red",
        rows[2],
        "Name    State    Health   URL or reason",
        "api     Running  Healthy  http://localhost:8000",
        "worker  Waiting           for api to be healthy",
    ]
    assert rows[2].startswith("── shop ── Ctrl+C stops ── 1 running, 1 on the way ─")


def test_lines_that_are_broken_leave_nothing_behind(terminal: Terminal) -> None:
    """A log line of several rows must not leave parts of the table above it, or of itself in the table."""
    terminal.live.change(
        unhealthy("api", "answers 500, not 200, and goes on to say so at some length, again and again")
    )
    terminal.show()
    terminal.live.log([("api", line(1, "x" * 200))])
    rows = terminal.show()

    assert "".join(rows[:3]) == "api    | " + "x" * 200
    assert [row[:4] for row in rows[3:]] == ["── s", "Name", "api "]
    assert len(rows) == 6
    assert rows[5].endswith("…")


@pytest.mark.parametrize("columns", [24, 40, 60, 120])
def test_table_survives_another_width(terminal: Terminal, columns: int) -> None:
    """After the window was made narrower or wider, there must still be one table."""
    terminal.live.change(
        unhealthy("api", "answers 500, not 200, and goes on to say so at some length, again and again")
    )
    terminal.live.log([("api", line(1, "hello"))])
    terminal.show()
    terminal.screen.resize(columns)
    terminal.live.log([("api", line(2, "again"))])
    rows = terminal.show()

    assert rows[:2] == ["api    | hello", "api    | again"]
    assert [row[:2] for row in rows[2:]] == ["──", "Na", "ap"]
    assert max(map(len, rows)) <= columns - 3


def test_nothing_new_draws_nothing(terminal: Terminal) -> None:
    """A frame that looks like the one before must not be written."""
    terminal.live.change(healthy("api"))
    before = list(terminal.show())
    terminal.screen.write("typed")
    terminal.live.change(healthy("api"))

    assert terminal.show()[-1] == before[-1] + "typed"


def test_notices_after_the_end_are_below_the_table(terminal: Terminal) -> None:
    """What is said once the run is over must be below the table, which shows the last states and says so."""
    terminal.live.change(picture("api", State.FINISHED, exit_code=3))
    terminal.live.notice("Stopping shop…")
    terminal.live.settle()
    terminal.live.notice("shop has stopped")
    rows = terminal.show()

    assert rows[0] == "Stopping shop…"
    assert rows[1].startswith("── shop ── stopped ── 1 failed ─")
    assert rows[3:5] == ["api   Finished  exit code 3", "shop has stopped"]


def test_small_terminal_keeps_what_matters() -> None:
    """Where the terminal is too low for all resources, those that have failed must stay, in their order."""
    resources = [healthy(f"well-{number}") for number in range(20)]
    resources.insert(15, picture("bad", State.FAILED_TO_START, reason="it is broken"))
    resources.insert(10, picture("slow", State.WAITING, waiting_for=("bad to be running",)))
    terminal = Terminal(80, 12, ["bad"])
    for resource in resources:
        terminal.live.change(resource)
    terminal.show()
    rows = terminal.end()

    assert rows[0] == "bad | failed to start: it is broken"
    names = [row.split()[0] for row in rows[3:] if row.strip()]
    assert names == ["well-0", "well-1", "slow", "bad", "…"]
    assert len(rows) < 12
    assert any("more: fairlead resources shows all" in row for row in rows)


def test_most_urgent_keeps_the_order() -> None:
    """What is left out must be what is well."""
    resources = [
        healthy("one"),
        picture("two", State.FAILED_TO_START),
        healthy("three"),
        picture("four", State.WAITING),
    ]

    assert [resource["name"] for resource in most_urgent(resources, 3)] == ["two", "four"]
    assert most_urgent(resources, 4) == resources
