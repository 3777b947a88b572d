"""What the test processes of a machine share: which part of which app, and with which values."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fairlead.definition import Definition
from fairlead.errors import UsageError
from fairlead.runtime.store.instance import definition_digest

ORDER_FILE = "shared.json"
"""In the state folder: what the run was ordered to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedOrder:
    """A part of an app, to be run in a process of its own.

    Args:
        file: The file that defines the app.
        name: The app's name.
        selected: Names of the resources to start, with what they need.
        excluded: Names of the resources that the run does without.
        parameters: Values of parameters by name.
        search_path: Where modules are found that the file imports.
    """

    file: str
    name: str
    selected: tuple[str, ...]
    excluded: tuple[str, ...]
    parameters: Mapping[str, str]
    search_path: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The same for orders that can share a run: those that differ at most in where modules are found."""
        told = [self.name, sorted(self.selected), sorted(self.excluded), sorted(self.parameters.items())]
        return hashlib.sha256(json.dumps([*told, definition_digest(self.file)]).encode()).hexdigest()[:16]

    def to_json(self) -> bytes:
        """The order as text."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> SharedOrder:
        """The order of a text."""
        content = json.loads(text)
        lists = {name: tuple(content[name]) for name in ("selected", "excluded", "search_path")}
        return cls(**{**content, **lists})


def load_definition(order: SharedOrder) -> Definition:
    """The definition that an order is about, from its file.

    Raises:
        UsageError: The file does not define it at its top level.
    """
    sys.path[:] = order.search_path
    path = Path(order.file)
    name = path.stem if path.stem not in sys.modules else f"fairlead_shared_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for value in vars(module).values():
        if isinstance(value, Definition) and value.name == order.name:
            return value
    raise UsageError(
        f"{path} defines no app {order.name!r} at its top level, so that no other process can run it",
        remedy="Define it in a file of its own, such as apphost.py, and import it from there.",
    )
