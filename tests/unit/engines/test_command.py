"""What a command means, and what is said when it can't be run."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fairlead.engines.command import ProcessSpec, explain, find_executable
from fairlead.errors import CommandFailed


def program(path: Path, text: str = "#!/bin/sh\n", mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_bare_command_is_looked_for_in_the_path_of_its_own_environment(tmp_path: Path) -> None:
    """PATH must be that of the spec, in its order, and files that can't be run must be passed over."""
    program(tmp_path / "a" / "tool", mode=0o644)
    program(tmp_path / "c" / "tool")
    wanted = program(tmp_path / "b" / "tool")
    spec = ProcessSpec(("tool",), "/", {"PATH": f"{tmp_path}/none:{tmp_path}/a:{tmp_path}/b:{tmp_path}/c"})
    assert find_executable(spec) == str(wanted)


def test_relative_commands_start_at_the_working_directory(tmp_path: Path) -> None:
    """A command with a slash, and a relative folder in PATH, must be taken from ``cwd``."""
    wanted = program(tmp_path / "bin" / "tool")
    assert find_executable(ProcessSpec(("bin/tool",), str(tmp_path), {})) == str(wanted)
    assert find_executable(ProcessSpec(("./bin/tool",), str(tmp_path), {})) == str(wanted)
    assert find_executable(ProcessSpec(("tool",), str(tmp_path), {"PATH": "bin"})) == str(wanted)


def test_without_path_the_system_default_counts() -> None:
    """An environment without PATH must still find what the system has."""
    assert find_executable(ProcessSpec(("sh",), "/", {})).endswith("/sh")


@pytest.mark.parametrize(
    ("argv", "env", "told"),
    [
        ((), {}, ["no command"]),
        (("",), {}, ["no command"]),
        (("nope-nope",), {"PATH": "/bin:/opt/x"}, ["'nope-nope' was not found in PATH (/bin:/opt/x)", "Install it"]),
        (("./nope",), {}, ["'./nope' was not found: there is no {cwd}/nope", "starts at the working directory"]),
        (("./plain",), {}, ["{cwd}/plain is not executable", "chmod +x"]),
        (("plain",), {"PATH": "."}, ["{cwd}/plain is not executable", "chmod +x"]),
        (("./folder",), {}, ["{cwd}/folder is a folder"]),
        (("sh", "a\0b"), {}, ["argument 1 of 'sh' contains a NUL"]),
        (("sh\0",), {}, ["the command contains a NUL"]),
        (("sh",), {"TOKEN": "hush\0"}, ["environment variable TOKEN contains a NUL"]),
        (("sh",), {"A=B": "hush"}, ["'A=B' can't be the name"]),
        (("sh",), {"": "hush"}, ["'' can't be the name"]),
    ],
)
def test_what_cannot_be_run_is_explained(
    tmp_path: Path, argv: tuple[str, ...], env: dict[str, str], told: list[str]
) -> None:
    """The error must say which command, what was looked for and what to do, and no variable's value."""
    program(tmp_path / "plain", mode=0o644)
    (tmp_path / "folder").mkdir()
    with pytest.raises(CommandFailed) as raised:
        find_executable(ProcessSpec(argv, str(tmp_path), env))
    for words in told:
        assert words.format(cwd=tmp_path) in str(raised.value)
    assert raised.value.remedy
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(("folder", "told"), [("none", "does not exist"), ("file", "is not a folder")])
def test_a_bad_working_directory_is_named(tmp_path: Path, folder: str, told: str) -> None:
    """A missing working directory must not be mistaken for a missing command."""
    (tmp_path / "file").touch()
    with pytest.raises(CommandFailed, match=rf"'sh' can't be started in {tmp_path}/{folder}, which {told}"):
        find_executable(ProcessSpec(("sh",), str(tmp_path / folder), {}))


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EAGAIN, "out of memory or of processes"),
        (errno.ENOMEM, "out of memory or of processes"),
        (errno.EMFILE, "too many files are open"),
        (errno.EACCES, "the system refuses to run /x/tool (Permission denied)"),
    ],
)
def test_what_the_system_refuses_is_explained(number: int, told: str) -> None:
    """The system's refusal must be said in words, with a remedy and without error numbers."""
    error = explain(ProcessSpec(("tool",), "/", {}), "/x/tool", OSError(number, os.strerror(number)))
    assert told in str(error)
    assert error.remedy
    assert "Errno" not in str(error)


def test_a_program_without_its_loader_is_explained(tmp_path: Path) -> None:
    """A binary for another system exists and is not found: the message must not claim that it is missing."""
    binary = program(tmp_path / "tool", "\x7fELF")
    error = explain(ProcessSpec(("tool",), "/", {}), str(binary), FileNotFoundError(errno.ENOENT, "No such file"))
    assert f"{binary} is there, but the loader or library it needs is not" in str(error)
