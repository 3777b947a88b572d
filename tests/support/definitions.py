"""Short ways to evaluate a definition in a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fairlead import App, AppBuilder, Apphost, DefinitionError, Mode, ModelError, Value, Workload
from fairlead.model.composition.contributions import contributions_to

Define = Callable[[AppBuilder], Any]


def build(define: Define, mode: Mode = Mode.RUN, folder: Path | None = None) -> App:
    """The app that a function defines; a lambda will do. Its app file is where the function is, or in a folder."""
    return Apphost(define, name="shop", file=folder / "apphost.py" if folder else None).build(mode)


def mistakes(define: Define) -> list[ModelError]:
    """The mistakes of a definition; none when it is sound. Any other exception passes."""
    try:
        build(define)
    except DefinitionError as error:
        return list(error.errors)
    return []


def the_mistake(define: Define) -> ModelError:
    """The only mistake of a definition."""
    found = mistakes(define)
    assert len(found) == 1, [str(error) for error in found]
    return found[0]


def variables(app: App, consumer: str) -> dict[str, Any]:
    """The variables that the references of a resource give it, values not yet resolved."""
    resource = app[consumer]
    assert isinstance(resource, Workload)
    found: dict[str, Any] = {}
    for given in contributions_to(resource, app.mode):
        found |= given.contribution.env
    return found


def spelled(values: Mapping[str, Any]) -> dict[str, str]:
    """Variables as text: plain data as it is, deferred values in angle brackets."""
    return {name: spell(value) for name, value in values.items()}


def spell(value: Any) -> str:
    """A value as text, with its leaves in angle brackets."""
    if not isinstance(value, Value):
        return str(value)
    return "".join(
        part if isinstance(part, str) else repr(part) if part is value else spell(part) for part in value.parts()
    )
