"""What processes use must be read for all of a session together."""

from __future__ import annotations

import os

import psutil
import pytest

from fairlead.engines import process_usage
from fairlead.engines.process_usage import ProcessUse, SessionUsage, parse_stat

STAT = (
    b"4711 (a (name) ) S 1 4711 4711 0 -1 4194560 12 0 0 0 150 50 30 20 20 0 1 0 100 999 256 18446744073709551615 0\n"
)


def test_the_fields_of_stat() -> None:
    """Times of ended children must count, whatever the program is called; pages are of the machine's size."""
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    assert parse_stat(STAT) == ProcessUse(250 / ticks, 256 * page)


def test_a_session_is_read() -> None:
    """This process is in its session, so that uses as much as this process at least; one that is not there, nothing."""
    use = SessionUsage().of(os.getsid(0))
    assert use is not None
    assert use.memory >= psutil.Process().memory_info().rss * 0.9
    assert use.cpu_seconds > 0
    assert SessionUsage().of(2**30) is None


def test_without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no /proc, psutil must say the same."""
    monkeypatch.setattr(process_usage, "_HAS_PROC", False)
    use = SessionUsage().of(os.getsid(0))
    assert use is not None and use.memory > 2**20
    assert process_usage._use_by_psutil(2**30) is None
