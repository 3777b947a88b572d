"""Applications as compose files, and the app files that importing gives, which nobody edits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairlead import AppBuilder
from fairlead.cli.verbs.import_ import ProjectFiles
from fairlead.compose.importing import import_compose

FOLDER = Path(__file__).with_name("compose_apps")
#: The secrets that the environment files of the applications keep.
SECRETS = {
    "template": {"postgres-password": "change-this-too", "secret-key": "change-this"},
    "workflows": {},
    "traces": {},
    "board": {"postgres-password": "board", "secret-key": "board-secret-key", "broker-pass": "board"},
}


def imported(name: str, folder: Path) -> Callable[[AppBuilder], None]:
    """The definition that comes of an application, whose files are copied into the folder."""
    shutil.copytree(FOLDER / name, folder, dirs_exist_ok=True)
    (folder / "logs").mkdir()
    files = [file for file in ("compose.yaml", "compose.override.yaml") if (folder / file).is_file()]
    env_files = [".env.example"] if (folder / ".env.example").is_file() else []
    app = import_compose(files, ProjectFiles(folder), name=name, env_files=env_files)
    (folder / "apphost.py").write_text(app.text)
    names: dict[str, Any] = {"__name__": "imported"}
    exec(compile(app.text, str(folder / "apphost.py"), "exec"), names)
    definition = next(value for value in names.values() if hasattr(value, "build") and hasattr(value, "publish"))
    define: Callable[[AppBuilder], None] = definition.function
    return define
