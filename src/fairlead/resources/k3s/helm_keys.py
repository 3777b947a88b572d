r"""Keys of values in the grammar of Helm's ``--set`` (Helm documentation, "The Format and Limitations of --set").

``a.b[0].c`` is a list of names and indices; ``\.`` is a dot in a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

#: Names of keys, and indices of lists.
HelmKey = tuple[str | int, ...]

_PART = r"(?P<name>(?:\\.|[^\\.\[\]=,])+)(?P<indices>(?:\[\d+\])*)"
#: Helm's own limit, against a list that fills the memory.
MOST_ITEMS = 65536


def parse_helm_key(key: str) -> HelmKey | None:
    r"""The parts of a key; None where it does not have the form ``a.b[0].c``."""
    parts: list[str | int] = []
    position = 0
    while True:
        found = re.compile(_PART).match(key, position)
        if found is None:
            return None
        parts.append(re.sub(r"\\(.)", r"\1", found["name"]))
        indices = [int(index) for index in re.findall(r"\d+", found["indices"])]
        if any(index > MOST_ITEMS for index in indices):
            return None
        parts += indices
        position = found.end()
        if position == len(key):
            return tuple(parts)
        if key[position] != ".":
            return None
        position += 1


def set_value(values: Mapping[str, Any], key: HelmKey, value: Any) -> dict[str, Any]:
    """Values with one more; what it does not touch stays, what is in its way and no list or mapping is replaced.

    Args:
        values: The values, which are left as they are.
        key: Where to.
        value: What.
    """
    changed = _set(values, key, value)
    assert isinstance(changed, dict)
    return changed


def _set(content: object, key: HelmKey, value: Any) -> Any:
    if not key:
        return value
    first, *rest = key
    if isinstance(first, str):
        mapping = dict(content) if isinstance(content, Mapping) else {}
        return {**mapping, first: _set(mapping.get(first), tuple(rest), value)}
    items = list(content) if isinstance(content, Sequence) and not isinstance(content, str) else []
    items += [None] * (first + 1 - len(items))
    items[first] = _set(items[first], tuple(rest), value)
    return items


def merge_values(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two layers of values as Helm merges them: mappings key by key, anything else as a whole, the upper one wins."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[key] = merge_values(known, value) if both else value  # type: ignore[arg-type]
    return merged
