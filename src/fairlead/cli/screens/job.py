"""A run for the sake of one job: its output is the output, and all else goes to standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from fairlead.cli.screens.appearance import is_own, is_settled_parameter
from fairlead.cli.screens.lines import Scrolling
from fairlead.cli.screens.sampling import Rate
from fairlead.cli.screens.writer import Writer
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.state_text import change_line
from fairlead.runtime.logs.book import LogLine

_ALL = Rate(2**31, 2**31)


class JobScreen(Scrolling):
    """The lines of a job as they are, and the states of what it needs.

    Args:
        job: The name of the job.
        output: Where its output goes.
        notices: Where the rest goes.
    """

    rate: Rate | None = _ALL

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
        """Write what the job writes; of the others nothing, which ``fairlead logs`` would show."""
        for name, line in lines:
            if name == self._job and line.stream != "state":
                is_notice = is_own(line.stream) or line.stream == "stderr"
                (self._notices if is_notice else self._output).write(f"{line.text}\n")

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
