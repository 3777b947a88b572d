"""Descriptions for the OpenAPI document, taken from docstrings."""

from __future__ import annotations

import inspect
import re

_FIELD = re.compile(r"^    (\w+): (.*)$")


def summary_of(kind: type) -> str:
    """Return the first paragraph of a class's docstring, on one line."""
    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())


def fields_of(kind: type) -> dict[str, str]:
    """Return what the section ``Args`` of a class's docstring says of each field, on one line each."""
    descriptions: dict[str, str] = {}
    field = None
    for line in (inspect.getdoc(kind) or "").partition("Args:\n")[2].splitlines():
        entry = _FIELD.match(line)
        if entry:
            field = entry[1]
            descriptions[field] = entry[2]
        elif field and line.startswith(" " * 8):
            descriptions[field] += f" {line.strip()}"
        else:
            break
    return descriptions
