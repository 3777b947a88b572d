"""The OpenAPI document of the control API, made from the table of routes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fairlead.dashboard.answers import JSON, NDJSON
from fairlead.dashboard.components import Components
from fairlead.dashboard.request import Parameter
from fairlead.dashboard.route import Route, Schema
from fairlead.dashboard.schema import ERROR

_SEGMENT = re.compile(r"\{(\w+)\}")
_SEGMENTS = {
    "id": "The resource: the name of a declared one, or the id of an observed one, as one segment (`%2F` for a slash).",
    "command": "The command.",
    "name": "The name.",
    "entry": "The number of a structured log entry.",
    "trace": "The id of a trace, 32 hexadecimal digits.",
    "span": "The id of a span, 16 hexadecimal digits.",
}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number", "minimum": 0},
    "flag": {"type": "string", "enum": ["0", "1"]},
}


def openapi_document(routes: Iterable[Route]) -> dict[str, Any]:
    """Return what can be asked and what is answered, as OpenAPI 3.1."""
    components = Components()
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = components.refer(_operation(route))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fairlead control API", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [*map(_segment, _SEGMENT.findall(route.path)), *map(_query, route.query)],
        "responses": {
            "200": {"description": "The answer.", "content": _contents(route)},
            "default": _response("Refused, or failed.", ERROR),
        },
        "security": [{"token": []}] if route.needs_token else [],
    }
    if route.body is not None:
        operation["requestBody"] = {"required": bool(route.body.get("required")), "content": _content(JSON, route.body)}
    return operation


def _contents(route: Route) -> dict[str, Any]:
    contents = {} if route.answer is None else _content(JSON, route.answer)
    return contents if route.item is None else contents | _content(NDJSON, route.item)


def _response(description: str, schema: Schema) -> dict[str, Any]:
    return {"description": description, "content": _content(JSON, schema)}


def _content(content_type: str, schema: Schema) -> dict[str, Any]:
    return {content_type: {"schema": schema}}


def _segment(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": _SEGMENTS[name],
        "schema": {"type": "string"},
    }


def _query(parameter: Parameter) -> dict[str, Any]:
    schema = dict(_SCHEMAS[parameter.kind])
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.many:
        schema = {"type": "array", "items": schema}
    return {"name": parameter.name, "in": "query", "description": parameter.summary, "schema": schema}
