"""Reading environment files: the app's own ``.env``, which gives values to parameters, and those of resources."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from fairlead.errors import StartError
from fairlead.model.composition.composition import FileVariables
from fairlead.model.programs.workload import Workload
from fairlead.model.values.env_file import EnvFile, EnvFileValue, interpolate, looks_secret, parse_env_file
from fairlead.model.values.value import ValueLike
from fairlead.runtime.store.files import read_private


def read_app_env_file(path: Path, environ: Mapping[str, str], warn: Callable[[str], None]) -> dict[str, str]:
    """What the ``.env`` file of an app sets; nothing when there is no such file.

    Args:
        path: The file. A folder, as virtual environments may be called, is none.
        environ: The environment, for ``${…}`` in values.
        warn: Is told of each line that is not understood, and ignored.

    Raises:
        StateError: It can't be read.
    """
    content = None if path.is_dir() else read_private(path)
    if content is None:
        return {}
    text = parse_env_file(content)
    for line in text.foreign_lines:
        warn(f"{path}:{line} is not understood, and ignored. Write NAME=value, or NAME='value with spaces'.")
    return {name: value for name, value in interpolate(text.assignments, environ).items() if value is not None}


async def variables_of_files(
    resource: Workload, folder: Path, environ: Mapping[str, str], log: Callable[[str], None]
) -> list[FileVariables]:
    """The variables that each of a resource's environment files gives it, in order.

    Args:
        resource: The resource.
        folder: The folder of the app file.
        environ: The environment of this machine, for ``${…}`` in values, and for names that stand without a value.
        log: Is told of each line that is not understood, and ignored.

    Raises:
        StartError: A file is missing, or can't be read.
    """
    files: list[FileVariables] = []
    known = dict(environ)
    for file in resource.env_files:
        path = env_file_path(folder, file)
        parsed = parse_env_file(await _content(resource, file, path))
        for line in parsed.foreign_lines:
            log(f"{file.path}:{line} is not understood, and ignored")
        texts = {
            name: text
            for name, value in interpolate(parsed.assignments, known).items()
            if (text := environ.get(name) if value is None else value) is not None
        }
        known |= texts  # for the values of later files
        files.append((file, {name: _value(file, name, text) for name, text in texts.items()}))
    return files


def env_file_path(folder: Path, file: EnvFile) -> Path:
    """Where an environment file is.

    Args:
        folder: The folder of the app file.
        file: The environment file.
    """
    return folder / Path(file.path).expanduser()


def _value(file: EnvFile, name: str, text: str) -> ValueLike:
    is_secret = file.publish == "names" and looks_secret(name, text)
    return EnvFileValue(name, text) if is_secret else text


async def _content(resource: Workload, file: EnvFile, path: Path) -> bytes:
    try:
        return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "is not there" if missing else f"can't be read: {(error.strerror or str(error)).lower()}"
        raise StartError(
            f"its environment file {file.path} {reason}",
            resource=resource.name,
            remedy=f"Create {path}, or take with_env_file() out." if missing else f"Correct {path}.",
        ) from error
