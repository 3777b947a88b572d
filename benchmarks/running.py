"""A host that is measured from outside: started as a user starts it, asked over its socket, ended by a signal."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.measure import SCRIPT, environment, private


class RunningApp:
    """One `fairlead run`, with its output read line by line."""

    def __init__(self, file: Path, folder: Path) -> None:
        self.file = file
        self.env = environment({**private(folder), "NO_COLOR": "1"})
        self.begin = time.perf_counter()
        self.process = subprocess.Popen(
            [SCRIPT, "run", "--detach", "--json", "--apphost", str(file)], stdout=subprocess.PIPE, env=self.env
        )
        answer, _ = self.process.communicate(timeout=60)
        self.facts = json.loads(answer)
        self.answered = time.perf_counter() - self.begin
        self.host = psutil.Process(self.facts["pid"])

    def resources(self) -> list[dict[str, object]]:
        """What `fairlead resources` says."""
        done = self._call("resources", "--json")
        return list(json.loads(done)["resources"])

    def until(self, state: str = "Running", *, within: float = 60) -> float:
        """Seconds from the start of the command until every resource is in a state, and healthy if it runs."""
        done = subprocess.Popen(
            [SCRIPT, "resources", "--json", "-f", "--apphost", str(self.file)], stdout=subprocess.PIPE, env=self.env
        )
        assert done.stdout is not None
        wanted = {str(resource["name"]) for resource in self.resources()}
        good: set[str] = set()
        try:
            for line in done.stdout:
                seen = json.loads(line)
                ok = seen["state"] in (state, "Active") and (state != "Running" or seen["health"] in (None, "Healthy"))
                (good.add if ok else good.discard)(seen["name"])
                if good >= wanted or time.perf_counter() - self.begin > within:
                    break
        finally:
            done.kill()
            done.wait()
        if not good >= wanted:
            raise SystemExit(f"not {state} in {within} s: {wanted - good}")
        return time.perf_counter() - self.begin

    def interrupt(self) -> float:
        """Seconds from Ctrl+C until the host has ended."""
        begin = time.perf_counter()
        self.host.send_signal(signal.SIGINT)
        while _is_alive(self.host):
            time.sleep(0.005)
        return time.perf_counter() - begin

    def _call(self, *arguments: str) -> bytes:
        return subprocess.run(
            [SCRIPT, *arguments, "--apphost", str(self.file)], env=self.env, check=True, capture_output=True
        ).stdout


def until_healthy(file: Path, folder: Path, count: int) -> float:
    """Seconds from the start of `fairlead run` until it says that so many resources are healthy; it is then ended."""
    env = environment({**private(folder), "NO_COLOR": "1"})
    begin = time.perf_counter()
    host = subprocess.Popen(
        [SCRIPT, "run", "--json", "--apphost", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
    )
    assert host.stdout is not None
    healthy: set[str] = set()
    try:
        for line in host.stdout:
            seen = json.loads(line)
            if seen.get("health") == "Healthy":
                healthy.add(str(seen["name"]))
            if len(healthy) == count:
                return time.perf_counter() - begin
    finally:
        host.send_signal(signal.SIGINT)
        host.communicate(timeout=60)
    raise SystemExit(f"the run ended with {host.returncode} before all were healthy")


def _is_alive(process: psutil.Process) -> bool:
    """Whether it has not ended; one that only waits for the system's first process to collect it has."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def running(file: Path, folder: Path) -> Iterator[RunningApp]:
    """A running app that is ended in any case."""
    app = RunningApp(file, folder)
    try:
        yield app
    finally:
        if app.host.is_running():
            app.interrupt()


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that goes away again; its path is short, since sockets live in it."""
    with tempfile.TemporaryDirectory(prefix="fl-") as name:
        yield Path(name)
