"""A container engine, spoken to with the standard library alone, for the watchdog.

Every method raises ``OSError`` when the engine gives no answer that can be used: it can't be reached, is silent for too
long, fails (5xx), or answers nonsense. A ``ConnectionRefusedError`` means that there is none. The caller asks again.
"""

# pathlib and contextlib would add a megabyte to a process that is small otherwise.
# ruff: noqa: PTH110, PTH118
from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.parse
from typing import Any

ANSWER_TIMES = (4.0, 4.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds the engine has for an answer, by how often in a row it was too slow. An answer can be lost on the way while
the engine is quick, so a request is soon made again; but an engine that needs a minute must be given one."""
EXEC_TIME = 30.0
"""Seconds a command in a container may take."""
EXEC_PAUSE = 0.2
"""Seconds between two looks whether it has ended."""
NOT_RUNNING = 125
"""Exit code of a command whose container does not run: that of the ``docker`` command for what it can't do."""


class ApiEngine:
    """An engine behind a Unix socket or a TCP port.

    Args:
        address: Where it is, in the form of DOCKER_HOST.
        certificates: Folder with the certificates for it; empty where it takes none.
        verifies: Whether its own certificate is checked.
    """

    def __init__(self, address: str, certificates: str = "", verifies: bool = True) -> None:
        self.scheme, _, self.location = address.partition("://")
        self.certificates = certificates
        self.verifies = verifies
        self.slowness = 0
        """Index into ``ANSWER_TIMES``."""

    def list_objects(self, kind: str, labels: list[str]) -> list[tuple[str, str]]:
        """Ids and names of the containers, networks or volumes (``kind``) with all these labels, in any state."""
        path = "/containers/json?all=1&" if kind == "container" else f"/{kind}s?"
        # By one label only: Podman finds volumes that have any of them. So the answer is looked through as well.
        status, content = self.request(
            "GET", path + urllib.parse.urlencode({"filters": json.dumps({"label": labels[:1]})})
        )
        if status != 200:
            raise OSError(f"status {status}")
        wanted = {tuple(label.split("=", 1)) for label in labels}
        try:
            rows = json.loads(content)
            rows = (rows.get("Volumes") if isinstance(rows, dict) else rows) or []
            return [identity(kind, row) for row in rows if wanted <= set((row.get("Labels") or {}).items())]
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise OSError(f"nonsense: {error}") from error

    def remove(self, kind: str, object_id: str) -> None:
        """Remove a container with its anonymous volumes, ending it first; a network, whatever is on it; a volume."""
        path = f"/{kind}s/{object_id}"
        if kind == "network":
            self.disconnect_all(path)
        status, _ = self.request("DELETE", path + ("?force=1&v=1" if kind == "container" else ""))
        if status >= 400 and status != 404:
            raise OSError(f"status {status}")

    def disconnect_all(self, network_path: str) -> None:
        """Cut off what is on a network."""
        status, content = self.request("GET", network_path)
        try:
            containers = list(json.loads(content).get("Containers") or {}) if status == 200 else []
        except (ValueError, AttributeError) as error:
            raise OSError(f"nonsense: {error}") from error
        for container in containers:
            self.request("POST", f"{network_path}/disconnect", {"Container": container, "Force": True})

    def run_inside(self, container: str, argv: list[str]) -> int | None:
        """Run a command in a container to its end.

        Returns:
            Its exit code; ``NOT_RUNNING`` if the container does not run, None if there is no such container.
        """
        status, content = self.request("POST", f"/containers/{container}/exec", {"Cmd": argv, "AttachStdout": True})
        if status == 404 or b"no such container" in content.lower():
            return None
        if status == 409 or b"not running" in content or b"running containers" in content:  # Podman: 500
            return NOT_RUNNING
        command = f"/exec/{self.field(status, content, 'Id')}"
        deadline = time.monotonic() + EXEC_TIME
        # Attached, as Podman never notes the end of a detached one. The answer ends with the command.
        status, _ = self.request("POST", f"{command}/start", {"Detach": False, "Tty": False}, EXEC_TIME)
        if status >= 400:
            raise OSError(f"status {status}")
        while time.monotonic() < deadline:
            status, content = self.request("GET", f"{command}/json")
            code = self.field(status, content, "ExitCode")
            if not self.field(status, content, "Running") and isinstance(code, int):
                return code
            time.sleep(EXEC_PAUSE)
        raise TimeoutError(f"not within {EXEC_TIME:.0f} s")

    def field(self, status: int, content: bytes, name: str) -> Any:
        """A field of an answer."""
        if status >= 400:
            raise OSError(f"status {status}")
        try:
            return json.loads(content)[name]
        except (ValueError, LookupError, TypeError) as error:
            raise OSError(f"nonsense: {error}") from error

    def request(self, method: str, path: str, body: object = None, at_least: float = 0.0) -> tuple[int, bytes]:
        """Make a request on a connection of its own; the answer's status and content.

        Args:
            method: The HTTP method.
            path: The path.
            body: What is sent as JSON.
            at_least: Seconds that the engine has for it, also if others have to be answered sooner.
        """
        begin = time.monotonic()
        slowness = self.slowness
        connection = self.connection(max(ANSWER_TIMES[slowness], at_least))
        try:
            self.connect(connection)
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            answer = connection.getresponse()
            content = answer.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        except TimeoutError:
            if not at_least:
                self.slowness = min(slowness + 1, len(ANSWER_TIMES) - 1)
            raise
        finally:
            connection.close()
        if not at_least:
            took = time.monotonic() - begin
            self.slowness = [took <= limit for limit in (*ANSWER_TIMES[:-1], float("inf"))].index(True)
        return answer.status, content

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        """A connection to make a request on."""
        if self.scheme == "https" or self.certificates:
            return http.client.HTTPSConnection(self.location.rstrip("/"), timeout=timeout, context=self.tls())
        if self.scheme != "unix":
            return http.client.HTTPConnection(self.location.rstrip("/"), timeout=timeout)
        return UnixConnection(self.location, timeout)

    def connect(self, connection: http.client.HTTPConnection) -> None:
        """Connect to the engine."""
        try:
            connection.connect()
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectionRefusedError(str(error)) from error

    def tls(self) -> ssl.SSLContext:
        """How to speak TLS with it, as the host does."""
        authority, own = (os.path.join(self.certificates, name) for name in ("ca.pem", "cert.pem"))
        has_folder = bool(self.certificates)
        context = ssl.create_default_context(cafile=authority if has_folder and os.path.exists(authority) else None)
        if not self.verifies:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if has_folder and os.path.exists(own):
            context.load_cert_chain(own, os.path.join(self.certificates, "key.pem"))
        return context


class UnixConnection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("engine", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def identity(kind: str, row: dict[str, Any]) -> tuple[str, str]:
    """The id and the name in a row of a listing."""
    if kind == "container":
        names = [str(name).removeprefix("/") for name in row["Names"]]  # "/shop-api", and "/other/alias" for a link
        return str(row["Id"]), next((name for name in names if "/" not in name), "")
    return str(row["Name" if kind == "volume" else "Id"]), str(row["Name"])


LISTINGS = {
    "container": ("ps", "--all", "--no-trunc", "--format={{.ID}} {{.Names}}"),
    "network": ("network", "ls", "--no-trunc", "--format={{.ID}} {{.Name}}"),
    "volume": ("volume", "ls", "--format={{.Name}} {{.Name}}"),
}
REMOVALS = {"container": ("rm", "--force", "--volumes"), "network": ("network", "rm"), "volume": ("volume", "rm")}


class CommandEngine:
    """An engine that only the ``docker`` command knows how to reach: by SSH."""

    def __init__(self, address: str) -> None:
        self.environment = {name: value for name, value in os.environ.items() if name != "DOCKER_CONTEXT"}
        self.environment["DOCKER_HOST"] = address

    def list_objects(self, kind: str, labels: list[str]) -> list[tuple[str, str]]:
        """Ids and names of the containers, networks or volumes (``kind``) with all these labels, in any state."""
        done = self.run(*LISTINGS[kind], *(f"--filter=label={label}" for label in labels))
        words = [(*line.split(), "", "")[:2] for line in self.checked(done).splitlines()]
        return [(object_id, name) for object_id, name in words if object_id]

    def remove(self, kind: str, object_id: str) -> None:
        """Remove a container with its anonymous volumes, ending it first; a network; a volume."""
        self.checked(self.run(*REMOVALS[kind], object_id))

    def run_inside(self, container: str, argv: list[str]) -> int | None:
        """Run a command in a container to its end, as :meth:`ApiEngine.run_inside`."""
        done = self.run("exec", container, *argv, timeout=EXEC_TIME)
        self.check_connection(done)
        if "no such container" in done.stderr.lower():
            return None
        if "is not running" in done.stderr:
            return NOT_RUNNING
        if done.returncode and done.stderr.startswith("Error"):
            raise OSError(done.stderr)
        return done.returncode

    def checked(self, done: subprocess.CompletedProcess[str]) -> str:
        """The output of a command that has to have ended well."""
        self.check_connection(done)
        if done.returncode:
            raise OSError(done.stderr)
        return done.stdout

    def check_connection(self, done: subprocess.CompletedProcess[str]) -> None:
        """See to it that a command has reached the engine."""
        words = done.stderr.lower()
        if done.returncode and ("cannot connect" in words or "error during connect" in words):
            raise ConnectionRefusedError(done.stderr)

    def run(self, *arguments: str, timeout: float = 15.0) -> subprocess.CompletedProcess[str]:
        """Run the command."""
        try:
            return subprocess.run(
                ["docker", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=timeout,
                check=False,
                text=True,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(str(error)) from error
        except FileNotFoundError as error:
            raise ConnectionRefusedError(str(error)) from error


def engine_at(line: str) -> ApiEngine | CommandEngine:
    """The engine that a line of the host names: its address, certificates and whether its own is checked."""
    address, certificates, unverified = (line + "\t\t").split("\t")[:3]
    if address.startswith("ssh://"):
        return CommandEngine(address)
    return ApiEngine(address, certificates, not unverified)
