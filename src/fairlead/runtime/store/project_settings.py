"""What ``pyproject.toml`` says about an app: ``[tool.fairlead]`` and ``[tool.fairlead.parameters]``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fairlead.errors import UsageError
from fairlead.records import record

if TYPE_CHECKING:
    from fairlead.model.app import App


@record
class ProjectSettings:
    """The settings of a project.

    Args:
        file: The ``pyproject.toml``; None when there is none.
        apphost: Path of the app file, relative to ``file``.
        id: An identity for the app that does not depend on where it is checked out.
        parameters: Values of parameters by name.
    """

    file: Path | None = None
    apphost: str | None = None
    id: str | None = None
    parameters: Mapping[str, str] = MappingProxyType({})


def find_settings(folder: Path) -> ProjectSettings:
    """The settings of the nearest ``pyproject.toml`` with a ``[tool.fairlead]``, in a folder or above it.

    Raises:
        UsageError: The file is no valid TOML, or a setting has the wrong type.
    """
    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        if file.is_file():
            table = _table(file)
            if table is not None:
                return _settings(file, table)
    return ProjectSettings()


TESTS = "tests"
"""The variant of an app that its tests share."""


def app_identity(app: App, settings: ProjectSettings, variant: str = "") -> str:
    """The app's id on this machine: ``[tool.fairlead] id`` where there is one, else from the app file's path.

    Args:
        app: The app.
        settings: Those of its project.
        variant: A variant of the app, which is one of its own; empty for the app itself.
    """
    own = settings.id or app.id
    return f"{own}-{variant}" if variant else own


def isolated_id(app: App, run_id: str) -> str:
    """An id for a run of the app that shares nothing with others."""
    return f"{app.id}-{run_id[:8]}"


def base_id(app_id: str, run_id: str) -> str:
    """What all isolated runs of an app have in common, from the id that one of them has; any other id as it is."""
    return app_id.removesuffix(f"-{run_id[:8]}")


def _table(file: Path) -> dict[str, Any] | None:
    import tomllib  # where there is such a file

    try:
        with file.open("rb") as stream:
            table = tomllib.load(stream).get("tool", {}).get("fairlead")
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} can't be read: {error}") from error
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"{file}: tool.fairlead is no table", remedy="Write [tool.fairlead].")
    return table


def _settings(file: Path, table: dict[str, Any]) -> ProjectSettings:
    for name in ("apphost", "id"):
        if not isinstance(table.get(name, ""), str):
            raise UsageError(f"{file}: tool.fairlead.{name} is no text", remedy=f'Write {name} = "…".')
    parameters = table.get("parameters", {})
    if not isinstance(parameters, dict):
        raise UsageError(f"{file}: tool.fairlead.parameters is no table", remedy="Write [tool.fairlead.parameters].")
    texts = {str(name): _text(file, name, value) for name, value in parameters.items()}
    return ProjectSettings(file, table.get("apphost"), table.get("id"), texts)


def _text(file: Path, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise UsageError(f"{file}: the parameter {name!r} is neither text nor a number", remedy=f'Write {name} = "…".')
