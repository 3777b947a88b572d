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
from typing import Any, NamedTuple

from fairlead.publish.chart.object_names import ObjectName


class Raw(str):
    """A text that is written exactly as it is."""

    __slots__ = ()


class Enclosed(NamedTuple):
    """An entry with a line of its own before and after it, which YAML takes no notice of."""

    before: str
    content: Any
    after: str


class Spread(NamedTuple):
    """Lines among the entries of a mapping or sequence, such as those of a template that makes more entries.

    ``lines`` gets the column of the entries.
    """

    lines: Callable[[int], Iterable[str]]


class Commented(NamedTuple):
    """An entry with a comment above it."""

    comment: str
    content: Any


#: What an emitter writes by itself.
_WRITTEN = frozenset({bool, int, float, type(None), dict, list, Commented, Spread})
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

    def document(self, content: dict[str, Any]) -> str:
        """A mapping as a document, with a newline at its end."""
        if not content:
            return "{}\n"
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
        keys = self._keys
        for key, value in content.items():
            written = keys.get(key)
            if written is None:
                written = keys[key] = f"{scalar(key)}:"
            self._entry(lines, pad, written, value)

    def _entry(self, lines: list[str], pad: str, head: str, value: Any) -> None:
        kind = type(value)
        if kind is str or kind is ObjectName:
            written = self._texts.get(value)
            if written is None:
                written = self.text(value, pad + "  ")
                if "\n" not in written:  # a block is written for one indentation
                    self._texts[value] = written
            lines.append(f"{pad}{head} {written}")
        elif kind is dict or kind is list:
            if not value:
                lines.append(f"{pad}{head} {'{}' if kind is dict else '[]'}")
                return
            lines.append(f"{pad}{head}")
            (self._mapping if kind is dict else self._sequence)(lines, value, pad + "  ")
        elif kind is Raw:
            lines.append(f"{pad}{head} {value}")
        elif kind is bool or value is None or kind is int or kind is float:
            lines.append(f"{pad}{head} {json.dumps(value)}")
        elif kind is Spread:
            lines.extend(f"{pad}{line}" for line in value.lines(len(pad)))
        else:
            self._wrapped(lines, pad, head, value)

    def _wrapped(self, lines: list[str], pad: str, head: str, value: Any) -> None:
        if type(value) is Enclosed:
            lines.append(value.before)
            self._entry(lines, pad, head, value.content)
            lines.append(value.after)
        elif type(value) is Commented:
            lines.extend(f"{pad}# {line}".rstrip() for line in value.comment.splitlines())
            self._entry(lines, pad, head, value.content)
        else:
            self._entry(lines, pad, head, self.leaf(value))

    def _sequence(self, lines: list[str], content: list[Any], pad: str) -> None:
        for item in content:
            self._item(lines, item, pad)

    def _item(self, lines: list[str], item: Any, pad: str) -> None:
        if type(item) is dict and item:
            start = len(lines)
            self._mapping(lines, item, pad + "  ")
            self._dash(lines, start, pad)
        elif type(item) is Enclosed:
            lines.append(item.before)
            self._item(lines, item.content, pad)
            lines.append(item.after)
        elif isinstance(item, str) or type(item) in _WRITTEN:
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
