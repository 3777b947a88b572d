"""How long processes take to start and to end, against starting the same ones from a few lines of Python."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.apps import services, sleepers
from benchmarks.measure import Figure
from benchmarks.running import running, scratch, until_healthy

BARE_SERVICES = """
import os, socket, subprocess, sys, time
ports = []
for _ in range(int(sys.argv[1])):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        ports.append(probe.getsockname()[1])
def start(port):
    env = {**os.environ, "PORT": str(port)}
    return subprocess.Popen([sys.executable, "service.py"], env=env, stderr=subprocess.DEVNULL)
children = [start(port) for port in ports]
for port in ports:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.01)
for child in children:
    child.terminate()
for child in children:
    child.wait()
"""
BARE_SLEEPERS = """
import subprocess, sys
children = [subprocess.Popen(["sleep", "600"], start_new_session=True) for _ in range(int(sys.argv[1]))]
for child in children:
    child.terminate()
for child in children:
    child.wait()
"""
RUNS = 3


def measure() -> list[Figure]:
    """Two services, and fifty processes."""
    return [
        _foreground(),
        *_measure("two services", lambda folder: services(folder, 2), BARE_SERVICES, 2, ""),
        *_measure("fifty processes", lambda folder: sleepers(folder, 50), BARE_SLEEPERS, 50, ""),
    ]


def _foreground() -> Figure:
    """Two services, from the start of `fairlead run` until its output says that both are healthy."""
    ours, baseline = [], []
    for _ in range(1 + 2 * RUNS):
        with scratch() as folder:
            ours.append(until_healthy(services(folder, 2), folder, 2))
            baseline.append(_bare(BARE_SERVICES, 2, folder))
    reference = statistics.median(baseline[1:])
    return _figure("`run` of two services, both healthy", ours[1:], "the same from bare Python", reference, "< 0.35 s")


def _bare(program: str, count: int, folder: Path) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", program, str(count)], cwd=folder, check=True)
    return time.perf_counter() - begin


def _measure(what: str, write: object, bare: str, count: int, target: str) -> list[Figure]:
    answered, started, ended, baseline = [], [], [], []
    for _ in range(RUNS):
        with scratch() as folder:
            assert callable(write)
            file: Path = write(folder)
            with running(file, folder) as app:
                answered.append(app.answered)
                started.append(app.until("Running"))
                ended.append(app.interrupt())
            baseline.append(_bare(bare, count, folder))
    reference = statistics.median(baseline)
    return [
        _figure(f"`run --detach` of {what} answers", answered, target="< 1 s"),
        _figure(
            f"start of {what} by `run --detach`, all Running and healthy",
            started,
            "the same from bare Python",
            reference,
            target,
        ),
        _figure(f"Ctrl+C of {what}, all gone", ended, target="< 0.2 s"),
    ]


def _figure(
    what: str, values: list[float], baseline: str = "", reference: float | None = None, target: str = ""
) -> Figure:
    return Figure(what, statistics.median(values), "s", (min(values), max(values)), baseline, reference, target)
