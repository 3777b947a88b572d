"""How soon a saved file has its effect while 10,000 are watched: in a container, beside Compose, and in a process."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.apps import write_app
from benchmarks.measure import Figure
from benchmarks.peers import peer
from benchmarks.running import RunningApp, running, scratch

FILES = 10_000
PER_FOLDER = 100
SAVES = 9
REST_SECONDS = 5.0
PATIENCE = 120.0
PORT, COMPOSE_PORT = 39431, 39432
SYNC = f"""
web = app.add_container("web", "busybox:1.35", args=["httpd", "-f", "-p", "80", "-h", "/site"]).with_init()
web.with_http_endpoint(port={PORT}, target_port=80).with_watch("site", action="sync", target="/site")
"""
RESTART = f"""
web = app.add_executable("web", {sys.executable!r}, ".", "site/service.py").with_watch("site")
web.with_http_endpoint(port={PORT})
"""
SERVICE = """\
import http.server, os, pathlib
text = pathlib.Path("site/index.html").read_bytes()
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(text)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
# It needs `initial_sync` to have the files at all: its images are built elsewhere.
COMPOSE = f"""\
services:
  web:
    image: busybox:1.35
    init: true
    command: [httpd, -f, -p, "80", -h, /site]
    ports: ["127.0.0.1:{COMPOSE_PORT}:80"]
    develop: {{watch: [{{action: sync, path: ./site, target: /site, initial_sync: true}}]}}
"""


def measure() -> list[Figure]:
    """A copied file beside Compose, a program that starts again, and what the watch costs at rest."""
    ours, at_rest = _ours(SYNC)
    composed = _composed()
    restarted, _ = _ours(RESTART)
    baseline = ("`docker compose watch`", statistics.median(composed)) if composed else ("", None)
    return [
        _figure(f"a saved file, of {FILES:,} watched, is served by its container", ours, *baseline),
        _figure(f"a saved file, of {FILES:,} watched, has started its program again, which answers", restarted),
        Figure(f"processor of the host at rest, {FILES:,} files watched", at_rest, "% of a core", target="< 2 %"),
    ]


def _figure(what: str, values: list[float], baseline: str = "", reference: float | None = None) -> Figure:
    spread = (min(values), max(values))
    return Figure(what, statistics.median(values), "s", spread, baseline, reference, "< 0.5 s")


def _ours(body: str) -> tuple[list[float], float]:
    with scratch() as folder:
        page = _site(folder)
        with running(write_app(folder, body), folder) as app:
            app.until("Running", within=PATIENCE)
            _until_watched(app)
            return _saves(page, PORT), _at_rest(app)


def _composed() -> list[float]:
    """The same by Compose, where it is installed."""
    command = peer("docker-compose")
    if command is None:
        return []
    with scratch() as folder:
        page = _site(folder)
        (folder / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
        argv = [command, "--project-directory", str(folder), "--file", str(folder / "compose.yaml")]
        with _compose(argv):
            _until(lambda: _served(COMPOSE_PORT) == page.read_bytes())
            return _saves(page, COMPOSE_PORT)


@contextmanager
def _compose(argv: list[str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*argv, "up", "--watch"], stdin=quiet, stdout=quiet, stderr=quiet) as watching:
        try:
            yield
        finally:
            subprocess.run([*argv, "down", "--volumes", "--timeout", "1"], check=True, capture_output=True)
            watching.terminate()


def _site(folder: Path) -> Path:
    """A folder of many files, with a page that is saved again and again; returns the page."""
    site = folder / "site"
    for number in range(FILES // PER_FOLDER):
        part = site / f"part-{number}"
        part.mkdir(parents=True)
        for name in range(PER_FOLDER):
            (part / f"{name}.html").write_text(f"{number} {name}\n", encoding="utf-8")
    (site / "service.py").write_text(SERVICE, encoding="utf-8")
    page = site / "index.html"
    page.write_text("first\n", encoding="utf-8")
    return page


def _saves(page: Path, port: int) -> list[float]:
    """Seconds from each save to the first answer that has it; the first, which does not count, warms all up."""
    taken = []
    for number in range(1 + SAVES):
        text = f"saved {number}\n".encode()
        begin = time.perf_counter()
        page.write_bytes(text)
        _until(lambda text=text: _served(port) == text)  # type: ignore[misc]
        taken.append(time.perf_counter() - begin)
        time.sleep(0.7)  # what follows a save, such as the end of a burst, is over
    return taken[1:]


def _served(port: int) -> bytes:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/index.html", timeout=1) as answer:
        return bytes(answer.read())
    return b""


def _until(state: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + PATIENCE
    while not state():
        if time.perf_counter() > deadline:
            raise SystemExit(f"not within {PATIENCE:g} s")
        time.sleep(0.005)


def _until_watched(app: RunningApp) -> None:
    _until(lambda: b"Watching site" in app._call("logs", "web"))


def _at_rest(app: RunningApp) -> float:
    """Per cent of a core that the host takes while nothing happens."""
    before = sum(app.host.cpu_times()[:2])
    time.sleep(REST_SECONDS)
    return 100 * (sum(app.host.cpu_times()[:2]) - before) / REST_SECONDS
