"""The app that a command line is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.cli.interrupts import quiet_interrupts

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairlead.definition import Definition
    from fairlead.model.app import App
    from fairlead.runtime.reload.result import ReadAnew


class SelectedApp:
    """Finds and loads the app when a verb asks for it.

    Args:
        own_apphost: The app, when this is its own command line (``python apphost.py …``).
    """

    def __init__(self, own_apphost: Definition | None = None) -> None:
        self.own_apphost = own_apphost
        #: What ``--apphost`` says.
        self.apphost_option: Path | None = None
        #: Whether the verb was called with ``--json``.
        self.as_json = False

    def file(self) -> Path:
        """The app file.

        Raises:
            UsageError: There is none.
        """
        if self.own_apphost is not None:
            return self.own_apphost.file
        from fairlead.cli.app_file import find_app_file

        return find_app_file(self.apphost_option)

    def load(self) -> Definition:
        """The app.

        Raises:
            UsageError: There is no app file.
            AppFileError: It can't be loaded.
        """
        if self.own_apphost is not None:
            return self.own_apphost
        with quiet_interrupts():
            from fairlead.cli.app_file import load_app_file

        return load_app_file(self.file())

    def read_anew(self, app: App) -> Callable[[], ReadAnew] | None:
        """What reads the definition of a running app again; None where it is in no file.

        Args:
            app: The app, as it was built.
        """
        if not app.file.is_file():
            return None
        from fairlead.cli.app_file import load_anew

        return lambda: load_anew(app.file, app.name)
