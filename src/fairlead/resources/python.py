"""Python apps: a script, a module or a command, or an ASGI app under uvicorn, in the environment of their folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import ClassVar

from fairlead.model.argument_checks import kind_of
from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.locations import mistake, user_location
from fairlead.model.names import with_article
from fairlead.model.programs.program import JobProgram
from fairlead.model.programs.workload import Workload
from fairlead.resources.executable import Executable


class PythonApp(Executable):
    """A Python program. It runs in the virtual environment of its folder, or by the package manager used there.

    Args:
        name: The resource's name.
        directory: Its folder, relative to the app file's.
        script: The file to run, relative to the folder.
        module: The module to run, as ``python -m`` does.
        command: The program to run that one of its packages brings, such as ``celery``, without arguments.
    """

    kind: ClassVar[str] = "Python app"
    driver: ClassVar[str | None] = "fairlead.drivers.python:PythonDriver"
    cluster_kind: ClassVar[str | None] = "fairlead.publish.kinds.python:PythonClusterKind"
    default_base_image: ClassVar[str | None] = "python:3.11-slim-bookworm"
    #: For programs that are started by ``opentelemetry-instrument``, which asks what to send.
    exporter_environment: ClassVar[Mapping[str, str]] = {
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
    }

    def __init__(
        self,
        name: str,
        directory: str | os.PathLike[str],
        *,
        script: str | None = None,
        module: str | None = None,
        command: str | None = None,
    ) -> None:
        super().__init__(name, "python", directory)
        targets = [value for value in (script, module, command) if value is not None]
        if len(targets) != 1:
            mistake(
                "a Python app needs exactly one of script=, module= and command=",
                resource=self.name,
                remedy='Write script="main.py", module="package.main" or command="celery".',
            )
        elif self._text(type(self).__name__, "script, module or command", targets[0]) and command is not None:
            self._check_command(command)
        self.script = script
        self.module = module
        self.command_name = command

    def _new_job(self, name: str, program: JobProgram) -> Workload:
        """A program of the same folder and environment: the same one, or the one that is named."""
        if program == JobProgram():
            program = JobProgram(self.command_name, self.script, self.module)
        return PythonApp(name, self.cwd, script=program.script, module=program.module, command=program.command)

    @property
    def made_from(self) -> str:
        """Its script, module or program."""
        return self.script or self.module or self.command_name or ""

    @property
    def imported_module(self) -> str | None:
        """The module that it begins with; None for a script or a command."""
        return self.module

    def _check_command(self, command: str) -> None:
        if words := command.split()[1:]:
            mistake(
                f"command={command!r} has arguments",
                resource=self.name,
                remedy=f"Write command={command.split()[0]!r}, args={words!r}.",
            )
        elif "/" in command:
            mistake(
                f"command={command!r} is a path, not the name of a program of its environment",
                resource=self.name,
                remedy="Use add_executable() for a program of another folder, or script= for a Python file.",
            )


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
    cluster_kind: ClassVar[str | None] = "fairlead.publish.kinds.python:UvicornClusterKind"

    def __init__(self, name: str, directory: str | os.PathLike[str], app: str, *, reload: bool = False) -> None:
        super().__init__(name, directory, module="uvicorn")
        module_name, colon, attribute = app.partition(":") if isinstance(app, str) else ("", "", "")
        if not (module_name.strip() and colon and attribute.strip()) or ":" in attribute:
            found = repr(app) if isinstance(app, str) else kind_of(app)
            mistake(f"{found} does not name an ASGI app", resource=self.name, remedy='Write "package.module:app".')
        self.app = app
        self._module_name = module_name
        self.reload = self._flag("UvicornApp", "reload", reload)
        self._imply_endpoint(EndpointSpec("http", "http", user_location(), env="PORT"))

    def _new_job(self, name: str, program: JobProgram) -> Workload:
        """A Python program of the same folder and environment; uvicorn itself is none that ends."""
        if program == JobProgram():
            mistake(
                f"a job of {with_article(self.kind)} needs a program of its own, because a server does not end",
                resource=name,
                remedy='Name it: command="alembic", module="package.main" or script="manage.py".',
            )
            program = JobProgram(module=self._module_name or "uvicorn")
        return super()._new_job(name, program)

    @property
    def made_from(self) -> str:
        """Its ASGI app."""
        return self.app

    @property
    def imported_module(self) -> str | None:
        """The module of the ASGI app."""
        return self._module_name
