"""Annotations of objects in a cluster."""

from __future__ import annotations

from fairlead.model.locations import Location
from fairlead.model.values.value import Value
from fairlead.records import record


@record
class Annotation:
    """The value of an annotation: text, or one that is only known later, with the line that gave it."""

    value: str | Value
    where: Location
