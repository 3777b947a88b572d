"""Removes what a run left in container engines, when its host is gone.

Loaded by the watchdog at the end of the run, and like it on the standard library alone. Something may have been in
the making when the host died, and the engine may be slow: so it looks again until nothing has turned up for a while,
and what the host had asked for last has.

Only objects that carry the run's mark and a session's lifetime are touched; persistent ones stay.
"""

# pathlib and contextlib would add a megabyte to a process that is small otherwise.
# ruff: noqa: PTH110, PTH118, SIM105
from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
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
ANSWER_TIME = 15.0
"""Seconds in which the engine has to answer, or is asked anew."""
AT_ONCE = 8
"""Containers that are removed at the same time."""


class ApiEngine:
    """An engine behind a Unix socket or a TCP port.

    Args:
        address: Where it is, in the form of DOCKER_HOST.
        certificates: Folder with the certificates for it; empty where it takes none.
        verifies: Whether its own certificate is checked.
    """

    def __init__(self, address: str, certificates: str = "", verifies: bool = True) -> None:
        self.scheme, _, self.place = address.partition("://")
        self.certificates = certificates
        self.verifies = verifies

    def has(self, kind: str, name: str) -> bool:
        """Whether there is a container, network or volume of a name."""
        status, _ = self.request("GET", f"/{kind}s/{name}{'/json' if kind == 'container' else ''}")
        return status == 200

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
        if self.scheme == "https" or self.certificates:
            return http.client.HTTPSConnection(self.place.rstrip("/"), timeout=ANSWER_TIME, context=self.tls())
        if self.scheme != "unix":
            return http.client.HTTPConnection(self.place.rstrip("/"), timeout=ANSWER_TIME)
        connection = http.client.HTTPConnection("engine", timeout=ANSWER_TIME)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(ANSWER_TIME)
        try:
            connection.sock.connect(self.place)
        except OSError:
            connection.close()
            raise
        return connection

    def tls(self) -> ssl.SSLContext:
        """How to speak TLS with it, as the host does."""
        authority, own = (os.path.join(self.certificates, name) for name in ("ca.pem", "cert.pem"))
        given = bool(self.certificates)
        context = ssl.create_default_context(cafile=authority if given and os.path.exists(authority) else None)
        if not self.verifies:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if given and os.path.exists(own):
            context.load_cert_chain(own, os.path.join(self.certificates, "key.pem"))
        return context


class CommandEngine:
    """An engine that only the ``docker`` command knows how to reach: by SSH."""

    def __init__(self, address: str) -> None:
        self.environment = {name: value for name, value in os.environ.items() if name != "DOCKER_CONTEXT"}
        self.environment["DOCKER_HOST"] = address

    def has(self, kind: str, name: str) -> bool:
        """Whether there is a container, network or volume of a name."""
        try:
            return bool(self.run("inspect", f"--type={kind}", name))
        except OSError:  # an engine that does not answer fails the next question as well
            return False

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
                timeout=ANSWER_TIME,
                check=True,
                text=True,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(str(error)) from error
        except subprocess.SubprocessError as error:
            raise OSError(str(error)) from error
        return done.stdout.split()


Engine = ApiEngine | CommandEngine


def engine_at(line: str) -> Engine:
    """The engine that a line of the host names: its address, certificates and whether its own is checked."""
    address, certificates, unverified = (line + "\t\t").split("\t")[:3]
    if address.startswith("ssh://"):
        return CommandEngine(address)
    return ApiEngine(address, certificates, not unverified)


def sweep(engine: Engine, run_id: str, making: list[str], announced: bool) -> None:
    """Remove the session objects of a run.

    Args:
        engine: Where to look.
        run_id: The run.
        making: What the host had asked for and not seen, as kind and name; it is waited for.
        announced: The host ended on purpose: one look that finds nothing, or no engine, is enough.
    """
    awaited = [(kind, name) for kind, _, name in (one.partition(" ") for one in making)]
    labels = [f"{RUN_LABEL}={run_id}", SESSION_LABEL]
    deadline = time.monotonic() + LIMIT
    quiet_since = time.monotonic()
    slowest = 0.0
    while (begin := time.monotonic()) < deadline:
        try:
            awaited = [(kind, name) for kind, name in awaited if not engine.has(kind, name)]
            found = sweep_once(engine, labels)
        except OSError as error:  # it does not answer, or no longer
            if announced and not awaited and not isinstance(error, TimeoutError):
                return
            found = True
        slowest = max(slowest, time.monotonic() - begin if not found else 0.0)
        if found:
            quiet_since = time.monotonic()
        elif not awaited and (announced or time.monotonic() - quiet_since >= max(QUIET_TIME, 3 * slowest)):
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
