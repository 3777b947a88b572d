"""JSON schemas of what the control API answers, made from the classes whose objects it sends."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from fairlead.dashboard.docstrings import fields_of, summary_of
from fairlead.model.observation.snapshot import ReplicaView, Snapshot
from fairlead.runtime.causes.cause import Cause
from fairlead.runtime.events.event import ResourceEvent
from fairlead.runtime.logs.levels import Level

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
WHOLE = {"type": "integer"}
FLAG = {"type": "boolean"}
ANYTHING: dict[str, Any] = {}
_PLAIN: dict[Any, dict[str, Any]] = {str: TEXT, int: WHOLE, float: NUMBER, bool: FLAG, NoneType: {"type": "null"}}


def one_of(*texts: str) -> dict[str, Any]:
    """The schema of a text that is one of several."""
    return {"type": "string", "enum": list(texts)}


def or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a list."""
    return {"type": "array", "items": schema}


def any_of(*schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what has one of several forms."""
    return {"anyOf": list(schemas)}


def named(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema with a name, under which the OpenAPI document describes it once."""
    return {"title": name, **schema}


def an_object(required: Mapping[str, Mapping[str, Any]], **optional: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with these fields and no others."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


TEXTS_BY_NAME = {"type": "object", "additionalProperties": TEXT}


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of the objects of a type: a plain one, a dataclass, an enumeration, or made up of such."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind is Any:
        return ANYTHING
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        words = fields_of(kind)
        fields = {
            field.name: _described(schema_of(hints[field.name]), words.get(field.name))
            for field in dataclasses.fields(kind)
        }
        return named(kind.__name__, {"description": summary_of(kind), **an_object(fields)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return named(kind.__name__, one_of(*(str(member.value) for member in kind)))
    arguments = get_args(kind)
    origin = get_origin(kind)
    if origin is Literal:
        return one_of(*arguments)
    if origin in (tuple, list, Sequence):
        return list_of(schema_of(arguments[0]))
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if origin in (Union, UnionType):
        return any_of(*map(schema_of, arguments))
    raise TypeError(f"{kind} has no schema yet")


def _described(schema: Mapping[str, Any], words: str | None) -> dict[str, Any]:
    if words is None:
        return dict(schema)
    # A named schema becomes a reference, and keeps its own description there.
    return {"allOf": [schema], "description": words} if "title" in schema else {**schema, "description": words}


def _snapshot() -> dict[str, Any]:
    schema = schema_of(Snapshot)
    fields = dict(schema["properties"])
    fields["type"] = fields.pop("kind")
    fields["properties"] = TEXTS_BY_NAME
    replica = dict(schema_of(ReplicaView)["properties"])
    fields["replicas"] = list_of(named("ReplicaView", an_object({**replica, "properties": TEXTS_BY_NAME})))
    return named("Snapshot", {"description": schema["description"], **an_object(fields)})


SNAPSHOT = _snapshot()
REMOVAL = named("Removal", an_object({"id": TEXT, "removed": {"const": True}, "version": WHOLE}))
_STREAM = named("LineStream", one_of("stdout", "stderr", "system", "state"))
LEVEL = named("LogLevel", one_of(*get_args(Level)))
LINE = named(
    "Line",
    an_object(
        {
            "resource": TEXT,
            "kind": {"const": "line"},
            "number": WHOLE,
            "time": NUMBER,
            "stream": _STREAM,
            "source": or_null(TEXT),
            "text": TEXT,
            "level": or_null(LEVEL),
            "cursor": TEXT,
        }
    ),
)
OPEN_LINE = named(
    "OpenLine",
    an_object(
        {
            "resource": TEXT,
            "kind": {"const": "open"},
            "time": NUMBER,
            "stream": _STREAM,
            "source": or_null(TEXT),
            "text": TEXT,
        }
    ),
)
GAP = named("Gap", an_object({"resource": TEXT, "kind": {"const": "gap"}, "lost": WHOLE, "cursor": TEXT}))
ERROR = named(
    "ErrorAnswer",
    an_object(
        {
            "error": an_object(
                {
                    "kind": TEXT,
                    "message": TEXT,
                    "resource": or_null(TEXT),
                    "remedy": or_null(TEXT),
                    "exit_code": WHOLE,
                }
            )
        }
    ),
)
CAUSES = list_of(schema_of(Cause))
USAGE_VALUES = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
WATCH_LINE = named(
    "WatchLine",
    any_of(
        an_object({"kind": {"const": "snapshot"}, "snapshot": SNAPSHOT}),
        an_object({"kind": {"const": "removal"}, "id": TEXT, "version": WHOLE}),
        an_object({"kind": {"const": "present"}, "version": WHOLE, "order": list_of(TEXT)}),
        an_object({"kind": {"const": "causes"}, "causes": CAUSES}),
        an_object({"kind": {"const": "event"}, "event": schema_of(ResourceEvent)}),
        an_object(
            {
                "kind": {"const": "usage"},
                "time": NUMBER,
                "values": {"type": "object", "additionalProperties": USAGE_VALUES},
            }
        ),
        an_object({"kind": {"const": "definition"}, "generation": WHOLE, "changed": list_of(TEXT)}),
        an_object({"kind": {"const": "alive"}}),
    ),
)
MESSAGE = named("Message", an_object({"message": or_null(TEXT)}))
