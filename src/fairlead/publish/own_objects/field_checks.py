"""The fields of an object that a definition brings along, compared with those that its kind has.

The API server refuses a value of a wrong type, and drops or refuses a field that it does not know. Either is said when
the app is published. What a leaf stands for is known by its kind only: a text, a whole number or a mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fairlead.model.names import is_label_key, is_label_value, nearest
from fairlead.publish.chart.conditions import Switch
from fairlead.publish.chart.leaves import ChartValue, Concatenated, Leaf, Text, When
from fairlead.publish.own_objects.kubernetes_fields import METADATA, FieldTable, field_table

#: The fields whose entries are labels, by the types they are in; and those whose keys at least are like labels'.
_LABELS = {
    (METADATA, "labels"),
    ("meta.v1.LabelSelector", "matchLabels"),
    ("core.v1.PodSpec", "nodeSelector"),
    ("core.v1.ServiceSpec", "selector"),
}
_KEYS_LIKE_LABELS = {*_LABELS, (METADATA, "annotations")}
#: What each type takes, in the words for what is given.
_TAKES = {
    "text": {"text"},
    "whole number": {"a whole number"},
    "number": {"a whole number", "a number"},
    "true or false": {"true or false"},
    "text or number": {"text", "a whole number"},
    "amount": {"text", "a whole number", "a number"},
}
#: What values of the chart are, by their kinds.
_LEAVES = {"integer": "a whole number", "boolean": "true or false", "object": "a mapping"}
_REMEDIES = {
    "text": "Write it in quotes.",
    "whole number": "Write the number itself, without quotes; a deferred value is text.",
    "number": "Write the number itself, without quotes; a deferred value is text.",
    "true or false": "Write true or false, without quotes; a deferred value is text.",
}


class FieldProblem(NamedTuple):
    """What is wrong with a field.

    Args:
        problem: What it is, as the rest of a sentence about the object.
        remedy: What to do about it.
        is_certain: Whether no version of Kubernetes would take it.
    """

    problem: str
    remedy: str
    is_certain: bool = True


def field_problems(body: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What is wrong with the fields of an object.

    Args:
        body: The object, with an ``apiVersion`` and a ``kind`` that are text.
    """
    table, kind = field_table(), body["kind"]
    known = table.kinds.get(f"{body['apiVersion']}/{kind}")
    if known is not None:
        yield from _Fields(table).problems(body, known, kind)
        return
    if table.knows_api(body["apiVersion"]):
        guess = nearest(kind, table.kinds_of(body["apiVersion"]))
        yield FieldProblem(
            f"is a {kind} of {body['apiVersion']}, which Kubernetes does not know",
            f"Did you mean {guess!r}?" if guess else "Correct its kind or its apiVersion.",
            guess is not None,
        )
    yield from _Fields(table).problems(body.get("metadata"), METADATA, f"{kind}.metadata")


class _Fields:
    def __init__(self, table: FieldTable) -> None:
        self._table = table

    def problems(self, content: Any, wanted: str, path: str) -> Iterator[FieldProblem]:
        """What is wrong with what is at a path, where the table wants something there."""
        if isinstance(content, When):
            content = content.content
        wanted = wanted.removesuffix("!")
        if content is None or wanted == "any" or (_is_open(content) and wanted not in _REMEDIES):
            return
        if wanted.startswith("[]"):
            yield from self._list(content, wanted, path)
        elif wanted.startswith("{}") or wanted in self._table.types:
            yield from self._mapping(content, wanted, path)
        elif (given := _described(content)) not in _TAKES[wanted]:
            yield _of_wrong_type(given, path, wanted)

    def _list(self, content: Any, wanted: str, path: str) -> Iterator[FieldProblem]:
        if isinstance(content, list):
            for number, entry in enumerate(content):
                if entry is None:
                    yield FieldProblem(f"has null as {path}[{number}]", "Take the entry away, or write what it is.")
                yield from self.problems(entry, wanted[2:], f"{path}[{number}]")
        elif not isinstance(content, Concatenated):
            yield _of_wrong_type(_described(content), path, "list")

    def _mapping(self, content: Any, wanted: str, path: str) -> Iterator[FieldProblem]:
        if not isinstance(content, dict):
            yield _of_wrong_type(_described(content), path, "mapping")
        elif wanted.startswith("{}"):
            for key, entry in content.items():
                yield from self.problems(entry, wanted[2:], f"{path}.{key}")
        else:
            yield from self._fields(content, wanted, path)

    def _fields(self, content: dict[str, Any], wanted: str, path: str) -> Iterator[FieldProblem]:
        fields = self._table.types[wanted]
        for key, entry in content.items():
            if key not in fields:
                yield _unknown(key, path, fields)
                continue
            yield from self.problems(entry, fields[key], f"{path}.{key}")
            if (wanted, key) in _KEYS_LIKE_LABELS and isinstance(entry, dict):
                yield from _label_problems(entry, f"{path}.{key}", are_labels=(wanted, key) in _LABELS)
        for key, field in fields.items():
            if field.endswith("!") and content.get(key) is None:
                yield FieldProblem(f"has no {key} in {path}", "Write it: Kubernetes needs it.")


def _unknown(key: str, path: str, fields: Mapping[str, str]) -> FieldProblem:
    guess = nearest(key, fields)
    remedy = f"Did you mean {guess!r}?" if guess else "Take it away, unless your cluster is newer than this Fairlead."
    return FieldProblem(f"has {key!r} in {path}, which Kubernetes does not know", remedy, guess is not None)


def _of_wrong_type(given: str, path: str, wanted: str) -> FieldProblem:
    article = "" if wanted.startswith(("text", "true")) else "an " if wanted == "amount" else "a "
    remedy = _REMEDIES.get(wanted, f"Write {article}{wanted}.")
    return FieldProblem(f"has {given} as {path}, which is {article}{wanted}", remedy)


def _label_problems(entries: Mapping[str, Any], path: str, *, are_labels: bool) -> Iterator[FieldProblem]:
    for key, entry in entries.items():
        if not is_label_key(key):
            yield FieldProblem(
                f"has the key {key!r} in {path}",
                "Use up to 63 letters, digits, '-', '_' and '.', with a domain and a slash before them or without.",
            )
        elif are_labels and isinstance(entry, str) and not is_label_value(entry):
            yield FieldProblem(
                f"has {entry!r} as the label {key!r} in {path}",
                "Use up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends.",
            )


def _is_open(content: Any) -> bool:
    """Whether it is a value of the chart that may hold any structure, which its schema judges."""
    return isinstance(content, ChartValue) and content.kind == "object"


def _described(content: Any) -> str:
    """What something is, in words."""
    if isinstance(content, (str, Leaf)):
        return _LEAVES.get(content.kind, "text") if isinstance(content, ChartValue) else _described_leaf(content)
    if isinstance(content, bool):
        return "true or false"
    if isinstance(content, (int, float)):
        return "a whole number" if isinstance(content, int) else "a number"
    return "a mapping" if isinstance(content, dict) else "a list"


def _described_leaf(leaf: Text) -> str:
    if isinstance(leaf, Switch):
        return "true or false"
    return "a list" if isinstance(leaf, Concatenated) else "text"
