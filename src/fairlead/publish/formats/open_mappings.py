"""How templates write the mappings that the chart's user may change.

How the entries of such a mapping are enclosed depends on its keys, on the conditions on which they are there and on
what the user may set, and on nothing that differs between two workloads of one kind. So it is decided once for all
mappings of a shape.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from fairlead.publish.chart.leaves import ChartValue, Part, When
from fairlead.publish.chart.open_mapping import OpenMapping, content_of
from fairlead.publish.formats.go_templates import all_of, any_of, argument, constant, every, pipeline
from fairlead.publish.formats.yaml import Enclosed, Raw, Spread
from fairlead.records import record


@record
class Entry:
    """How an entry is written that the user may change.

    Args:
        condition: On what it is there; empty for nothing.
        added: What the user adds to its sequence.
        written: The entry itself, where it is an expression of the template.
    """

    condition: str = ""
    added: Spread | None = None
    written: Raw | None = None


@record
class Layout:
    """How a mapping is written.

    Args:
        condition: On what it is there; empty for nothing.
        entries: How those of its entries are written that the user may change; the others are written as they are.
        added: The entries that are the user's alone.
    """

    condition: str
    entries: dict[str, Entry]
    added: Spread | None


class _Users(NamedTuple):
    """What the chart's user has for a mapping: the keys of a part of a value, and how a template writes the value."""

    keys: tuple[str, ...]
    whole: str

    def at(self, key: str, default: str) -> str:
        """What the user has under a key, or a default where any of the keys is absent."""
        return f"dig {' '.join(map(constant, (*self.keys, key)))} {default} {argument(self.whole)}"

    @property
    def mapping(self) -> str:
        """The mapping; an empty one where it is a part that is not there."""
        if not self.keys:
            return self.whole
        return f"dig {' '.join(map(constant, self.keys))} dict {argument(self.whole)}"


def _users(changes: ChartValue | Part, value: Callable[[ChartValue], str]) -> _Users:
    if isinstance(changes, Part):
        return _Users(changes.keys, value(changes.value))
    return _Users((), value(changes))


def users_mapping(changes: ChartValue | Part, value: Callable[[ChartValue], str]) -> str:
    """A mapping of the user's as a pipeline, with the value that it is, or is a part of, as ``value`` writes it."""
    return _users(changes, value).mapping


class OpenMappings:
    """Writes the mappings of one chart.

    Args:
        value: Writes a value of the chart; what it says may differ between templates.
    """

    def __init__(self, value: Callable[[ChartValue], str]) -> None:
        self._value = value
        self._layouts: dict[object, Layout] = {}

    def written(self, content: OpenMapping, included: Spread | None = None) -> Any:
        """A mapping with its conditions, and with what the user adds.

        Args:
            content: The mapping.
            included: What includes its entries from elsewhere.
        """
        layout = self._layout(content)
        entries = self._entries(layout, content) if included is None else {"": included}
        return enclosed(layout.condition, entries) if layout.condition else entries

    def entries(self, content: OpenMapping) -> dict[str, Any]:
        """The entries of a mapping, without the condition on which it is there."""
        return self._entries(self._layout(content), content)

    def _entries(self, layout: Layout, content: OpenMapping) -> dict[str, Any]:
        entries: dict[str, Any] = {
            key: _entry(layout.entries[key], entry) if key in layout.entries else entry
            for key, entry in content.items()
        }
        if layout.added is not None:
            entries[""] = layout.added
        return entries

    def _layout(self, content: OpenMapping) -> Layout:
        users = tuple([_users(changes, self._value) for changes in content.changes])
        shape: tuple[object, ...] = users, content.fields, content.added, content.exclusive, content.fixed
        shape += tuple([_shape(content, key, entry) for key, entry in content.items()])
        if all(type(entry) is When for entry in content.values()):  # then it may be left out as a whole
            shape += tuple([entry.conditions for entry in content.values()])
        layout = self._layouts.get(shape)
        if layout is None:
            layout = self._layouts[shape] = _decide(content, users)
        return layout


