"""The command line as a person or a script has it: real processes, in pipes and in terminals."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import textwrap
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil
from tests.processes.marked import processes_with
from tests.support.waiting import PATIENCE

from fairlead.engines.watchdog.watchdog import WATCHDOG_MARK

T = TypeVar("T")

COMMAND = str(Path(sys.executable).with_name("fairlead"))
MARK = "CLI_TEST_MARK"
# Makes the terminal on standard input that of its session, so that Ctrl+C typed there is a signal.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


def eventually(state: Callable[[], T], what: str, within: float = PATIENCE) -> T:
    """Look until a state is there; what `state` returned. Half of the time is left to what is waited for."""
    deadline = time.monotonic() + within
    began = time.monotonic()
    while not (seen := state()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {what} (seen last: {seen!r})"
        time.sleep(max(0.02, time.monotonic() - began))
        began = time.monotonic()
    return seen


@dataclass(frozen=True)
class Workplace:
    """A folder with an app file, and an environment in which nothing of the user's is touched."""

    folder: Path
    environment: dict[str, str]
    mark: str
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    terminals: list[Terminal] = field(default_factory=list)

    def write(self, definition: str, name: str = "apphost.py") -> Path:
        """Write an app file around the lines of a definition, which may be indented."""
        (self.folder / name).write_text(app_file(definition))
        return self.folder / name

    def call(self, *arguments: str, input: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Call the command and wait for its end."""
        return subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
        )

    def fairlead(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Call the command, expect an exit code, and return its output."""
        ended = self.call(*arguments, **environment)
        assert ended.returncode == code, f"{arguments} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def json(self, *arguments: str) -> Any:
        """What a verb prints with --json."""
        return json.loads(self.fairlead(*arguments, "--json"))

    def resource(self, name: str) -> dict[str, Any]:
        """A resource as the running app shows it."""
        found: dict[str, Any] = self.json("describe", name)
        return found

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start the command with its output in a pipe (standard error in the same)."""
        process = subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.started.append(process)
        return process

    def terminal(self, *arguments: str, **environment: str) -> Terminal:
        """Start the command in a terminal of its own."""
        return self.terminal_in(self.folder, *arguments, **environment)

    def terminal_in(self, folder: Path, *arguments: str, **environment: str) -> Terminal:
        """The same, in another folder."""
        terminal = Terminal([COMMAND, *arguments], folder, self.environment | environment)
        self.terminals.append(terminal)
        return terminal

    def processes(self) -> list[str]:
        """The command lines of all processes that come from here."""
        found = []
        for process in processes_with(**{MARK: self.mark}):
            with suppress(psutil.Error):  # it has ended meanwhile
                found.append(" ".join(process.cmdline()))
        return found

    def nothing_is_left(self, within: float = PATIENCE) -> None:
        """Nothing that comes from here runs any more."""
        deadline = time.monotonic() + within
        while left := self.processes():
            assert time.monotonic() < deadline, f"not within {within:g} s: all have ended: {left}"
            time.sleep(0.02)


def app_file(body: str) -> str:
    """An app file around the lines of a definition."""
    body = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return (
        "import sys\nfrom fairlead import AppBuilder, apphost, ref\n\n\n"
        f"@apphost\ndef shop(app: AppBuilder) -> None:\n{body}\n\n\n"
        'if __name__ == "__main__":\n    shop.main()\n'
    )


@contextmanager
def workplace(folder: Path) -> Iterator[Workplace]:
    """A workplace; at the end its apps are stopped, and nothing of them may be left."""
    mark = uuid.uuid4().hex
    dropped = ("FAIRLEAD_", "CI", "NO_COLOR", "FORCE_COLOR", "XDG_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    with tempfile.TemporaryDirectory(prefix="fl-") as runtime:  # short, as a socket's path has to be
        own = {
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_RUNTIME_DIR": runtime,
            "TERM": "xterm-256color",
            MARK: mark,
        }
        made = Workplace(folder, inherited | own, mark)
        try:
            yield made
            made.call("stop", "--all")
            made.nothing_is_left()
        finally:
            for left in processes_with(**{MARK: mark}):
                with suppress(psutil.Error):  # it has ended meanwhile
                    if WATCHDOG_MARK not in left.environ():  # that one sees to the containers, and ends
                        left.kill()
            for process in made.started:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()
            for terminal in made.terminals:
                terminal.close()


class Terminal:
    """A program in a terminal of its own, and the person in front of it."""

    def __init__(
        self, command: list[str], cwd: Path, environment: dict[str, str], columns: int = 100, rows: int = 30
    ) -> None:
        self._master, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *command],
            cwd=cwd,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._text = bytearray()
        self._looking = threading.Event()
        self._looking.set()
        self._closing = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        """Everything that was written so far, with the control sequences."""
        return self._text.decode("utf-8", "replace")

    def expect(self, text: str, within: float = PATIENCE) -> None:
        """Wait until a text was written."""
        deadline = time.monotonic() + within
        while text not in self.text:
            assert time.monotonic() < deadline, f"not within {within:g} s: {text!r} in\n{self.text}"
            time.sleep(0.02)

    def type(self, text: str) -> None:
        """Type something; ``\\x03`` is Ctrl+C."""
        os.write(self._master, text.encode())

    def look_away(self) -> None:
        """Take no more output, as after Ctrl+S."""
        self._looking.clear()

    def look(self) -> None:
        """Take output again."""
        self._looking.set()

    def ended(self, within: float = PATIENCE) -> int:
        """Wait for the end of the program, and for all that it wrote; its exit code."""
        code = self.process.wait(within)
        self._thread.join(within)
        return code

    def hang_up(self) -> None:
        """Close the window; does nothing where it is closed."""
        if not self._closing:
            self._closing = True
            self._looking.set()
            self._thread.join()  # it would read from whatever gets this number next
            os.close(self._master)

    def close(self) -> None:
        """End the program, and close the window."""
        self.process.kill()
        self.process.wait()
        self.hang_up()

    def _read(self) -> None:
        while not self._closing:
            self._looking.wait()
            has_ended = self.process.poll() is not None  # to be asked first: what it wrote last is there by then
            ready, _, _ = select.select([self._master], [], [], 0.05)
            if not ready and has_ended:
                return
            if not ready or not self._looking.is_set():
                continue
            try:
                self._text += os.read(self._master, 65536)
            except OSError:  # the program has closed its end
                return


def interrupt(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
    """Signal a program, and wait for its end: its exit code and what it wrote."""
    process.send_signal(number)
    return finish(process)


def finish(process: subprocess.Popen[bytes], within: float = PATIENCE) -> tuple[int, str]:
    """Wait for the end of a program: its exit code and what it wrote."""
    output, _ = process.communicate(timeout=within)
    return process.returncode, output.decode("utf-8", "replace")
