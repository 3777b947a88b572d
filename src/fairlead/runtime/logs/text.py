"""What of a program's output is fit to be shown: printable text, with the secrets taken out.

Both work on a whole batch of lines at once, because a call per line would cost more than all the rest of logging.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"
_SHORTEST_SECRET = 4
_SHORTEST_LINE_OF_SECRET = 8

# Control characters but tab, line feed, carriage return and escape, which are dealt with one by one.
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if chr(code) not in "\t\n\r\x1b")
# An escape sequence other than ESC [ … m (SGR: colours and weight). An OSC or DCS string counts only when it is
# closed, so that a stray ESC ] in binary output does not swallow text. Nothing here matches twice the same bytes.
_ESCAPE = re.compile(
    rb"\x1b(?!\[[0-9;:]*+m)"
    rb"(?:\[[0-?]*+[ -/]*+[@-~]|[\]PX^_][^\x00-\x08\x0a-\x1f\x7f]*+(?:\x07|\x1b\\)|[ -/]*+[0-~])?"
)
_COLOR = re.compile(r"\x1b\[[0-9;:]*m")
_RETURNS = re.compile(rb"\r+")
# What a carriage return has made the rest of its line overwrite. Anchored, so that each line is searched once.
_OVERWRITTEN = re.compile(rb"^[^\n]*\r", re.MULTILINE)
_C1_CONTROLS = re.compile("[\x80-\x9f]")


def printable(lines: Iterable[bytes]) -> str:
    """Return raw lines as text that is safe for a terminal, joined by line feeds.

    Colours (SGR sequences) stay, other escape sequences and control characters go, what isn't UTF-8 becomes U+FFFD.
    What follows a carriage return within a line, as progress bars write it, replaces the line; there come out as many
    lines as went in.
    """
    data = b"\n".join(lines)
    if b"\x1b" in data:
        data = _ESCAPE.sub(b"", data)
    data = data.translate(None, _CONTROLS)
    if b"\r" in data:
        data = _replace_at_returns(data)
    text = data.decode("utf-8", "replace")
    return _C1_CONTROLS.sub("", text) if b"\xc2" in data else text


def without_colors(text: str) -> str:
    """Return printable text without the colours that it has."""
    return _COLOR.sub("", text)


def _replace_at_returns(data: bytes) -> bytes:
    # Runs are shortened first, so that each step stays linear whatever the program wrote.
    data = _RETURNS.sub(b"\r", data)
    return _OVERWRITTEN.sub(b"", data.replace(b"\r\n", b"\n").removesuffix(b"\r"))


class Mask:
    """The secrets of an app, and the text without them.

    A secret is also found percent-encoded, as in a URL, and escaped, as in JSON, and one of several lines also line by
    line. One that is shorter than four characters is masked only where it stands as a whole word: else it would blot
    out half of every text, and tell by its gaps what it is.
    """

    def __init__(self) -> None:
        self._needles: tuple[tuple[str, str], ...] = ()
        self._words: frozenset[str] = frozenset()
        self._any_word: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Mask a secret from now on; adding it twice is fine."""
        needles = dict(self._needles)
        forms = _forms(secret)
        for needle in (form for form in forms if len(form) >= _SHORTEST_SECRET):
            # As many lines as before, so that the numbering of a log holds.
            needles[needle] = MASK + "\n" * needle.count("\n")
        # A secret that is part of another must not spoil the finding of the other.
        self._needles = tuple(sorted(needles.items(), key=lambda item: (-len(item[0]), item[0])))
        self._words |= {form for form in forms if len(form) < _SHORTEST_SECRET and form.strip("*\n \t")}
        if self._words:
            words = "|".join(re.escape(word) for word in sorted(self._words, key=lambda word: (-len(word), word)))
            self._any_word = re.compile(rf"(?<!\w)(?:{words})(?!\w)")

    def apply(self, text: str) -> str:
        """Return the text with every secret replaced by ``***``."""
        for needle, replacement in self._needles:
            text = text.replace(needle, replacement)
        return self._any_word.sub(_mask_of, text) if self._any_word else text

    def apply_open(self, text: str) -> str:
        """Mask a text whose end is still to come: at its end also the first characters of a secret, from four on."""
        text = self.apply(text)
        begun = max((_begun(needle, text) for needle, _ in self._needles), default=0)
        return text[:-begun] + MASK if begun else text


def _begun(needle: str, text: str) -> int:
    """How many characters at the end of a text are the beginning of a secret; 0 if fewer than count."""
    for length in range(min(len(needle) - 1, len(text)), _SHORTEST_SECRET - 1, -1):
        if text.endswith(needle[:length]):
            return length
    return 0


def _forms(secret: str) -> set[str]:
    plain = printable(secret.encode("utf-8", "replace").split(b"\n")).strip("\n")
    lines = {line.strip() for line in plain.split("\n")} if "\n" in plain else set()
    forms = {plain, quote(secret, safe="", errors="replace"), json.dumps(secret)[1:-1]}
    forms |= {json.dumps(secret, ensure_ascii=False)[1:-1]}
    return forms | {line for line in lines if len(line) >= _SHORTEST_LINE_OF_SECRET}


def _mask_of(word: re.Match[str]) -> str:
    return MASK + "\n" * word[0].count("\n")
