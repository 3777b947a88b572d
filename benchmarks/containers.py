"""What containers cost beyond what the engine takes for them: the shop, fifty containers, and a flood of output."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.apps import write_app
from benchmarks.measure import ROOT, SCRIPT, Figure
from benchmarks.peers import peer
from benchmarks.running import RunningApp, running, scratch, until_healthy

COUNT = 50
LINES = 500_000
RUNS = 3
IDLE = "trap 'exit 0' TERM; sleep 1000 & wait"
SHOP = """
pg = app.add_postgres("pg").with_data_volume()
pg.add_database("orders")
cache = app.add_redis("cache")
web = app.add_container("web", "nginx:1.22-bookworm").with_http_endpoint(target_port=80).with_http_health_check("/")
"""
SHOP_RESOURCES = ("pg", "pg-password", "orders", "cache", "web")
KEPT = """
from fairlead import Lifetime
for resource in (pg, cache, web):
    resource.with_lifetime(Lifetime.PERSISTENT)
"""
FIFTY = f"""
for number in range({COUNT}):
    app.add_container(f"box-{{number}}", "busybox:1.35", args=["sh", "-c", {IDLE!r}])
"""
LINE = f"yes {'x' * 99} | head -n {LINES}; echo the last line"
COMMAND = ("busybox:1.35", "sh", "-c", LINE)
WRITER = f'app.add_container("writer", "busybox:1.35", args=["sh", "-c", {LINE!r}]).with_explicit_start()'
# The same for Docker Compose, which needs a program in each container for its health.
COMPOSE = """\
services:
  pg:
    image: postgres:15-bookworm
    environment: {POSTGRES_PASSWORD: bench, POSTGRES_DB: orders}
    ports: ["127.0.0.1:39411:5432"]
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: [CMD, pg_isready, -h, 127.0.0.1, -U, postgres], interval: 500ms, retries: 100}
  cache:
    image: redis:7.0-bookworm
    ports: ["127.0.0.1:39412:6379"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 500ms, retries: 100}
  web:
    image: nginx:1.22-bookworm
    ports: ["127.0.0.1:39413:80"]
    healthcheck: {test: [CMD, pidof, nginx], interval: 500ms, retries: 100}
volumes: {data: {}}
"""
# The same by the engine's API alone, eight calls at once; prints the seconds for up and down.
BARE = """
import asyncio, contextlib, json, sys, time, urllib.request, uuid
import aiohttp
from fairlead.engines.services import postgres, redis

async def answers(check):
    while True:
        with contextlib.suppress(Exception):
            await check()
            return
        await asyncio.sleep(0.05)

async def main(specs, ready):
    name = f"bench-{uuid.uuid4().hex[:8]}"
    limit = asyncio.Semaphore(8)
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector("/var/run/docker.sock", limit=0)) as docker:
        async def call(method, path, body=None):
            async with docker.request(method, f"http://docker/v1.41/{path}", json=body) as answer:
                content = await answer.read()
                assert answer.status < 400, content
                return json.loads(content) if content.startswith(b"{") else None
        begin = time.perf_counter()
        await call("POST", "networks/create", {"Name": name, "Driver": "bridge"})
        made = []
        async def up(number, spec):
            async with limit:
                spec["HostConfig"] = spec.get("HostConfig", {}) | {"NetworkMode": name}
                container = (await call("POST", f"containers/create?name={name}-{number}", spec))["Id"]
                await call("POST", f"containers/{container}/start")
            made.append(container)
        await asyncio.gather(*(up(number, spec) for number, spec in enumerate(specs)))
        await asyncio.gather(*(answers(check) for check in ready))
        print(time.perf_counter() - begin)
        begin = time.perf_counter()
        async def down(container):
            await call("POST", f"containers/{container}/stop?t=10")
            async with limit:
                await call("DELETE", f"containers/{container}?force=1&v=1")
        await asyncio.gather(*map(down, made))
        await call("DELETE", f"networks/{name}")
        print(time.perf_counter() - begin)

