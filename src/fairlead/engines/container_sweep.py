"""Removes what a run left in container engines, when its host is gone.

Loaded by the watchdog at the end of the run, and like it on the standard library alone. A create may have been under
way when the host died, and the engine may be slow: so it looks again until nothing has turned up for a while.

Only objects that carry the run's mark and a session's lifetime are touched; persistent ones stay.
"""

# pathlib and contextlib would add a megabyte to a process that is small otherwise.
# ruff: noqa: SIM105
from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

RUN_LABEL = "dev.fairlead.run"
SESSION_LABEL = "dev.fairlead.lifetime=session"

PAUSE = 0.3
"""Seconds between two rounds."""
QUIET_TIME = 5.0
"""Seconds for which nothing may have turned up; three times what the engine takes for an answer if that is more."""
LIMIT = 30.0
"""Seconds after which what is left is left; the next run of the app sweeps it."""
AT_ONCE = 8
"""Containers that are removed at the same time."""


class ApiEngine:
    """An engine behind a Unix socket or a plain TCP port."""

    def __init__(self, address: str) -> None:
        self.address = address

    def containers(self, labels: list[str]) -> list[str]:
        """Ids of the containers with these labels, in any state."""
        return [row["Id"] for row in self.get("/containers/json?all=1&", labels)]

    def networks(self, labels: list[str]) -> list[str]:
        """Ids of the networks with these labels."""
        return [row["Id"] for row in self.get("/networks?", labels)]

    def volumes(self, labels: list[str]) -> list[str]:
        """Names of the volumes with these labels."""
        return [row["Name"] for row in self.get("/volumes?", labels)]

    def remove_volume(self, name: str) -> None:
        """Remove a volume that nobody uses."""
        self.request("DELETE", f"/volumes/{name}")

    def remove_container(self, name: str) -> None:
        """End and remove a container, with its anonymous volumes."""
        self.request("DELETE", f"/containers/{name}?force=1&v=1")

    def remove_network(self, name: str) -> None:
        """Remove a network, and before that cut off what is still on it."""
        status, content = self.request("GET", f"/networks/{name}")
        for container in (json.loads(content).get("Containers") or {}) if status == 200 else ():
            self.request("POST", f"/networks/{name}/disconnect", {"Container": container, "Force": True})
        self.request("DELETE", f"/networks/{name}")

    def get(self, path: str, labels: list[str]) -> list[dict[str, Any]]:
        """List objects with these labels."""
        filters = urllib.parse.urlencode({"filters": json.dumps({"label": labels})})
        status, content = self.request("GET", path + filters)
        if status != 200:
            raise OSError(f"status {status}")
        found = json.loads(content)
        rows = (found.get("Volumes") if isinstance(found, dict) else found) or []
        # Podman finds volumes that have any of the labels
        wanted = {tuple(label.split("=", 1)) for label in labels}
        return [row for row in rows if wanted <= set((row.get("Labels") or {}).items())]

    def request(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Ask the engine, on a connection of its own."""
        connection = self.connection()
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def connection(self) -> http.client.HTTPConnection:
        """A connection to make a request on."""
        scheme, _, place = self.address.partition("://")
        if scheme != "unix":
            return http.client.HTTPConnection(place.rstrip("/"), timeout=LIMIT)
        connection = http.client.HTTPConnection("engine", timeout=LIMIT)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(LIMIT)
        try:
            connection.sock.connect(place)
        except OSError:
            connection.close()
            raise
        return connection


class CommandEngine:
    """An engine that only the ``docker`` command knows how to reach: by SSH or TLS."""

    def __init__(self, address: str, certificates: str) -> None:
        self.environment = {name: value for name, value in os.environ.items() if name != "DOCKER_CONTEXT"}
        self.environment["DOCKER_HOST"] = address
        if certificates:
            self.environment["DOCKER_CERT_PATH"] = certificates
            self.environment["DOCKER_TLS_VERIFY"] = "1"

    def containers(self, labels: list[str]) -> list[str]:
        """Ids of the containers with these labels, in any state."""
        return self.run("ps", "--all", "--quiet", "--no-trunc", *(f"--filter=label={label}" for label in labels))

    def networks(self, labels: list[str]) -> list[str]:
        """Ids of the networks with these labels."""
        return self.run("network", "ls", "--quiet", *(f"--filter=label={label}" for label in labels))

    def volumes(self, labels: list[str]) -> list[str]:
        """Names of the volumes with these labels."""
        return self.run("volume", "ls", "--quiet", *(f"--filter=label={label}" for label in labels))

    def remove_volume(self, name: str) -> None:
        """Remove a volume that nobody uses."""
        self.run("volume", "rm", name)

    def remove_container(self, name: str) -> None:
        """End and remove a container, with its anonymous volumes."""
        self.run("rm", "--force", "--volumes", name)

    def remove_network(self, name: str) -> None:
        """Remove a network."""
        self.run("network", "rm", name)

    def run(self, *arguments: str) -> list[str]:
        """Run the command and return the words of its output."""
        try:
            done = subprocess.run(
                ["docker", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=LIMIT,
                check=True,
                text=True,
            )
        except subprocess.SubprocessError as error:
            raise OSError(str(error)) from error
        return done.stdout.split()


Engine = ApiEngine | CommandEngine


def engine_at(line: str) -> Engine:
    """The engine that a line of the host names: an address, and behind a tab the folder of its certificates."""
    address, _, certificates = line.partition("\t")
    if address.startswith("unix://") or (address.startswith(("tcp://", "http://")) and not certificates):
        return ApiEngine(address)
    return CommandEngine(address, certificates)


def sweep(engine: Engine, run_id: str, announced: bool) -> None:
    """Remove the session objects of a run.

    Args:
        engine: Where to look.
        run_id: The run.
        announced: The host ended on purpose: one look that finds nothing, or no engine, is enough.
    """
    labels = [f"{RUN_LABEL}={run_id}", SESSION_LABEL]
    deadline = time.monotonic() + LIMIT
    quiet_since = time.monotonic()
    slowest = 0.0
    while (begin := time.monotonic()) < deadline:
        try:
            found = sweep_once(engine, labels)
        except OSError:  # it does not answer, or no longer
            if announced:
                return
            found = True
        slowest = max(slowest, time.monotonic() - begin if not found else 0.0)
        if found:
            quiet_since = time.monotonic()
        elif announced or time.monotonic() - quiet_since >= max(QUIET_TIME, 3 * slowest):
            return
        time.sleep(PAUSE)


def sweep_once(engine: Engine, labels: list[str]) -> bool:
    """Remove what is there now; tell whether there was something."""
    containers = engine.containers(labels)
    each(engine.remove_container, containers)
    networks = engine.networks(labels)
    each(engine.remove_network, networks)
    # Only tests have some that end with the run. By one label, as Podman takes several for alternatives.
    volumes = engine.volumes(labels[:1])
    each(engine.remove_volume, volumes)
    return bool(containers or networks or volumes)


def each(remove: Callable[[str], None], names: list[str]) -> None:
    """Remove several things, a few at a time; what can't be removed turns up again in the next round."""
    todo = list(names)

    def work() -> None:
        while True:
            try:
                name = todo.pop()
            except IndexError:
                return
            try:
                remove(name)
            except OSError:
                pass

    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(todo)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
