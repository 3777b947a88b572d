"""A run for the sake of one job: its output is the output, and all else goes to standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from fairlead.cli.screens.appearance import is_settled_parameter
from fairlead.cli.screens.lines import Scrolling
from fairlead.cli.screens.sampling import Rate
from fairlead.cli.screens.writer import Writer
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.state_text import change_line
from fairlead.runtime.logs.records import LogLine, Stream


class JobScreen(Scrolling):
    """The lines of a job as they are, and the states of what it needs.

    Args:
        job: The name of the job.
        output: Where its output goes.
        notices: Where the rest goes.
    """

    #: It is given the lines of the job, all of them, by :meth:`copy`.
    rate: Rate | None = None

    def __init__(self, job: str, output: Writer, notices: Writer) -> None:
        self._job = job
        self._output = output
        self._notices = notices
        self._shown: dict[str, str] = {}
        #: The last snapshot of the job.
        self.snapshot: dict[str, Any] = {}

    def change(self, resource: dict[str, Any]) -> None:
        """Write a line when it would say something new; how the job ends is told by the exit code."""
        id, line = resource["id"], change_line(resource)
        if id == self._job:
            self.snapshot = resource
        is_offered = resource["state"] == State.NOT_STARTED
        if self._shown.get(id) == line or is_offered or is_settled_parameter(resource):
            return
        self._shown[id] = line
        self.notice(f"{time.strftime('%H:%M:%S')} {id}  {line}")

    def remove(self, id: str) -> None:
        """What is observed in a cluster is not shown."""

    def log(self, lines: Iterable[tuple[str, LogLine]]) -> None:
        """The lines of other resources are not shown."""

    def copy(self, stream: Stream, text: str) -> None:
        """Write what the job writes, each stream to its own."""
        if stream != "state":
            (self._output if stream == "stdout" else self._notices).write(f"{text}\n")

    def notice(self, text: str) -> None:
        """Write a line, on standard error."""
        self._notices.write(f"{text}\n")

    def on_gone(self, call: Callable[[OSError | None], None]) -> None:
        """Have something called once the reader is gone."""
        self._output.on_gone = call

    def close(self) -> None:
        """Write what is left."""
        self._output.close()
        self._notices.close()
