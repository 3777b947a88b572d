"""A run in plain lines: one for each change of a state, and what the resources write."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import click

from fairlead.cli.screens.appearance import PREFIX_COLORS, is_own, is_settled_parameter, state_color
from fairlead.cli.screens.sampling import Rate
from fairlead.cli.screens.writer import Writer
from fairlead.cli.terminal import style
from fairlead.runtime.lifecycle.state_text import change_line
from fairlead.runtime.logs.book import LogLine

_PIPE_RATE = Rate(10_000, 5_000)


class Screen(Protocol):
    """Where a run is shown."""

    #: How much of each log is wanted; None for no logs at all.
    rate: Rate | None

    def change(self, resource: dict[str, Any]) -> None:
        """Show a resource that has changed."""

    def remove(self, id: str) -> None:
        """Show that a resource is gone, which had been observed in a cluster."""

    def log(self, lines: Iterable[tuple[str, LogLine]]) -> None:
        """Show what resources have written."""

    def notice(self, text: str) -> None:
        """Show something about the run as a whole."""

    def refresh(self) -> None:
        """Bring up to date what is redrawn; called ten times a second."""

    def stopping(self) -> None:
        """Show that the run is ending."""

    def redraw(self) -> None:
        """Another program has written to the terminal: what is redrawn has to be drawn anew."""

    def settle(self) -> None:
        """The run is over: what comes now is written below everything else."""

    def on_gone(self, call: Callable[[OSError | None], None]) -> None:
        """Call a function, from another thread, once nothing can be shown: with why, or None if the reader is gone."""

    def close(self) -> None:
        """Write what is left, and leave the terminal as it was."""


class Scrolling:
    """What screens have in common that only ever write lines."""

    def refresh(self) -> None:
        """Nothing is redrawn."""

    def stopping(self) -> None:
        """The notice says it."""

    def redraw(self) -> None:
        """Nothing is redrawn."""

    def settle(self) -> None:
        """All is written in its order anyway."""


class Prefixes:
    """Names in front of log lines, of one width and each in its colour.

    Args:
        names: All of them.
        color: Whether in colour.
    """

    def __init__(self, names: Sequence[str], color: bool) -> None:
        self._width = min(max(map(len, names), default=0), 24)
        self._texts: dict[str, str] = {}
        self._color = color
        for name in names:
            self[name]

    def __getitem__(self, name: str) -> str:
        if name not in self._texts:
            text = f"{name:<{self._width}}"
            color = PREFIX_COLORS[len(self._texts) % len(PREFIX_COLORS)]
            self._texts[name] = style(text, fg=color) if self._color else text
        return self._texts[name]

    def line(self, name: str, line: LogLine) -> str:
        """A line of a log behind the name; what Fairlead says is dim."""
        if not self._color:
            return self.text(name, _plain(line.text))
        if is_own(line.stream):
            return self.text(name, style(line.text, dim=True))
        return self.text(name, f"{line.text}\x1b[0m" if "\x1b" in line.text else line.text)

    def text(self, name: str, text: str) -> str:
        """A text as it is behind the name."""
        return f"{self[name]} | {text}\n"


def _plain(text: str) -> str:
    if "\x1b" not in text:
        return text
    return click.unstyle(text)


class PlainScreen(Scrolling):
    """Plain lines, for pipes, files and dumb terminals.

    Args:
        writer: Where to.
        names: The resources.
        color: Whether in colour.
        logs: Whether to show what the resources write.
    """

    def __init__(self, writer: Writer, names: Sequence[str], *, color: bool, logs: bool = True) -> None:
        self.rate = _PIPE_RATE if logs else None
        self._writer = writer
        self._prefixes = Prefixes(names, color)
        self._color = color
        self._shown: dict[str, str] = {}

    def change(self, resource: dict[str, Any]) -> None:
        """Write a line when it would say something new."""
        id = resource["id"]
        line = change_line(resource)
        if self._shown.get(id, "NotStarted") == line or is_settled_parameter(resource):
            return
        self._shown[id] = line
        if self._color:
            line = style(line, fg=state_color(resource))
        self._writer.write(f"{time.strftime('%H:%M:%S')} {self._prefixes[id]}  {line}\n")

    def remove(self, id: str) -> None:
        """Write a line when something was said of it."""
        if self._shown.pop(id, None) is not None:
            self._writer.write(f"{time.strftime('%H:%M:%S')} {self._prefixes[id]}  gone\n")

    def log(self, lines: Iterable[tuple[str, LogLine]]) -> None:
        """Write them, unless the reader is too slow."""
        texts = [self._prefixes.line(name, line) for name, line in lines if line.stream != "state"]
        if texts:
            self._writer.write_log("".join(texts), len(texts))

    def notice(self, text: str) -> None:
        """Write a line."""
        self._writer.write(f"{text}\n")

    def on_gone(self, call: Callable[[OSError | None], None]) -> None:
        """Have something called once the reader is gone."""
        self._writer.on_gone = call

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()


class JsonScreen(Scrolling):
    """Each change of a resource as one object on a line; notices go elsewhere.

    Args:
        writer: Where the objects go.
        notices: Where the rest goes.
    """

    rate: Rate | None = None

    def __init__(self, writer: Writer, notices: Writer) -> None:
        self._writer = writer
        self._notices = notices

    def change(self, resource: dict[str, Any]) -> None:
        """Write the object."""
        self._writer.write(json.dumps(resource) + "\n")

    def remove(self, id: str) -> None:
        """Write an object that says so."""
        self._writer.write(json.dumps({"id": id, "removed": True}) + "\n")

    def log(self, lines: Iterable[tuple[str, LogLine]]) -> None:
        """Logs are not part of it."""

    def notice(self, text: str) -> None:
        """Write a line, on standard error."""
        self._notices.write(f"{text}\n")

    def on_gone(self, call: Callable[[OSError | None], None]) -> None:
        """Have something called once the reader is gone."""
        self._writer.on_gone = call

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()
        self._notices.close()
