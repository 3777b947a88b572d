"""A terminal's screen, as far as the control sequences go that the live table uses."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\x1b\[(\d*)([A-Za-z])|\x1b\[[\d;]*m|(.)", re.DOTALL)


class Screen:
    """Rows of text that grow downward without end, and a cursor.

    Args:
        columns: After how many characters a row is broken.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows = [""]
        self._row = self._column = 0

    def write(self, text: str) -> None:
        """Show a text."""
        for number, command, character in _TOKEN.findall(text):
            if character:
                self._put(character)
            elif command == "A":
                self._row = max(0, self._row - int(number or 1))
            elif command == "K":
                self.rows[self._row] = self.rows[self._row][: self._column]
            elif command == "J":
                self.rows[self._row] = self.rows[self._row][: self._column]
                del self.rows[self._row + 1 :]

    def resize(self, columns: int) -> None:
        """Make it narrower or wider; as terminals do, rows that are too long are broken, and the cursor stays last."""
        broken: list[str] = []
        for row in self.rows:
            broken += [row[start : start + columns] for start in range(0, max(len(row), 1), columns)]
        self.columns, self.rows = columns, broken
        self._row, self._column = len(broken) - 1, len(broken[-1])

    def _put(self, character: str) -> None:
        if character == "\r":
            self._column = 0
            return
        if character == "\n" or self._column == self.columns:
            self._row, self._column = self._row + 1, 0
            if self._row == len(self.rows):
                self.rows.append("")
        if character != "\n":
            row = self.rows[self._row].ljust(self._column)
            self.rows[self._row] = row[: self._column] + character + row[self._column + 1 :]
            self._column += 1
