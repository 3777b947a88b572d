"""The app that a command line is about."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fairlead.app import Apphost


class Target:
    """Finds and loads the app when a verb asks for it.

    Args:
        bound: The app, when this is its own command line (``python apphost.py …``).
    """

    def __init__(self, bound: Apphost | None = None) -> None:
        self.bound = bound
        #: What ``--apphost`` says.
        self.given: Path | None = None

    def file(self) -> Path:
        """The app file.

        Raises:
            UsageError: There is none.
        """
        if self.bound is not None:
            return self.bound.file
        found: Path = import_module("fairlead.cli.apphost").find_app_file(self.given)
        return found

    def load(self) -> Apphost:
        """The app.

        Raises:
            UsageError: There is no app file.
            AppFileError: It can't be loaded.
        """
        if self.bound is not None:
            return self.bound
        loaded: Apphost = import_module("fairlead.cli.apphost").load_app_file(self.file())
        return loaded