def enclosed(condition: str, content: Any) -> Enclosed:
    """An entry that is there on a condition."""
    return Enclosed(f"{{{{- if {condition} }}}}", content, "{{- end }}")


def user_part(user: str) -> Spread:
    """What the user has, among the entries of a mapping or sequence."""
    return Spread(lambda column: _lines(user, column))


@lru_cache
def _lines(user: str, column: int) -> tuple[str, ...]:
    return f"{{{{- with {user} }}}}", f"{{{{- toYaml . | nindent {column} }}}}", "{{- end }}"


def _shape(content: OpenMapping, key: str, entry: Any) -> tuple[object, ...]:
    """What decides about an entry: of most only where it stands, of plain data also what it is."""
    if content.fixed or (content.fields is not None and key not in content.fields):
        return (key,)
    conditions = None
    if type(entry) is When:
        conditions, entry = entry
    kind = type(entry)
    if kind is list and key in content.added:
        return key, conditions, tuple([item.conditions if type(item) is When else None for item in entry])
    return key, conditions, kind, entry if content.fields is None and kind in _PLAIN else None


_PLAIN = frozenset({str, int, bool})


def _entry(how: Entry, entry: Any) -> Any:
    if how.written is not None:
        return how.written
    inner = content_of(entry)
    if how.added is not None:
        inner = [*inner, how.added]
    return enclosed(how.condition, inner) if how.condition else inner


def _decide(content: OpenMapping, users: tuple[_Users, ...]) -> Layout:
    """How a mapping is written, and all of its shape."""
    # What the user can't change, and what takes in the user's part by itself, is written like any other.
    entries = {key: _decide_entry(content, users, key) for key in content if content.is_open(key)}
    condition = ""
    if all(type(entry) is When for entry in content.values()):
        conditions = [every(entry.conditions) for entry in content.values()]
        condition = any_of([*conditions, *(user.mapping for user in users)])
    user = _user_entries(content, users)
    return Layout(condition, entries, user_part(user) if user else None)


def _decide_entry(content: OpenMapping, users: tuple[_Users, ...], key: str) -> Entry:
    """How an entry is written: on its own conditions, and unless the user has something in its place."""
    entry = content[key]
    if content.is_plain(key):
        (user,) = users
        return Entry(written=Raw(f"{{{{ {user.at(key, json.dumps(entry))} | toJson }}}}"))
    conditions = [pipeline(condition) for condition in entry.conditions] if isinstance(entry, When) else []
    added = None
    if content.is_extended(key):
        (user,) = users
        items = user.at(key, "list")
        if all(isinstance(item, When) for item in content_of(entry)):
            conditions.append(any_of([*(every(item.conditions) for item in content_of(entry)), items]))
        added = user_part(items)
    if rivals := content.rivals(key):
        conditions.append(f"not ({_given(users, rivals)})")
    return Entry(all_of(conditions) if conditions else "", added)


def _given(users: tuple[_Users, ...], keys: tuple[str, ...]) -> str:
    """Whether the user has an entry for one of the keys."""
    if len(keys) == 1:
        return f"hasKey {argument(_whole(users))} {constant(keys[0])}"
    return f"pick {argument(_whole(users))} {' '.join(map(constant, keys))}"


def _user_entries(content: OpenMapping, users: tuple[_Users, ...]) -> str:
    """The entries of a mapping that are the user's alone; empty where there can be none."""
    picked = content.picked
    if picked == () or not users:
        return ""
    user = _whole(users)
    if picked is not None:
        return f"pick {argument(user)} {' '.join(map(constant, picked))}"
    plain = [key for key in content if content.is_plain(key)]
    return f"omit {argument(user)} {' '.join(map(constant, plain))}" if plain else user


def _whole(users: tuple[_Users, ...]) -> str:
    """All that the user has for a mapping; of what several have, the last."""
    last, *others = [user.mapping for user in reversed(users)]
    return f"merge (deepCopy {argument(last)}) {' '.join(map(argument, others))}" if others else last
