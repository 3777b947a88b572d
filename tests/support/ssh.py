"""An `ssh` command that leads to an engine of this machine, for tests of what goes over SSH."""

from __future__ import annotations

import sys
from pathlib import Path

# Passes standard input and output on to a Unix socket, and each end of a direction as one.
_RELAY = """#!{python}
import os, socket, sys, threading
with open({log!r}, "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
engine = socket.socket(socket.AF_UNIX)
try:
    engine.connect({target!r})
except OSError as error:
    sys.exit(f"ssh: connect to host far port 22: {{error.strerror}}")
def requests():
    while data := os.read(0, 65536):
        engine.sendall(data)
    engine.shutdown(socket.SHUT_WR)
threading.Thread(target=requests, daemon=True).start()
while data := engine.recv(65536):
    while data:
        data = data[os.write(1, data):]
"""


def fake_ssh(folder: Path, target: str) -> Path:
    """Put an `ssh` into a folder.

    Returns:
        The file into which it writes the arguments of each of its calls, a line for each.
    """
    log = folder / "ssh-calls"
    log.touch()
    command = folder / "ssh"
    command.write_text(_RELAY.format(python=sys.executable, log=str(log), target=target))
    command.chmod(0o755)
    return log
