"""What an app has to say about a failure: the states of its resources, and the last lines of their logs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.model.observation.snapshot import Snapshot
from fairlead.runtime.host import Host
from fairlead.runtime.lifecycle.state_text import change_line
from fairlead.runtime.lifecycle.waits import judge
from fairlead.runtime.plan import PlannedValue, PlannedWait

NOTE_LINES = 20
REPORT_LINES = 100

_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")


def state_line(snapshot: Snapshot) -> str:
    """A resource's state in a line: ``api is Finished (exit code 1: …)``."""
    return f"{snapshot.id} is {change_line(snapshot.to_json())}"


def last_lines(host: Host, name: str, count: int) -> list[str]:
    """The last lines of a resource's log, without colours.

    Secrets are masked also in lines that were written before they were known to be secret.
    """
    book = host.run.logs
    if name not in book.names() and name not in host.run.bus.snapshots:
        return []
    return [_COLOURS.sub("", book.masked(line.text)) for line in book.log(name).lines(count)]


def concerned(host: Host, name: str) -> list[str]:
    """A resource, and those that it has to wait for and that are not as they should be, and so on."""
    starts = {start.name: start for start in host.run.plan.starts}
    found = [name]
    for each in found:
        start = starts.get(each)
        conditions: list[PlannedWait | PlannedValue] = [*start.waits, *start.values] if start else []
        for condition in conditions:
            snapshot = host.run.bus.snapshots.get(condition.target)
            if snapshot is not None and condition.target not in found and judge(condition, snapshot) is not None:
                found.append(condition.target)
    return found


def note(host: Host, name: str) -> str:
    """What is said of a resource beside an error."""
    lines = last_lines(host, name, NOTE_LINES)
    snapshot = host.run.bus.snapshots.get(name)
    text = f"{name} is gone" if snapshot is None else state_line(snapshot)
    return "\n".join([f"{text}; the last lines of its log:" if lines else text, *(f"  | {line}" for line in lines)])


def sections(host: Host, *, named: bool) -> Iterator[tuple[str, str]]:
    """Titles and texts for the report of a failed test: the states, then the log of each resource.

    Args:
        host: The app's host.
        named: Whether the titles say which app it is.
    """
    of = f" of {host.run.app.name}" if named else ""
    yield f"fairlead resources{of}", "\n".join(state_line(snapshot) for snapshot in host.run.bus.all())
    for snapshot in host.run.bus.all():
        lines = last_lines(host, snapshot.name, REPORT_LINES)
        if lines:
            yield f"fairlead logs: {snapshot.name}{of}", "\n".join(lines)
