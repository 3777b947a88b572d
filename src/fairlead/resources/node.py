"""Node apps: a script, or a script of ``package.json`` by the package manager that the folder uses."""

from __future__ import annotations

import os
from typing import ClassVar

from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.locations import mistake, user_location
from fairlead.model.programs.program import JobProgram
from fairlead.model.programs.workload import Workload
from fairlead.resources.executable import Executable


class NodeApp(Executable):
    """A Node program.

    Args:
        name: The resource's name.
        directory: Its folder, relative to the app file's.
        script: The file to run, relative to the folder.
        run: The script of ``package.json`` to run instead, by the folder's package manager.
    """

    kind: ClassVar[str] = "Node app"
    driver: ClassVar[str | None] = "fairlead.drivers.node:NodeDriver"
    cluster_kind: ClassVar[str | None] = "fairlead.publish.kinds.node:NodeClusterKind"
    default_base_image: ClassVar[str | None] = "node:22-bookworm-slim"

    def __init__(
        self, name: str, directory: str | os.PathLike[str], script: str | None = None, *, run: str | None = None
    ) -> None:
        super().__init__(name, "node", directory)
        if (script is None) == (run is None):
            mistake(
                "a Node app needs either a script or run=",
                resource=self.name,
                remedy='Write add_node_app(name, dir, "server.js"), or run="dev" for a script of package.json.',
            )
        else:
            self._text(type(self).__name__, "script or run", script if run is None else run)
        self.script = script
        self.run_script = run

    def _new_job(self, name: str, program: JobProgram) -> Workload:
        """A program of the same folder: the same one, the file that is named, or a script of ``package.json``."""
        program.refuse(name, self.kind, "module")
        if program.command is not None or program.script is not None:
            return NodeApp(name, self.cwd, program.script, run=program.command)
        return NodeApp(name, self.cwd, self.script, run=self.run_script)

    @property
    def made_from(self) -> str:
        """Its script."""
        return self.script or f"run {self.run_script}"


class ViteApp(NodeApp):
    """A front end served by Vite's development server, with an HTTP endpoint.

    Args:
        name: The resource's name.
        directory: Its folder, relative to the app file's.
        run: The script of ``package.json`` that starts Vite.
    """

    kind: ClassVar[str] = "Vite app"
    driver: ClassVar[str | None] = "fairlead.drivers.node:ViteDriver"
    cluster_kind: ClassVar[str | None] = "fairlead.publish.kinds.node:ViteClusterKind"

    def __init__(self, name: str, directory: str | os.PathLike[str], *, run: str = "dev") -> None:
        super().__init__(name, directory, run=run)
        self._imply_endpoint(EndpointSpec("http", "http", user_location(), env="PORT"))

    def _new_job(self, name: str, program: JobProgram) -> Workload:
        """Its image has pages and a server for them, and no Node."""
        return Workload._new_job(self, name, program)
