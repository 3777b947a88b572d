"""Components: the named schemas of an OpenAPI document, each described once and referred to elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Components:
    """Collects the schemas that have a ``title``, and puts references in their place.

    Attributes:
        schemas: The schemas by their names.
    """

    def __init__(self) -> None:
        self.schemas: dict[str, dict[str, Any]] = {}

    def refer(self, part: Any) -> Any:
        """Return a part of a document with references in place of the named schemas in it.

        Raises:
            ValueError: Two different schemas have the same name.
        """
        if isinstance(part, Mapping):
            return self._refer_mapping(part)
        return [self.refer(entry) for entry in part] if isinstance(part, (list, tuple)) else part

    def _refer_mapping(self, part: Mapping[str, Any]) -> dict[str, Any]:
        plain = {key: self.refer(value) for key, value in part.items()}
        # A schema's title is a text; a field that is called "title" has a schema.
        if not isinstance(part.get("title"), str):
            return plain
        name = plain.pop("title")
        if self.schemas.setdefault(name, plain) != plain:
            raise ValueError(f"two different schemas are called {name}")
        return {"$ref": f"#/components/schemas/{name}"}
