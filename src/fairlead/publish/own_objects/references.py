"""Where an object names others.

What Fairlead writes says by itself which kind of object it names (:class:`ObjectName`), wherever it stands. In what a
definition writes by hand a name is a text like any other: there the kind beside it tells, or the word of its field, as
in ``serviceName``, ``configMapRef.name`` and ``resourceNames``. So the walk needs no list of kinds, and finds the names
in custom objects too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fairlead.publish.chart.leaves import Leaf, Text, When, parts_of
from fairlead.publish.chart.object_names import ObjectKey, ObjectName

#: What fields with names of objects end with, behind the word for the kind.
_SUFFIX = re.compile(r"(Key)?Refs?$|Name$")
#: Words of fields that stand for a kind of another name.
_KINDS = {
    "backend": "service",
    "claim": "persistentvolumeclaim",
    "imagepullsecrets": "secret",
    "parent": "gateway",
    "scaletarget": "deployment",
    "target": "deployment",
    "volume": "persistentvolume",
}


class Reference(NamedTuple):
    """A name of an object in another.

    Args:
        name: The name.
        path: Where it stands, such as ``spec.rules[].backendRefs[].name``.
        kinds: The kinds that it may be of, in lower case; empty for a leaf, which no two kinds have as their name.
        within: The mapping that the name stands in; empty for one in a list.
    """

    name: Text
    path: str
    kinds: frozenset[str]
    within: Mapping[str, Any]

    def names(self, key: ObjectKey) -> bool:
        """Whether it names an object."""
        return self.name == key.name and (not self.kinds or key.kind.lower() in self.kinds)


def references(body: Mapping[str, Any]) -> Iterator[Reference]:
    """The names of others in an object; what is said of the object itself is none."""
    for key, entry in body.items():
        if key not in ("apiVersion", "kind", "metadata"):
            yield from _in_part(entry, key, _kinds(key, "", body), body)


def _in_part(content: Any, path: str, kinds: frozenset[str], within: Mapping[str, Any]) -> Iterator[Reference]:
    """The names in a part of an object.

    Args:
        content: The part.
        path: Where it is.
        kinds: What a text in it would be the name of.
        within: The mapping that it is an entry of.
    """
    if isinstance(content, When):
        content = content.content
    if isinstance(content, dict):
        above = path.rpartition(".")[2].rstrip("[]")
        for key, entry in content.items():
            if key != "metadata":
                yield from _in_part(entry, f"{path}.{key}", _kinds(key, above, content), content)
    elif isinstance(content, list):
        for entry in content:
            yield from _in_part(entry, f"{path}[]", kinds, {})
    elif isinstance(content, (str, Leaf)):
        for name, found in _in_text(content, kinds):
            yield Reference(name, path, found, within)


def _in_text(text: Text, kinds: frozenset[str]) -> Iterator[tuple[Text, frozenset[str]]]:
    """The names in a text, with the kinds that each may be of."""
    if isinstance(text, ObjectName):
        yield text, frozenset((text.kind.lower(),))
    elif isinstance(text, str):
        if kinds:
            yield text, kinds
    else:
        yield text, frozenset()
        for part in parts_of(text):
            yield from _in_text(part, frozenset())


def _kinds(key: str, above: str, mapping: Mapping[str, Any]) -> frozenset[str]:
    """The kinds that a text may be the name of, by the words around it.

    Args:
        key: The key that the text is under.
        above: The key that the mapping is under.
        mapping: The mapping that the key is in.
    """
    if key == "resourceNames":
        resources = mapping.get("resources")
        plurals = [entry for entry in resources if isinstance(entry, str)] if isinstance(resources, list) else []
        return frozenset(form for plural in plurals for form in (plural[:-1], plural[:-2], f"{plural[:-3]}y"))
    if key == "name" and isinstance(kind := mapping.get("kind"), str):
        return frozenset((kind.lower(),))
    word = _SUFFIX.sub("", above if key == "name" else key).lower()
    return frozenset((_KINDS.get(word, word),)) if word else frozenset()
