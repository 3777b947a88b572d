"""The line at the end of a followed log that is not finished yet: a prompt, or a progress bar.

A terminal has one such line: the one that has changed last. It is written without a line feed, and wiped before
anything else is.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from typing import Any

import click

from fairlead.cli.screens.table import width_of

Record = Mapping[str, Any]

_WIPE = "\r\x1b[K"


class OpenLine:
    """The unfinished line below the log."""

    def __init__(self) -> None:
        self._key: tuple[str, str, str | None] | None = None
        self._text = ""

    def show(self, record: Record, text: str) -> None:
        """Show an open line in place of another; an empty one wipes its own line only.

        Args:
            record: The record that brings it.
            text: The line as it is to be shown.
        """
        key = _key_of(record)
        if not record["text"]:
            if key == self._key:
                self.forget(record)
            return
        self._key = key
        self._text = _fit(click.unstyle(text), shutil.get_terminal_size().columns - 1)
        self.redraw()

    def forget(self, record: Record) -> None:
        """Take the open line away if a record takes its place."""
        if self._key == _key_of(record):
            self.wipe()
            self._key, self._text = None, ""

    def wipe(self) -> None:
        """Make room for a line above it."""
        if self._key is not None:
            sys.stdout.write(_WIPE)

    def redraw(self) -> None:
        """Write it again below what was written meanwhile."""
        if self._key is not None:
            sys.stdout.write(_WIPE + self._text)

    def end(self) -> None:
        """Leave it as the last line."""
        if self._key is not None:
            sys.stdout.write("\n")
            self._key = None


def _fit(text: str, columns: int) -> str:
    """A text that takes one row at most: one that goes on in the next could not be wiped."""
    if width_of(text) <= columns:
        return text
    text = text[:columns]
    while width_of(text) >= columns:
        text = text[:-1]
    return text + "…"


def _key_of(record: Record) -> tuple[str, str, str | None]:
    return record["resource"], record.get("stream", ""), record.get("source")
