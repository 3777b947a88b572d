r"""Reads a ``.env`` file: ``NAME=value`` lines, with ``export``, quotes and comments, and nothing that is evaluated.

Values in single quotes are literal, in double quotes they may have ``\n``, ``\r``, ``\t``, ``\"``, ``\$`` and
``\\``; both may span lines. A value without quotes ends at the line's end or before `` #``. The last of several
lines with one name counts. No error shows a value, which may be a secret.
"""

from __future__ import annotations

import re
from pathlib import Path

from fairlead.errors import UsageError
from fairlead.runtime.store.files import read_private

_ENTRY = re.compile(
    r"""[^\S\n]*(?:export[^\S\n]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)[^\S\n]*=[^\S\n]*+
    (?:'(?P<literal>[^']*)'|"(?P<escaped>(?:[^"\\]|\\.)*)"|(?P<plain>(?!['"])(?:(?<!\s)\#|[^#\n])*))
    [^\S\n]*(?:\#[^\n]*)?(?:\n|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_BLANK = re.compile(r"[^\S\n]*(?:#[^\n]*)?(?:\n|\Z)")
_ESCAPE = re.compile(r'\\([nrt"$\\])')
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def read_dotenv(path: Path) -> dict[str, str]:
    """Return what a ``.env`` file sets; nothing when there is no such file.

    Raises:
        UsageError: It has a line that can't be understood, which is named, or is not UTF-8.
        StateError: It can't be read.
    """
    content = read_private(path) or b""
    try:
        return parse_dotenv(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: it is not UTF-8 text.", remedy="Save the file as UTF-8.") from error


def parse_dotenv(text: str, source: str = ".env") -> dict[str, str]:
    """Return what the text of a ``.env`` file sets.

    Args:
        text: The content.
        source: What errors call it.

    Raises:
        UsageError: A line can't be understood.
    """
    text = text.replace("\r\n", "\n")
    values: dict[str, str] = {}
    position = 0
    while position < len(text):
        entry = _ENTRY.match(text, position)
        blank = entry or _BLANK.match(text, position)
        if blank is None or (entry and "\0" in entry[0]):
            raise _mistake(source, text.count("\n", 0, position) + 1, text[position:].split("\n", 1)[0])
        if entry:
            values[entry["name"]] = _value(entry)
        position = blank.end()
    return values


def _value(entry: re.Match[str]) -> str:
    if entry["literal"] is not None:
        return entry["literal"]
    if entry["escaped"] is not None:
        return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), entry["escaped"])
    return entry["plain"].strip()


def _mistake(source: str, line: int, text: str) -> UsageError:
    if "=" not in text:
        reason = "there is no '='"
    elif re.match(r"\s*(export\s+)?[A-Za-z_][\w.-]*\s*=\s*['\"]", text):
        reason = "the quotes are not closed, or something follows them"
    else:
        reason = "the name is not made of letters, digits, '_', '.' and '-', or the value holds a NUL"
    return UsageError(f"{source}:{line}: {reason}.", remedy="Write NAME=value, or NAME='value with spaces'.")
