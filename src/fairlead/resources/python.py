"""Python apps: a script or module, or an ASGI app under uvicorn, in the environment that its folder uses."""

from __future__ import annotations

import os
from typing import ClassVar

from fairlead.model.checks import kind_of
from fairlead.model.declaring import here, mistake
from fairlead.model.endpoint import EndpointSpec
from fairlead.resources.executable import Executable


class PythonApp(Executable):
    """A Python program. It runs in the virtual environment of its folder, or by the package manager used there.

    Args:
        name: The resource's name.
        directory: Its folder, relative to the app file's.
        script: The file to run, relative to the folder.
        module: The module to run, as ``python -m`` does.
    """

    kind: ClassVar[str] = "Python app"
    driver: ClassVar[str | None] = "fairlead.drivers.python:PythonDriver"
    default_base_image: ClassVar[str | None] = "python:3.11-slim-bookworm"

    def __init__(
        self, name: str, directory: str | os.PathLike[str], *, script: str | None = None, module: str | None = None
    ) -> None:
        super().__init__(name, "python", directory)
        if (script is None) == (module is None):
            mistake(
                "a Python app needs either script= or module=",
                resource=self.name,
                remedy='Write script="main.py" or module="package.main".',
            )
        else:
            self._text(type(self).__name__, "script or module", script if module is None else module)
        self.script = script
        self.module = module


class UvicornApp(PythonApp):
    """An ASGI app served by uvicorn, with an HTTP endpoint. In run mode it is loaded again when its files change.

    Args:
        name: The resource's name.
        directory: Its folder, relative to the app file's.
        app: The app as ``module:attribute``.
        reload: Whether uvicorn watches the folder in run mode.
    """

    kind: ClassVar[str] = "Uvicorn app"
    driver: ClassVar[str | None] = "fairlead.drivers.python:UvicornDriver"

    def __init__(self, name: str, directory: str | os.PathLike[str], app: str, *, reload: bool = False) -> None:
        super().__init__(name, directory, module="uvicorn")
        module_name, colon, attribute = app.partition(":") if isinstance(app, str) else ("", "", "")
        if not (module_name.strip() and colon and attribute.strip()) or ":" in attribute:
            found = repr(app) if isinstance(app, str) else kind_of(app)
            mistake(f"{found} does not name an ASGI app", resource=self.name, remedy='Write "package.module:app".')
        self.app = app
        self.reload = self._flag("UvicornApp", "reload", reload)
        self._imply_endpoint(EndpointSpec("http", "http", here(), env="PORT"))
