"""Writing YAML: block style, in the order given, and read the same by every reader.

Kubernetes tools read YAML 1.1, in which ``yes``, ``017`` and ``12:30`` are not texts. So a text is written plainly only
when no reader could take it for anything else. What YAML has no word for (expressions of a template, conditions around
an entry, comments) a subclass or a caller brings in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring
from typing import Any

from fairlead.publish.chart.object_names import ObjectName
from fairlead.records import record


class Raw(str):
    """A text that is written exactly as it is."""

    __slots__ = ()


@record
class Enclosed:
    """An entry with a line of its own before and after it, which YAML takes no notice of.

    Of entries in a row with the same line before them, it stands once.
    """

    before: str
    content: Any
    after: str


@record
class Spread:
    """Lines among the entries of a mapping or sequence, such as those of a template that makes more entries.

    ``lines`` gets the column of the entries.
    """

    lines: Callable[[int], Iterable[str]]


@record
class Commented:
    """An entry with a comment above it."""

    comment: str
    content: Any


#: What an emitter writes by itself.
_WRITTEN = frozenset({bool, int, float, type(None), dict, list, Commented, Spread})
_WORDS = {True: "true", False: "false", None: "null"}
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@+-]*(?::[A-Za-z0-9_./@+-]+)*")
_RESERVED = frozenset(
    spelling
    for word in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
    for spelling in (word, word.upper(), word.title())
)


class Emitter:
    """Writes documents.

    Subclasses override :meth:`text` and :meth:`leaf` to write what is not plain data.
    """

    def __init__(self) -> None:
        # The same words come again and again: keys, kinds, names.
        self._keys: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        # Where the last enclosed entry ended, and what its first line was.
        self._ended: tuple[int, str] | None = None

    def document(self, content: dict[str, Any]) -> str:
        """A mapping as a document, with a newline at its end."""
        if not content:
            return "{}\n"
        self._ended = None
        lines: list[str] = []
        self._mapping(lines, content, "")
        lines.append("")
        return "\n".join(lines)

    def text(self, text: str, pad: str) -> str:
        """A text as a scalar; ``pad`` is the indentation of the lines of a block."""
        if "\n" in text and text[0] not in " \t\n" and text.replace("\n", "").replace("\t", "").isprintable():
            return _block(text, pad)
        return scalar(text)

    def leaf(self, content: Any) -> Any:
        """What to write for something that is not plain data: :class:`Raw`, :class:`Enclosed` or plain data."""
        raise TypeError(f"{type(content).__name__} can't be written as YAML")

    def _mapping(self, lines: list[str], content: dict[str, Any], pad: str) -> None:
        keys, texts = self._keys, self._texts
        for key, value in content.items():
            head = keys.get(key)
            if head is None:
                head = keys[key] = f"{scalar(key)}:"
            # Most entries are texts that were written before, or mappings.
            kind = type(value)
            written = texts.get(value) if kind is str else None
            if written is not None:
                lines.append(f"{pad}{head} {written}")
            elif kind is dict and value:
                lines.append(f"{pad}{head}")
                self._mapping(lines, value, f"{pad}  ")
            else:
                self._entry(lines, pad, head, value)

    def _entry(self, lines: list[str], pad: str, head: str, value: Any) -> None:
        kind = type(value)
        if kind is str or kind is ObjectName:
            lines.append(f"{pad}{head} {self._texts.get(value) or self._new_text(value, pad)}")
        elif kind is dict or kind is list:
            if not value:
                lines.append(f"{pad}{head} {'{}' if kind is dict else '[]'}")
                return
            lines.append(f"{pad}{head}")
            (self._mapping if kind is dict else self._sequence)(lines, value, f"{pad}  ")
        elif kind is Raw or kind is int:
            lines.append(f"{pad}{head} {value}")
        elif kind is bool or value is None:
            lines.append(f"{pad}{head} {_WORDS[value]}")
        elif kind is float:
            lines.append(f"{pad}{head} {json.dumps(value)}")
        else:
            self._own_entry(lines, pad, head, value)

    def _own_entry(self, lines: list[str], pad: str, head: str, value: Any) -> None:
        """An entry that YAML has no word for."""
        kind = type(value)
        if kind is Enclosed:
            self._open(lines, value.before)
            self._entry(lines, pad, head, value.content)
            self._close(lines, value)
        elif kind is Spread:
            lines += [f"{pad}{line}" for line in value.lines(len(pad))]
        elif kind is Commented:
            lines.extend(f"{pad}# {line}".rstrip() for line in value.comment.splitlines())
            self._entry(lines, pad, head, value.content)
        else:
            self._entry(lines, pad, head, self.leaf(value))

    def _open(self, lines: list[str], before: str) -> None:
        """Begin an enclosed entry; two in a row that begin alike have their lines in common."""
        if self._ended == (len(lines), before):
            lines.pop()
        else:
            lines.append(before)

    def _close(self, lines: list[str], entry: Enclosed) -> None:
        lines.append(entry.after)
        self._ended = len(lines), entry.before

    def _new_text(self, value: str, pad: str) -> str:
        written = self.text(value, pad + "  ")
        if "\n" not in written:  # a block is written for one indentation
            self._texts[value] = written
        return written

    def _sequence(self, lines: list[str], content: list[Any], pad: str) -> None:
        for item in content:
            self._item(lines, item, pad)

    def _item(self, lines: list[str], item: Any, pad: str) -> None:
        kind = type(item)
        if kind is dict and item:
            start = len(lines)
            self._ended = None
            self._mapping(lines, item, pad + "  ")
            self._dash(lines, start, pad)
        elif kind is Enclosed:
            self._open(lines, item.before)
            self._item(lines, item.content, pad)
            self._close(lines, item)
        elif kind in _WRITTEN or isinstance(item, str):
            self._entry(lines, pad, "-", item)
        else:
            self._item(lines, self.leaf(item), pad)

    @staticmethod
    def _dash(lines: list[str], start: int, pad: str) -> None:
        """Put the dash of an item before its first line, or on a line of its own where that is none of YAML's."""
        first = lines[start]
        inner = pad + "  "
        if first.startswith(inner) and not first.startswith(f"{inner}#"):
            lines[start] = f"{pad}- {first[len(inner) :]}"
        else:
            lines.insert(start, f"{pad}-")


def scalar(text: str) -> str:
    """A text on one line: plain where that is safe, else in double quotes."""
    if len(text) < 200 and _PLAIN.fullmatch(text) and text not in _RESERVED:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """A text in double quotes, with the escapes that JSON, YAML and Go have in common."""
    written = encode_basestring(text)
    if written.isprintable():
        return written
    # JSON leaves more as it is than YAML does, which for one reads U+0085 and U+2028 as breaks of lines.
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in written)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _block(text: str, pad: str) -> str:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    mark = "|-" if ends == 0 else "|" if ends == 1 else "|+"
    lines = body.split("\n") + [""] * max(0, ends - 1)
    return "\n".join([mark, *(f"{pad}{line}" if line else "" for line in lines)])
