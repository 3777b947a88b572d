"""The text of a compose file as a tree.

PyYAML's nodes have neither the names of anchors nor the scalars of YAML 1.2 that Compose reads (``on`` and ``22:22``
are texts for it), so the tree is made from the parser's events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from fairlead.compose.reading.mistakes import stop
from fairlead.compose.reading.tree import (
    Entries,
    Items,
    Node,
    Overriding,
    Place,
    Scalar,
    ScalarKind,
    Scope,
    number_text,
)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"~|null|Null|NULL|")
_FLAG = re.compile(r"true|True|TRUE|false|False|FALSE")
_NUMBER = re.compile(
    r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_STR_TAG = "tag:yaml.org,2002:str"
_OVERRIDING: dict[str, Overriding] = {"!reset": "reset", "!override": "override"}
#: More than any file needs; a few lines of anchors can stand for billions of values.
_MOST_NODES = 200_000


def parse_yaml(text: str | bytes, file: str, scope: Scope) -> list[Node]:
    """The documents of a file; one without any content has none.

    Args:
        text: Its text.
        file: What it is called in messages.
        scope: What its texts mean.

    Raises:
        ComposeFileError: It is no YAML, has a key twice, or an anchor that holds itself.
    """
    try:
        return list(_Parser(text, file, scope).documents())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 1 if mark else 0
        raise stop(f"it is no YAML: {problem}", Place(file, line), "Correct the line, or the one above it.") from error
    except (UnicodeDecodeError, RecursionError) as error:
        what = "it is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else "it is nested too deeply"
        raise stop(what, Place(file, 1), "Give a compose file.") from error


class _Parser:
    """Turns events into nodes; an alias gives the very node of its anchor."""

    def __init__(self, text: str | bytes, file: str, scope: Scope) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._file = file
        self._scope = scope
        self._anchors: dict[str, Node | None] = {}
        self._sizes: dict[int, int] = {}

    def documents(self) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                node = self._node(next(self._events))
                if not (isinstance(node, Scalar) and node.kind == "null"):
                    yield node

    def _node(self, event: Any) -> Node:
        place = Place(self._file, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor or "", place)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node: Node = self._scalar(event, place)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._items(event, place)
        else:
            node = self._entries(event, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, name: str, place: Place) -> Node:
        if name not in self._anchors:
            raise stop(f"the anchor {name!r} is not defined above its use", place, f"Write &{name} where it begins.")
        node = self._anchors[name]
        if node is None:
            raise stop(f"the anchor {name!r} holds itself", place, "Take the alias out of it.")
        return node

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        kind = _kind(event)
        text = {"null": "", "flag": event.value.lower()}.get(kind, event.value)
        text = number_text(text) if kind == "number" else text
        return Scalar(text, kind, place, self._scope, _OVERRIDING.get(event.tag or "", "merge"))

    def _items(self, event: yaml.SequenceStartEvent, place: Place) -> Items:
        found = Items([], place, self._scope, _OVERRIDING.get(event.tag or "", "merge"), event.anchor)
        for inner in self._until(yaml.SequenceEndEvent):
            found.items.append(self._node(inner))
        self._measure(found, found.items)
        return found

    def _entries(self, event: yaml.MappingStartEvent, place: Place) -> Entries:
        found = Entries({}, place, self._scope, _OVERRIDING.get(event.tag or "", "merge"), event.anchor)
        merged: list[Node] = []
        for inner in self._until(yaml.MappingEndEvent):
            key, line = self._key(inner), Place(self._file, inner.start_mark.line + 1)
            value = self._node(next(self._events))
            if key == "<<":
                merged += value.items if isinstance(value, Items) else [value]
            elif key in found.entries:
                raise stop(f"the key {key!r} stands twice in one mapping", line, "Keep one of the two.")
            else:
                found.entries[key] = value
        for other in merged:
            self._merge(found, other)
        self._measure(found, list(found.entries.values()))
        return found

    def _until(self, end: type[Any]) -> Iterator[Any]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _key(self, event: Any) -> str:
        place = Place(self._file, event.start_mark.line + 1)
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        if isinstance(event, yaml.AliasEvent):
            node = self._alias(event.anchor or "", place)
            if isinstance(node, Scalar):
                return node.text
        raise stop("a key is not a text", place, "Write a text before the colon.")

    def _merge(self, into: Entries, other: Node) -> None:
        """``<<:``: what is there already stays."""
        if not isinstance(other, Entries):
            raise stop("'<<' merges something that is no mapping", other.place, "Give it the alias of a mapping.")
        for key, value in other.entries.items():
            if key not in into.entries:
                into.entries[key] = value
                origin = other.shared.get(key) or other.anchor
                if origin is not None:
                    into.shared[key] = origin

    def _measure(self, node: Node, children: list[Node]) -> None:
        """Refuse a tree that has few lines and very many nodes."""
        size = 1 + sum(self._sizes.get(id(child), 1) for child in children)
        self._sizes[id(node)] = size
        if size > _MOST_NODES:
            raise stop(f"its anchors stand for more than {_MOST_NODES:,} values", node.place, "Repeat less.")


def _kind(event: yaml.ScalarEvent) -> ScalarKind:
    """What a scalar is for Compose. The tag ``!reset`` needs no value."""
    if not event.implicit[0] or event.tag == _STR_TAG:
        return "text"
    if _NULL.fullmatch(event.value):
        return "null"
    if _FLAG.fullmatch(event.value):
        return "flag"
    return "number" if _NUMBER.fullmatch(event.value) else "text"
