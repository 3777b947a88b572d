"""The fields that objects of Kubernetes' own kinds have: a table made from the API's own description of itself.

``scripts/kubernetes_fields`` writes the table beside this module, from the schemas of a development dependency. Those
have a hundred megabytes and need a validator of their own; what is needed here are names and types, so a user's machine
has just these, and reads them in a millisecond. The table is loaded when a definition brings objects along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_TABLE = Path(__file__).with_suffix(".json")
#: The metadata of an object of any kind, also of those that Kubernetes itself does not have.
METADATA = "meta.v1.ObjectMeta"


class FieldTable(NamedTuple):
    """The fields of all types.

    Args:
        kinds: The type of each kind, by ``apiVersion/kind``.
        types: The fields of each type by their names: ``text``, ``whole number``, ``number``, ``true or false``,
            ``text or number``, ``amount``, ``any``, or another type. ``[]`` before that means a list of it, ``{}`` a
            mapping with keys of the user's choice, and ``!`` behind it that the field must be there.
    """

    kinds: Mapping[str, str]
    types: Mapping[str, Mapping[str, str]]

    def knows_api(self, api_version: str) -> bool:
        """Whether it has kinds of an API version, and so all of them."""
        return any(kind.rpartition("/")[0] == api_version for kind in self.kinds)

    def kinds_of(self, api_version: str) -> list[str]:
        """The kinds of an API version."""
        return [kind.rpartition("/")[2] for kind in self.kinds if kind.rpartition("/")[0] == api_version]


@cache
def field_table() -> FieldTable:
    """The fields of the kinds of Kubernetes itself."""
    content = json.loads(_TABLE.read_text(encoding="utf-8"))
    return FieldTable(content["kinds"], content["types"])
