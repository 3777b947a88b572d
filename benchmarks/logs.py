"""How fast lines get from a process through the host to a reader, and what a reader costs that does not read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.apps import write_app
from benchmarks.measure import SCRIPT, Figure
from benchmarks.running import RunningApp, running, scratch

LINES = 1_000_000
WRITER = f"""
import sys
line = "x" * 99 + "\\n"
for _ in range({LINES} // 1000):
    sys.stdout.write(line * 1000)
sys.stdout.write("the last line\\n")
"""
BARE = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "writer.py"], stdout=subprocess.PIPE)
count = 0
while chunk := child.stdout.read(65536):
    count += chunk.count(b"\\n")
assert count > 1000000, count
"""


def measure() -> list[Figure]:
    """A million lines of 100 bytes, without a reader, with one, and with one that has stopped reading."""
    with scratch() as folder:
        (folder / "writer.py").write_text(WRITER, encoding="utf-8")
        file = write_app(folder, 'app.add_python_app("writer", ".", script="writer.py").with_explicit_start()')
        with running(file, folder) as app:
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", BARE], cwd=folder, check=True)
            bare = LINES / (time.perf_counter() - begin)
            alone = _write_all(app)
            follower = _follow(app, file, read=True)
            read = _write_all(app)
            follower.kill()
            follower.wait()
            memory = app.host.memory_info().rss / 2**20
            stopped = _follow(app, file, read=False)
            slow = _write_all(app)
            grown = app.host.memory_info().rss / 2**20 - memory
            stopped.kill()
            stopped.wait()
    name = "bare Python reading the pipe"
    return [
        Figure("log lines per second, nobody reads", alone, "lines/s", None, name, bare),
        Figure("log lines per second, one follower", read, "lines/s", None, name, bare),
        Figure("log lines per second, a follower that does not read", slow, "lines/s", None, name, bare),
        Figure("memory that this follower costs the host", grown, "MiB"),
    ]


def _write_all(app: RunningApp) -> float:
    """Lines per second from the start of the writer until the host has seen its end."""
    begin = time.perf_counter()
    app._call("restart", "writer")
    app._call("wait", "writer", "--for", "completed", "--timeout", "120")
    return LINES / (time.perf_counter() - begin)


def _follow(app: RunningApp, file: Path, *, read: bool) -> subprocess.Popen[bytes]:
    command = [SCRIPT, "logs", "writer", "-f", "--json", "--apphost", str(file)]
    sink = subprocess.DEVNULL if read else subprocess.PIPE  # a pipe that nobody empties is a reader that has stopped
    follower = subprocess.Popen(command, stdout=sink, env=app.env)
    assert json.loads(app._call("resources", "--json"))
    return follower
