"""The identity of what is published: hashes that depend on what an object means, never on how our code is written.

A Job's name and the checksums on pods decide what a cluster runs again. So they are taken of canonical JSON in which
each kind of leaf has a tag of its own: renaming or moving a class changes no hash. The tags and fields below are part
of what users have installed. A change of one reruns their migrations and rolls their pods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairlead.digests import hex_digest
from fairlead.publish.chart.conditions import AnyOf, Not, OneOf, Switch
from fairlead.publish.chart.leaves import (
    Builtin,
    ChartValue,
    Checksum,
    Concatenated,
    Conditional,
    Encoded,
    Joined,
    Mirrored,
    Named,
    Part,
    When,
    WithDefault,
    canonical_json,
)
from fairlead.publish.chart.open_mapping import OpenMapping

#: The key of a leaf's tag. A plain key that begins like it gets one more, so no data can look like a leaf.
_TAG = "$"


def digest(content: Any) -> str:
    """The SHA-256 of an object, in hexadecimal: the same for objects that mean the same.

    Args:
        content: Mappings, sequences and scalars, with leaves anywhere. The order of keys makes no difference.

    Raises:
        TypeError: Something in it is neither plain data nor a known leaf.
    """
    return hex_digest(canonical_json(_canonical(content)).encode("utf-8", "surrogatepass"))


def _canonical(content: Any) -> Any:
    """An object as plain JSON data, with tagged mappings in place of leaves."""
    kind = type(content)
    if kind is str:  # most of what there is
        return content
    if kind is ChartValue:  # whose path and kind are plain
        return {_TAG: "value", "path": content.path, "kind": content.kind}
    if kind in _LEAVES:  # before sequences, because one kind of leaf is a tuple
        tag, fields = _LEAVES[kind]
        return {_TAG: tag} | {name: _canonical(part) for name, part in fields(content).items()}
    if isinstance(content, Named):  # a renderer's name for a text; only the text reaches the cluster
        return _canonical(content.text)
    if isinstance(content, OpenMapping):
        parts = {"entries": dict(content), "changes": content.changes}
        return {_TAG: "open"} | {name: _canonical(part) for name, part in parts.items()}
    if isinstance(content, Mapping):
        return {f"{_TAG}{key}" if key.startswith(_TAG) else key: _canonical(part) for key, part in content.items()}
    if isinstance(content, (list, tuple)):
        return [_canonical(part) for part in content]
    if content is None or isinstance(content, (str, int, float)):
        return content
    raise TypeError(f"{type(content).__name__} has no canonical form; give it a tag in {__name__}")


_Fields = Callable[[Any], dict[str, Any]]
_LEAVES: dict[type, tuple[str, _Fields]] = {
    Joined: ("joined", lambda leaf: {"parts": leaf.parts}),
    Encoded: ("encoded", lambda leaf: {"text": leaf.text, "encoding": leaf.encoding}),
    WithDefault: ("default", lambda leaf: {"value": leaf.value, "default": leaf.default}),
    Conditional: (
        "conditional",
        lambda leaf: {"if": leaf.condition, "in": leaf.matches, "then": leaf.then, "else": leaf.otherwise},
    ),
    Checksum: ("checksum", lambda leaf: {"parts": leaf.parts, "length": leaf.length}),
    Builtin: ("builtin", lambda leaf: {"name": leaf.name}),
    Part: ("part", lambda leaf: {"value": leaf.value, "keys": leaf.keys}),
    Switch: ("switch", lambda leaf: {"part": leaf.part, "default": leaf.default}),
    OneOf: ("one-of", lambda leaf: {"value": leaf.value, "texts": leaf.texts}),
    Not: ("not", lambda leaf: {"condition": leaf.condition}),
    AnyOf: ("any-of", lambda leaf: {"conditions": leaf.conditions}),
    Concatenated: ("concatenated", lambda leaf: {"values": leaf.values}),
    Mirrored: ("mirrored", lambda leaf: {"image": leaf.image, "registry": leaf.registry}),
    When: ("when", lambda entry: {"conditions": entry.conditions, "content": entry.content}),
}
