"""The command line called in this process: as a program may call it, and five times as fast as a process of its own."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from fairlead.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a call ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def call(folder: Path, *arguments: str, **variables: str) -> Ended:
    """Call the command in a folder, with more variables and nothing on standard input."""
    with written() as (output, errors), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", list(sys.path))
        patch.setattr(sys, "argv", ["fairlead", *arguments])
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        with pytest.raises(SystemExit) as ended:
            main(arguments)
    return Ended(int(ended.value.code or 0), text_of(output), text_of(errors))


@contextmanager
def written() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    """Keep what is written to standard output and standard error."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(output), redirect_stderr(errors):
        yield output, errors


def text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
