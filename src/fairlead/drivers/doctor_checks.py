"""Whether this machine has what an app needs, by the same functions that a start uses; nothing is started.

What a start would complain about is a problem. Nothing is changed, but that the folders are made which a start makes.
"""

from __future__ import annotations

import platform
import resource as limits
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from fairlead.drivers.finding import Finding
from fairlead.drivers.node import node_of_folder
from fairlead.drivers.paths import host_path
from fairlead.drivers.process import inherited_environment
from fairlead.drivers.python import python_of_folder
from fairlead.engines.command import ProcessSpec, find_executable
from fairlead.engines.docker import connect
from fairlead.errors import EngineUnavailable, FairleadError
from fairlead.model.app import App
from fairlead.model.names import listing
from fairlead.model.parameter import Parameter
from fairlead.model.programs.workload import Workload
from fairlead.resources.container import Container
from fairlead.resources.executable import Executable
from fairlead.resources.node import NodeApp
from fairlead.resources.python import PythonApp
from fairlead.runtime.store.files import private_folder
from fairlead.runtime.store.folders import runtime_folder, secrets_file, state_root
from fairlead.runtime.values.env_files import env_file_path
from fairlead.runtime.values.parameters import ParameterSources

ENOUGH_FILES = 1024
"""Open files that an app with some dozens of resources needs; macOS gives 256 to a terminal."""
ENOUGH_SPACE = 1 << 30
"""Bytes that images, volumes and logs need soon."""


def check_python() -> Finding:
    """The interpreter, Fairlead and the system."""
    system = f"{platform.system()} {platform.machine()}"
    text = f"Python {platform.python_version()} on {system}, Fairlead {version('fairlead')}"
    return Finding("Python", "fine", text)


async def check_engine(app: App | None) -> Finding:
    """The container engine; that there is none is a problem for an app with containers."""
    users = [item.name for item in app if isinstance(item, Container)] if app is not None else []
    try:
        begin = time.perf_counter()
        engine = await connect()
        took = time.perf_counter() - begin
        try:
            architecture = await engine.architecture()
        finally:
            await engine.close()
    except EngineUnavailable as error:
        found = Finding.of("Engine", error, "problem" if users else "note")
        if app is None:
            return found
        needed = f"{listing(users)} can't run" if users else "nothing of this app needs one"
        return replace(found, text=f"{found.text}; {needed}")
    except FairleadError as error:
        return Finding.of("Engine", error)
    name = {"docker": "Docker", "podman": "Podman"}[engine.name]
    text = f"{name} {engine.version} ({architecture}) at {engine.address}, answers in {1000 * took:.0f} ms"
    return Finding("Engine", "fine", text)


def check_folders() -> Iterator[Finding]:
    """Where state, secrets and sockets are kept: writable, and closed to others."""
    state = state_root()
    try:
        folders = [private_folder(folder) for folder in (state, secrets_file("any").parent)]
        sockets = runtime_folder()
    except FairleadError as error:
        yield Finding.of("Folders", error)
        return
    yield Finding("Folders", "fine", f"{', '.join(map(str, folders))} and {sockets}")
    free = shutil.disk_usage(state).free
    if free < ENOUGH_SPACE:
        text = f"only {free / (1 << 20):.0f} MiB are free where {state} is"
        yield Finding("Space", "note", text, "Make room, before images and volumes need it.")


def check_limits() -> Iterator[Finding]:
    """How many files a process may have open."""
    soft, _ = limits.getrlimit(limits.RLIMIT_NOFILE)
    if soft != limits.RLIM_INFINITY and soft < ENOUGH_FILES:
        text = f"this shell lets a process open {soft} files"
        yield Finding("Limits", "note", text, f"Run ulimit -n {4 * ENOUGH_FILES} before an app with many resources.")


def check_parameters(app: App, sources: ParameterSources) -> Iterator[Finding]:
    """Whether every parameter has a value, or will get one without being asked."""
    parameters = [item for item in app if isinstance(item, Parameter)]
    try:
        without = [one for one in parameters if one.default is None and sources.look(one) is None]
    except FairleadError as error:
        yield Finding.of("Parameters", error)
        return
    for one in without:
        text = f"nothing gives {one.name} a value; a run in a terminal asks for it"
        yield Finding(
            "Parameters", "note", text, f"Set {one.variable}, or run: fairlead parameters set {one.name} --store"
        )
    if parameters and not without:
        yield Finding("Parameters", "fine", f"all {len(parameters)} have a value, or make one up")


def check_env_files(app: App) -> Iterator[Finding]:
    """The environment files that resources are given; a start fails without one."""
    for item in app:
        for file in item.env_files if isinstance(item, Workload) else ():
            path = env_file_path(app.directory, file)
            if not path.exists():
                text = f"{item.name}: its environment file {file.path} is not there"
                yield Finding("Files", "problem", text, f"Create {path}.")


def check_programs(app: App) -> Iterator[Finding]:
    """The programs that the app's processes are run by; one finding for all, or one for each that is missing."""
    found: dict[str, None] = {}
    missing = False
    for item in app:
        if isinstance(item, Executable):
            try:
                found |= dict.fromkeys(_programs_of(item, app.directory))
            except FairleadError as error:
                missing, error.resource = True, item.name
                yield Finding.of("Programs", error)
    if found and not missing:
        yield Finding("Programs", "fine", ", ".join(found))


def _programs_of(item: Executable, app_folder: Path) -> Iterable[str]:
    environment = inherited_environment()
    folder = host_path(app_folder, item.cwd)
    commands: tuple[str, ...]
    if item.entrypoint:
        first = item.entrypoint[0]
        commands = (first,) if isinstance(first, str) else ()
    elif isinstance(item, PythonApp):
        commands = (python_of_folder(folder, app_folder, environment).python[0],)
    elif isinstance(item, NodeApp):
        commands = ("node", *((node_of_folder(folder, app_folder).manager.name,) if item.run_script else ()))
    else:
        commands = (item.command,)
    return [find_executable(ProcessSpec((command,), str(folder), environment)) for command in commands]
