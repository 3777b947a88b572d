"""Annotations of objects in a cluster."""

from __future__ import annotations

from typing import NamedTuple

from fairlead.model.locations import Location
from fairlead.model.values.value import Value


class Annotation(NamedTuple):
    """The value of an annotation: text, or one that is only known later, with the line that gave it."""

    value: str | Value
    where: Location