def shop():
    def container(image, inside, outside, *env):
        bindings = {"PortBindings": {f"{inside}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(outside)}]}}
        return {"Image": image, "Env": list(env), "ExposedPorts": {f"{inside}/tcp": {}}, "HostConfig": bindings}
    specs = [
        container("postgres:15-bookworm", 5432, 39401, "POSTGRES_PASSWORD=bench", "POSTGRES_DB=orders"),
        container("redis:7.0-bookworm", 6379, 39402),
        container("nginx:1.22-bookworm", 80, 39403),
    ]
    get = lambda: asyncio.to_thread(lambda: urllib.request.urlopen("http://127.0.0.1:39403/", timeout=1).read())
    database = lambda: postgres.check_ready("127.0.0.1", 39401, "postgres", "postgres")
    return specs, [database, lambda: redis.check_ready("127.0.0.1", 39402), get]

def fifty(count, script):
    return [{"Image": "busybox:1.35", "Cmd": ["sh", "-c", script]} for _ in range(int(count))], []

asyncio.run(main(*(shop() if sys.argv[1] == "shop" else fifty(*sys.argv[2:]))))
"""


def measure() -> list[Figure]:
    """The shop as it is, its containers and fifty others beside the bare API, and lines through a container."""
    return [_whole_shop(), *_against_bare(), _again(), *_fifty(), *_lines()]


def _whole_shop() -> Figure:
    taken = []
    for _ in range(RUNS):
        with scratch() as folder:
            shop = folder / "shop"
            shutil.copytree(ROOT / "examples" / "shop", shop, ignore=shutil.ignore_patterns("__pycache__"))
            (shop / ".venv").symlink_to(Path(sys.executable).parents[1])
            (shop / ".env").write_text("FAIRLEAD_PARAMETER_PAYMENT_KEY=bench\n", encoding="utf-8")
            with running(shop / "apphost.py", folder) as app:
                for name in ("web", "worker"):
                    app._call("wait", name, "--for", "healthy", "--timeout", "120")
                taken.append(time.perf_counter() - app.begin)
                _down(app)
    return Figure("the shop, from nothing to a healthy front", statistics.median(taken), "s", (min(taken), max(taken)))


def _against_bare() -> list[Figure]:
    up, down, bare_up, bare_down = [], [], [], []
    composed: list[float] = []
    for _ in range(RUNS):
        with scratch() as folder:
            file = write_app(folder, SHOP)
            up.append(until_healthy(file, folder, len(SHOP_RESOURCES)))
            with running(file, folder) as app:
                app.until("Running", within=120)
                down.append(app.interrupt())
                _down(app)
        first, second = _bare("shop")
        bare_up.append(first)
        bare_down.append(second)
        composed += _composed()
    with_compose = _figure("the same, beside Compose", up, composed, "< 0.7")
    return [
        _figure("`run` of the shop's three containers, all healthy", up, bare_up, "< 1.15"),
        *([replace(with_compose, baseline="`docker compose up --wait`")] if composed else []),
        _figure("Ctrl+C of them, all gone", down, bare_down, "< 12 s"),
    ]


def _composed() -> list[float]:
    """How long Compose takes to have the same up and healthy, where it is installed."""
    command = peer("docker-compose")
    if command is None:
        return []
    with scratch() as folder:
        (folder / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
        argv = [command, "--project-directory", str(folder), "--file", str(folder / "compose.yaml")]
        begin = time.perf_counter()
        subprocess.run([*argv, "up", "--detach", "--wait"], check=True, capture_output=True)
        taken = time.perf_counter() - begin
        subprocess.run([*argv, "down", "--volumes", "--timeout", "1"], check=True, capture_output=True)
    return [taken]


def _again() -> Figure:
    taken = []
    with scratch() as folder:
        file = write_app(folder, SHOP + KEPT)
        for number in range(RUNS + 1):
            with running(file, folder) as app:
                app.until("Running", within=120)
                if number:  # the first makes them
                    containers = [one for one in app.resources() if "container" in dict(one["properties"])]
                    taken.append(max(one["started_at"] for one in containers) - app.host.create_time())
        _down(app)
    what = "second start of the shop with its persistent containers: from the host's start until all three run"
    return Figure(what, statistics.median(taken), "s", (min(taken), max(taken)), target="< 2 s")


def _fifty() -> list[Figure]:
    with scratch() as folder, running(write_app(folder, FIFTY), folder) as app:
        up = app.until("Running", within=240)
        memory = app.host.memory_info().rss / 2**20
        down = app.interrupt()
    bare_up, bare_down = _bare("fifty", str(COUNT), IDLE)
    overhead = 1000 * (up - bare_up) / COUNT
    return [
        _figure(f"{COUNT} containers up", [up], [bare_up]),
        Figure("what each of them takes longer to start", overhead, "ms"),
        _figure(f"Ctrl+C of {COUNT} containers, all gone", [down], [bare_down]),
        Figure(f"memory of the host with {COUNT} containers", memory, "MiB"),
    ]


def _lines() -> list[Figure]:
    ours: list[float] = []
    peers: dict[str, list[float]] = {"`docker logs --follow --timestamps`": [], "`docker run`": []}
    with scratch() as folder, running(write_app(folder, WRITER), folder) as app:
        for _ in range(RUNS):
            ours.append(LINES / _taken(lambda: _write_all(app)))
            assert b"the last line" in app._call("logs", "writer", "--tail", "5")
            for taken, peer in zip(peers.values(), (_docker_logs, _docker_run), strict=True):
                taken.append(LINES / _taken(peer))
    what, spread = "log lines per second from a container", (min(ours), max(ours))
    return [
        Figure(what, statistics.median(ours), "lines/s", spread, name, statistics.median(taken))
        for name, taken in peers.items()
    ]


def _write_all(app: RunningApp) -> None:
    app._call("restart", "writer")
    app._call("wait", "writer", "--for", "completed", "--timeout", "120")


def _docker_logs() -> None:
    """The same work: the engine keeps the lines, and gives them out with their times."""
    container = subprocess.run(
        ["docker", "create", *COMMAND], check=True, capture_output=True, text=True
    ).stdout.strip()
    subprocess.run(["docker", "start", container], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["docker", "logs", "--follow", "--timestamps", container], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["docker", "rm", container], check=True, stdout=subprocess.DEVNULL)


def _docker_run() -> None:
    """Less work: it is attached to the container, and gets the lines without the engine's log."""
    subprocess.run(["docker", "run", "--rm", *COMMAND], check=True, stdout=subprocess.DEVNULL)


def _taken(deed: Callable[[], None]) -> float:
    begin = time.perf_counter()
    deed()
    return time.perf_counter() - begin


def _bare(*arguments: str) -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", BARE, *arguments], check=True, capture_output=True, text=True)
    up, down = map(float, done.stdout.split())
    return up, down


def _down(app: RunningApp) -> None:
    argv = [SCRIPT, "down", "--volumes", "--apphost", str(app.file)]
    subprocess.run(argv, env=app.env, check=True, capture_output=True)


def _figure(what: str, ours: list[float], bare: list[float], target: str = "") -> Figure:
    spread = (min(ours), max(ours)) if len(ours) > 1 else None
    name = "the engine's API alone"
    return Figure(what, statistics.median(ours), "s", spread, name, statistics.median(bare), target)
