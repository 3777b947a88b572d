"""What a command means, and why it can't be run.

The system's own words ("[Errno 2] No such file or directory: 'uvicorn'") name neither what was looked for nor what to
do. Variables are named in messages, their values never.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fairlead.engines.watchdog.process_tree import StopPolicy
from fairlead.errors import CommandFailed


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """What to run.

    Attributes:
        argv: The command and its arguments. A command without a slash is looked for in ``env["PATH"]``, a relative one
            with a slash starts at ``cwd``.
        cwd: Working directory.
        env: The complete environment; nothing is inherited. Bytes that are no UTF-8 are passed on as ``os.environ``
            holds them (surrogate escapes).
        stdin: ``closed`` for one that reads the end at once; ``open`` for a pipe that ends with the process or its
            host, as watchers want it, which end when their input does.
        stop: How it is stopped.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    stdin: Literal["open", "closed"] = "closed"
    stop: StopPolicy = field(default_factory=StopPolicy)


def find_executable(spec: ProcessSpec) -> str:
    """Find the file that the command means.

    Returns:
        Its path.

    Raises:
        CommandFailed: There is no such program, or the command could never be run as it stands.
    """
    _check_text(spec)
    _check_folder(spec)
    command = spec.argv[0]
    if "/" in command:
        candidates = [Path(spec.cwd, command)]
    else:
        candidates = [Path(spec.cwd, folder, command) for folder in os.get_exec_path(spec.env)]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    raise _not_found(spec, candidates)


def explain(spec: ProcessSpec, executable: str, error: OSError | ValueError) -> CommandFailed:
    """Say why the system refused to start a command that was found.

    Args:
        spec: What was to be run.
        executable: The file that was found for it.
        error: What the system said.
    """
    command = spec.argv[0]
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.E2BIG:
        return _too_long(spec)
    if number in (errno.ENOENT, errno.ENOTDIR):
        return _no_interpreter(command, executable)
    if number == errno.ENOEXEC:
        return CommandFailed(
            f"'{command}' can't be run: {executable} is no program for this machine and has no first line like "
            f"'#!/bin/sh' that names its interpreter.",
            remedy="Add that line, or give the interpreter as the command and the file as its argument.",
        )
    if number in (errno.EAGAIN, errno.ENOMEM):
        return CommandFailed(
            f"'{command}' can't be started: this machine is out of memory or of processes for this user.",
            remedy="Stop something, or raise the limit (ulimit -u).",
        )
    if number in (errno.EMFILE, errno.ENFILE):
        return CommandFailed(
            f"'{command}' can't be started: too many files are open.", remedy="Raise the limit (ulimit -n)."
        )
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return CommandFailed(
        f"'{command}' can't be started: the system refuses to run {executable} ({reason}).",
        remedy="Try it in a shell, in the same folder.",
    )


def _check_text(spec: ProcessSpec) -> None:
    if not spec.argv or not spec.argv[0]:
        raise CommandFailed("there is no command to run.", remedy="Give the name or the path of a program.")
    for place, text in enumerate(spec.argv):
        if "\0" in text:
            what = f"argument {place} of '{spec.argv[0]}'" if place else "the command"
            raise CommandFailed(f"{what} contains a NUL character, which no program can receive.", remedy="Remove it.")
    for name, value in spec.env.items():
        if not name or "=" in name or "\0" in name:
            raise CommandFailed(
                f"{name!r} can't be the name of an environment variable.",
                remedy="Use letters, digits and underscores.",
            )
        if "\0" in value:
            raise CommandFailed(
                f"the environment variable {name} contains a NUL character, which no program can receive.",
                remedy="Remove it, or pass the data in a file.",
            )


def _check_folder(spec: ProcessSpec) -> None:
    folder = Path(spec.cwd)
    if folder.is_dir():
        if os.access(folder, os.X_OK):
            return
        problem, remedy = "may not be entered by this user", "Change its permissions."
    elif folder.exists():
        problem, remedy = "is not a folder", "Give a folder as the working directory."
    else:
        problem, remedy = "does not exist", "Create it, or correct the path."
    raise CommandFailed(f"'{spec.argv[0]}' can't be started in {spec.cwd}, which {problem}.", remedy=remedy)


def _not_found(spec: ProcessSpec, candidates: list[Path]) -> CommandFailed:
    command = spec.argv[0]
    for candidate in candidates:
        if candidate.is_dir() and "/" in command:
            return CommandFailed(
                f"'{command}' can't be run: {candidate} is a folder.", remedy="Give the program inside it."
            )
        if candidate.is_file():
            return CommandFailed(
                f"'{command}' can't be run: {candidate} is not executable for this user.",
                remedy=f"Run chmod +x {candidate}, or give its interpreter as the command.",
            )
    if "/" in command:
        return CommandFailed(
            f"the command '{command}' was not found: there is no {candidates[0]}.",
            remedy="Correct the path; a relative one starts at the working directory.",
        )
    return CommandFailed(
        f"the command '{command}' was not found in PATH ({_shown(os.get_exec_path(spec.env))}).",
        remedy="Install it, or give its path.",
    )


def _shown(folders: list[str]) -> str:
    return ":".join(folders) if len(folders) <= 8 else ":".join([*folders[:8], f"… {len(folders) - 8} more"])


def _no_interpreter(command: str, executable: str) -> CommandFailed:
    try:
        with Path(executable).open("rb") as file:
            first = file.readline(256)
    except OSError:
        first = b""
    if not first.startswith(b"#!"):
        return CommandFailed(
            f"'{command}' can't be run: {executable} is there, but the loader or library it needs is not.",
            remedy="Install a build of it for this machine.",
        )
    interpreter = os.fsdecode(first[2:].strip()).partition(" ")[0]
    return CommandFailed(
        f"'{command}' can't be run: its first line names the interpreter {interpreter}, which was not found.",
        remedy="Install it; a virtual environment that was moved has to be made again.",
    )


def _too_long(spec: ProcessSpec) -> CommandFailed:
    strings = {f"argument {place}": text for place, text in enumerate(spec.argv)}
    strings |= {f"the environment variable {name}": f"{name}={value}" for name, value in spec.env.items()}
    sizes = {what: len(os.fsencode(text)) + 1 for what, text in strings.items()}
    longest = max(sizes, key=lambda what: sizes[what])
    return CommandFailed(
        f"'{spec.argv[0]}' can't be started: its arguments and environment have {sum(sizes.values()) // 1024} KiB "
        f"({longest} alone has {sizes[longest] // 1024} KiB), more than the system takes.",
        remedy="Pass the data in a file.",
    )
