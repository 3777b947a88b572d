"""A service endpoint beside `kubectl port-forward` to the same pod: bytes both ways, and new connections."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import pod_server

from benchmarks.apps import write_app
from benchmarks.measure import Figure, compare
from benchmarks.running import RunningApp, running, scratch

RUNS = 5
CONNECTIONS = 200
OURS, PEERS = 1 << 30, 1 << 27
"""Bytes that are sent through a service endpoint, and through kubectl, so that both take about a second."""
PORTS = ("count", "send", "take")
PEER = "`kubectl port-forward`"
APP = f"""
k8s = app.add_k3s_cluster("k8s").load_image({pod_server.IMAGE!r}).with_disabled_component("traefik")
server = k8s.add_k8s_manifest("server", {pod_server.objects()!r})
for port in {PORTS}:
    k8s.add_service_endpoint(port, "server", port, scheme="tcp").wait_for_completion(server)
"""
# Prints bytes per second, seconds for a new connection with its first byte, or how many connections were right.
CLIENT = """
import socket, statistics, sys, threading, time
how, host, port, amount = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def connect():
    return socket.create_connection((host, port), timeout=60)

def receive():
    with connect() as connection:
        connection.sendall(b"%d\\n" % amount)
        left, buffer = amount, bytearray(1 << 20)
        while left and (read := connection.recv_into(buffer)):
            left -= read
        assert not left

def send():
    with connect() as connection:
        connection.sendall(b"%d\\n" % amount)
        left, chunk = amount, memoryview(bytes(1 << 20))
        while left:
            left -= connection.send(chunk[:left])
        assert connection.recv(10)

def half_close(size):
    with connect() as connection:
        connection.sendall(bytes(size))
        connection.shutdown(socket.SHUT_WR)
        assert int(connection.makefile().readline()) == size

def first_byte():
    begin = time.perf_counter()
    with connect() as connection:
        connection.sendall(b"1\\n")
        assert connection.recv(1)
    return time.perf_counter() - begin

def together():
    right, begin = [], threading.Barrier(amount)
    def one():
        begin.wait()
        try:
            half_close(100_000)
        except (OSError, ValueError, AssertionError):
            return
        right.append(1)
    threads = [threading.Thread(target=one) for _ in range(amount)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return len(right)

if how == "connect":
    print(statistics.median(first_byte() for _ in range(amount)))
elif how == "together":
    print(together())
else:
    begin = time.perf_counter()
    {"receive": receive, "send": send}[how]()
    print(amount / (time.perf_counter() - begin))
"""


@dataclass(frozen=True)
class Side:
    """A caller, and the two ways that it has to the server.

    Args:
        command: Runs the client, which is its standard input, with the arguments that follow.
        ours: Host and port of a service endpoint, by the port of the Service.
        peers: The same through kubectl.
    """

    command: tuple[str, ...]
    ours: Callable[[str], tuple[str, str]]
    peers: Callable[[str], tuple[str, str]]

    def measure(self, address: tuple[str, str], how: str, amount: int) -> float:
        """What the client prints."""
        command = [*self.command, how, *address, str(amount)]
        done = subprocess.run(command, input=CLIENT, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return float(done.stdout)


def measure() -> list[Figure]:
    """From this machine, and from a container of the app's network."""
    with scratch() as folder, running(write_app(folder, APP), folder) as app:
        for name in PORTS:
            app._call("wait", name, "--for", "healthy", "--timeout", "300")
        with _forwarded(app, folder) as (host, container):
            return [*_figures("from this machine", host, 4, 0.25), *_figures("from a container", container, 8, None)]


def _figures(where: str, side: Side, faster: int, sooner: float | None) -> Iterator[Figure]:
    for how, port, what in (("receive", "send", "out of"), ("send", "take", "into")):
        yield _compared(f"{where}: bytes {what} a pod", side, how, port, (OURS, PEERS), "GB/s", f"> {faster}", 1e-9)
    target = f"< {sooner}" if sooner is not None else ""
    yield _compared(f"{where}: a new connection", side, "connect", "send", (CONNECTIONS, 50), "ms", target, 1e3)
    what = f"{where}: right answers on 100 connections at once, each half-closed"
    yield _compared(what, side, "together", "count", (100, 100), "", "100", 1)


def _compared(
    what: str, side: Side, how: str, port: str, amounts: tuple[int, int], unit: str, target: str, scale: float
) -> Figure:
    return compare(
        what,
        lambda: side.measure(side.ours(port), how, amounts[0]) * scale,
        PEER,
        lambda: side.measure(side.peers(port), how, amounts[1]) * scale,
        unit=unit,
        runs=RUNS,
        target=target,
    )


@contextmanager
def _forwarded(app: RunningApp, folder: Path) -> Iterator[tuple[Side, Side]]:
    """kubectl forwards ports of this machine to the pod: of loopback, and of the network's gateway for containers."""
    resources = {str(each["id"]): each for each in app.resources()}
    properties = {name: dict(each["properties"]) for name, each in resources.items()}  # type: ignore[call-overload]
    node = properties["k8s"]["container"]
    network, gateway = _docker(
        "inspect",
        "--format",
        "{{range $name, $each := .NetworkSettings.Networks}}{{$name}} {{$each.Gateway}}{{end}}",
        node,
    ).split()
    forwards = {name: str(29000 + number) for number, name in enumerate(PORTS)}
    targets = {"count": pod_server.COUNT, "send": pod_server.SEND, "take": pod_server.TAKE}
    pairs = [f"{forwards[name]}:{targets[name]}" for name in PORTS]
    command = [_kubectl(folder), "--kubeconfig", properties["k8s"]["kubeconfig"], "port-forward"]
    command += ["deployment/server", "--address", f"127.0.0.1,{gateway}", *pairs]
    said = folder / "kubectl.log"
    with said.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        while said.read_text(encoding="utf-8").count("Forwarding from") < 2 * len(PORTS):  # at two addresses
            if process.poll() is not None:
                raise SystemExit(said.read_text(encoding="utf-8"))
            time.sleep(0.05)
        in_container = (
            "docker",
            "run",
            "--rm",
            "--interactive",
            "--network",
            network,
            pod_server.IMAGE,
            "python3",
            "-",
        )
        ports = {name: str(resources[name]["urls"][0]["url"]).rpartition(":")[2] for name in forwards}  # type: ignore[index]
        yield (
            Side(
                (sys.executable, "-"),
                lambda name: ("127.0.0.1", ports[name]),
                lambda name: ("127.0.0.1", forwards[name]),
            ),
            Side(
                in_container,
                lambda name: ("k8s", properties[name]["node_port"]),
                lambda name: (gateway, forwards[name]),
            ),
        )
    finally:
        process.terminate()
        process.wait()


def _kubectl(folder: Path) -> str:
    """The program out of its image."""
    container = _docker("create", "alpine/kubectl:1.36.0")
    try:
        _docker("cp", "--follow-link", f"{container}:/usr/bin/kubectl", str(folder / "kubectl"))
    finally:
        _docker("rm", container)
    return str(folder / "kubectl")


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()
