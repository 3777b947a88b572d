"""Who owns which field of an object, as server-side apply keeps it: several managers may apply parts of one object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


@dataclass
class FieldOwners:
    """The fields that each manager has applied; lists are one field."""

    fields: dict[str, set[Path]] = field(default_factory=dict)

    def rivals(self, known: Mapping[str, Any], given: Mapping[str, Any], manager: str) -> list[tuple[str, str]]:
        """The given fields that another manager owns with another value, each with that manager."""
        found = []
        for path, value in _leaves(given):
            for owner, paths in self.fields.items():
                if owner != manager and path in paths and _value(known, path) != value:
                    found.append((".".join(path), owner))
        return found

    def apply(self, obj: dict[str, Any], given: Mapping[str, Any], manager: str) -> dict[str, Any]:
        """Put the given fields into an object, and take out those that the manager gives no longer.

        Args:
            obj: The object; it is changed.
            given: What the manager applies.
            manager: Who applies it; it owns these fields from then on, and no longer those of another value.
        """
        leaves = dict(_leaves(given))
        for path in self.fields.get(manager, set()) - leaves.keys():
            if not any(path in paths for owner, paths in self.fields.items() if owner != manager):
                _take_out(obj, path)
        for path, value in leaves.items():
            if _value(obj, path) != value:
                for paths in self.fields.values():
                    paths.discard(path)
            _put(obj, path, value)
        self.fields[manager] = set(leaves)
        return obj


def _leaves(obj: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    for name, value in obj.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _value(obj: Any, path: Path) -> Any:
    for name in path:
        obj = obj.get(name) if isinstance(obj, Mapping) else None
    return obj


def _put(obj: dict[str, Any], path: Path, value: Any) -> None:
    *folders, name = path
    for folder in folders:
        inner = obj.get(folder)
        if not isinstance(inner, dict):
            inner = obj[folder] = {}
        obj = inner
    obj[name] = value


def _take_out(obj: dict[str, Any], path: Path) -> None:
    name, *rest = path
    inner = obj.get(name)
    if not rest:
        obj.pop(name, None)
    elif isinstance(inner, dict):
        _take_out(inner, tuple(rest))
        if not inner:
            del obj[name]
