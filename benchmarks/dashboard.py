"""The dashboard: how soon it answers, what its first load weighs, what a crowd and a flood of lines do to others."""

from __future__ import annotations

import gzip
import http.client
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.apps import write_app
from benchmarks.measure import Figure
from benchmarks.running import RunningApp, running, scratch

WATCHERS = 100
SECONDS = 5
RATE = 100_000
# Writes so many lines a second, for longer than anybody measures.
FLOOD = f"""
import sys, time
line = "INFO: order %06d was taken, as long as the lines of programs are" + "\\n"
for _ in range(600):
    began = time.monotonic()
    for tenth in range(10):
        sys.stdout.write("".join(line % n for n in range({RATE} // 10)))
        sys.stdout.flush()
        time.sleep(max(0.0, began + (tenth + 1) / 10 - time.monotonic()))
"""
SERVE = """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), BaseHTTPRequestHandler).serve_forever()
"""
# Watches over so many connections, and reads as fast as it can.
CROWD = """
import selectors, socket, sys
host, port, token, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
selector = selectors.DefaultSelector()
for number in range(count):
    connection = socket.create_connection((host, port))
    target = "/api/watch" if number % 10 else "/api/logs?follow=1&tail=10"
    head = f"GET {target} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\nAuthorization: Bearer {token}\\r\\n\\r\\n"
    connection.sendall(head.encode())
    selector.register(connection, selectors.EVENT_READ)
print("watching", flush=True)
while selector.get_map():
    for key, _ in selector.select():
        if not key.fileobj.recv(1 << 20):
            selector.unregister(key.fileobj)
"""


def measure() -> list[Figure]:
    """Seconds until the page answers, its weight, and the latency of others under load."""
    with scratch() as folder:
        (folder / "flood.py").write_text(FLOOD, encoding="utf-8")
        (folder / "serve.py").write_text(SERVE, encoding="utf-8")
        web = 'app.add_python_app("web", ".", script="serve.py").with_http_endpoint(env="PORT")'
        flood = 'app.add_python_app("flood", ".", script="flood.py").with_explicit_start()'
        file = write_app(folder, f"{web}\n{flood}")
        return [*_first_answer(file, folder), *_under_load(file, folder)]


def _first_answer(file: Path, folder: Path) -> list[Figure]:
    taken = []
    weight = 0
    for _ in range(5):
        with running(file, folder) as app:
            status, weight = _load_page(app)
            assert status == 200, "the page is not built: make setup"
            taken.append(time.perf_counter() - app.begin)
    return [
        Figure(
            "`fairlead run --detach` until the page has come whole",
            statistics.median(taken),
            "s",
            (min(taken), max(taken)),
            target="< 1 s",
        ),
        Figure("first load of the page, compressed", weight / 1000, "kB", target="< 200 kB"),
    ]


def _load_page(app: RunningApp) -> tuple[int, int]:
    """The status of the page, and the bytes of it and all that it loads at once."""
    connection = _connect(app)
    status, index = _get(connection, "/")
    total = len(index)
    text = gzip.decompress(index).decode()
    for piece in text.split('"'):
        if piece.startswith("/assets/"):
            status, content = _get(connection, piece)
            total += len(content)
    return status, total


def _under_load(file: Path, folder: Path) -> list[Figure]:
    with running(file, folder) as app:
        quiet = _latencies(app)
        before = app.host.memory_info().rss / 2**20
        with _crowd(app):
            _post(app, "/api/resources/flood/commands/start")
            time.sleep(2)
            first, begin = _written(app), time.perf_counter()
            busy = _latencies(app)
            rate = (_written(app) - first) / (time.perf_counter() - begin)
            memory = app.host.memory_info().rss / 2**20
            time.sleep(10)
            later = app.host.memory_info().rss / 2**20
    load = f"{WATCHERS} watchers and a resource that writes {RATE:,} lines/s"
    return [
        Figure(
            f"latency of another request, {load}, 99 of 100",
            1000 * _percentile(busy, 99),
            "ms",
            (1000 * min(busy), 1000 * max(busy)),
            "without them",
            1000 * _percentile(quiet, 99),
            "< 200 ms",
        ),
        Figure("lines that were taken meanwhile", rate, "lines/s"),
        Figure(f"memory that {load} cost the host", memory - before, "MiB"),
        Figure("the same 10 s later", later - before, "MiB", target="bounded"),
    ]


def _written(app: RunningApp) -> int:
    """How many lines the resource has written."""
    _, answer = _get(_connect(app), "/api/logs?name=flood&tail=1", _token(app))
    return int(json.loads(answer)["lines"][-1]["number"])


def _latencies(app: RunningApp) -> list[float]:
    connection = _connect(app)
    taken = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        begin = time.perf_counter()
        status, _ = _get(connection, "/api/resources/web", _token(app))
        assert status == 200
        taken.append(time.perf_counter() - begin)
        time.sleep(0.005)
    return taken


@contextmanager
def _crowd(app: RunningApp) -> Iterator[None]:
    address = urlsplit(str(app.facts["dashboard"]))
    command = [sys.executable, "-c", CROWD, str(address.hostname), str(address.port), _token(app), str(WATCHERS)]
    crowd = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert crowd.stdout is not None
        assert crowd.stdout.readline()
        yield
    finally:
        crowd.kill()
        crowd.communicate()


def _token(app: RunningApp) -> str:
    return str(app.facts["dashboard"]).rpartition("=")[2]


def _connect(app: RunningApp) -> http.client.HTTPConnection:
    address = urlsplit(str(app.facts["dashboard"]))
    return http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)


def _get(connection: http.client.HTTPConnection, path: str, token: str = "") -> tuple[int, bytes]:
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", "Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def _post(app: RunningApp, path: str) -> None:
    connection = _connect(app)
    connection.request("POST", path, json.dumps({}), {"Authorization": f"Bearer {_token(app)}"})
    assert connection.getresponse().status == 200


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]
