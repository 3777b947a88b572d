"""Node apps: how a file, or a script of package.json, is run, and how Vite is told its port. See ``projects.node``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from fairlead.drivers.process import ExecutableDriver, Launch
from fairlead.drivers.project_folders import read_folders
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.projects.folder import package_json
from fairlead.projects.node import NodeChoice, choose_node_manager, manager_missing, required_script
from fairlead.resources.executable import Executable
from fairlead.resources.node import NodeApp


def node_of_folder(folder: Path, app_folder: Path) -> NodeChoice:
    """The package manager of a folder.

    Args:
        folder: The folder.
        app_folder: The folder of the app file.

    Raises:
        StartError: A package.json can't be read.
    """
    return choose_node_manager(read_folders(folder, app_folder))


class NodeDriver(ExecutableDriver):
    """Runs a file with Node, or a script of package.json; what is not installed yet is installed first."""

    def launch(self, resource: Executable, context: DriverContext, cwd: str, env: Mapping[str, str]) -> Launch:
        """Node with the file, or the package manager with the script.

        Raises:
            StartError: The file or the script is not there, or a program that is needed is not installed.
        """
        assert isinstance(resource, NodeApp)
        folder = Path(cwd)
        folders = read_folders(folder, context.directory)
        choice = choose_node_manager(folders)
        own = self.own_arguments(resource, context)
        if resource.run_script is not None:
            if folder.is_dir():
                required_script(resource.run_script, package_json(folders[0]), folder)
            has_arguments = own or resource.arguments or resource.is_job
            separator = choice.manager.separator if has_arguments else ()
            argv = (choice.manager.name, "run", resource.run_script, *separator, *own)
        else:
            argv = (*_node(resource, folder, choice), *own)
        _require(argv[0], choice, env)
        return Launch(
            argv,
            env=choice.installation.env if choice.installation else {},
            installation=choice.installation,
            note=f"Node by {choice.manager.name}" if argv[0] == choice.manager.name else "",
        )

    def own_arguments(self, resource: NodeApp, context: DriverContext) -> tuple[str, ...]:
        """Arguments that the kind gives by itself."""
        return ()


class ViteDriver(NodeDriver):
    """Runs Vite's development server on the endpoint's port, and only there."""

    def own_arguments(self, resource: NodeApp, context: DriverContext) -> tuple[str, ...]:
        """Where to listen; ``--strictPort`` so that it fails rather than move away from where it is looked for."""
        host = "0.0.0.0" if resource.endpoints["http"].external else "127.0.0.1"
        return ("--host", host, "--port", str(context.port("http")), "--strictPort")


def _node(resource: NodeApp, folder: Path, choice: NodeChoice) -> tuple[str, ...]:
    assert resource.script is not None
    if folder.is_dir() and not (folder / resource.script).is_file():
        raise StartError(f"its script {resource.script} is not in {folder}", remedy="Correct the script.")
    return (choice.manager.name, "node", resource.script) if choice.manager.runs_node else ("node", resource.script)


def _require(program: str, choice: NodeChoice, env: Mapping[str, str]) -> None:
    if shutil.which(program, path=env.get("PATH", os.defpath)) is not None:
        return
    if program == choice.manager.name:
        raise manager_missing(choice)
    raise StartError(f"{program} is not installed", remedy=f"Install {program}, or add it to PATH.")
