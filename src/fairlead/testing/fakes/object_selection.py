"""Which objects of a cluster are asked for, as API servers understand it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairlead.engines.kube import ObjectKind


@dataclass(frozen=True, slots=True)
class ObjectSelection:
    """Which objects are asked for.

    Args:
        kind: Their kind.
        namespace: Their namespace; None for all.
        labels: Labels with their values.
        fields: Fields with their values, such as ``metadata.name``.
    """

    kind: ObjectKind
    namespace: str | None = None
    labels: Mapping[str, str] | None = None
    fields: Mapping[str, str] | None = None

    def has(self, obj: Mapping[str, Any] | None) -> bool:
        """Whether an object is one of them."""
        if obj is None or ObjectKind.of(obj) != self.kind:
            return False
        metadata = obj["metadata"]
        if self.namespace is not None and metadata.get("namespace") != self.namespace:
            return False
        labels = metadata.get("labels", {})
        return all(labels.get(name) == value for name, value in (self.labels or {}).items()) and all(
            _field(obj, path) == value for path, value in (self.fields or {}).items()
        )


def _field(obj: Mapping[str, Any], path: str) -> str:
    value: Any = obj
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
