"""Programs that people run, stopped in the middle of their work: nothing of it may be lost, nothing may be left."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from tests.processes.marked import processes_with
from tests.support.definitions import Define
from tests.support.stage import Stage, stage
from tests.support.waiting import until

from fairlead import AppBuilder

BIN = Path(sys.executable).parent
JOB = """
import time
def note(text):
    with open("log", "a") as log:
        log.write(text + "\\n")
def job():
    note("began")
    time.sleep(0.7)
    note("finished")
"""
CELERY = """
from celery import Celery
import job as jobs
folders = {"data_folder_in": ".", "data_folder_out": ".", "control_folder": "."}
app = Celery("tasks", broker="filesystem://")
app.conf.broker_transport_options = {**folders, "polling_interval": 0.05}
job = app.task(jobs.job, name="job")
if __name__ == "__main__":
    job.delay()
"""
DRAMATIQ = """
import os
import dramatiq
from dramatiq.brokers.redis import RedisBroker
import job as jobs
dramatiq.set_broker(RedisBroker(url=os.environ["CACHE_URI"]))
job = dramatiq.actor(jobs.job, actor_name="job")
"""
RQ = """
import os
from redis import Redis
from rq import Queue
Queue(connection=Redis.from_url(os.environ["CACHE_URI"])).enqueue("job.job")
"""
WSGI = """
import job
def app(environ, start_response):
    job.job()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"whole"]
"""
ASGI = """
import asyncio
import job
async def app(scope, receive, send):
    if scope["type"] == "http":
        await asyncio.to_thread(job.job)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"whole"})
"""
LAST_WORDS = """
import atexit, os
import job
atexit.register(lambda: job.note(f"last words of {'the child' if os.environ.get(MARK) == 'true' else 'the parent'}"))
"""
DJANGO = f"""
import os, sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
settings.configure(DEBUG=True, SECRET_KEY="x", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], INSTALLED_APPS=[])
urlpatterns = [path("", lambda request: HttpResponse("whole"))]
MARK = "RUN_MAIN"
{LAST_WORDS}
execute_from_command_line(["manage.py", "runserver", f"127.0.0.1:{{os.environ['PORT']}}"])
"""
FLASK = f"""
import os
from flask import Flask
app = Flask("shop")
app.route("/")(lambda: "whole")
MARK = "WERKZEUG_RUN_MAIN"
{LAST_WORDS}
app.run(port=int(os.environ["PORT"]), debug=True)
"""
NODE = """
const { appendFileSync } = require("fs")
let asked = 0
process.on("SIGTERM", () => {
  asked += 1
  setTimeout(() => { appendFileSync("log", `asked ${asked}\\n`); process.exit(0) }, 500)
})
setInterval(() => {}, 1000)
appendFileSync("log", "began\\n")
"""
COUNTS = """
import signal, sys, time
import job
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
job.note("began")
while not asked:
    time.sleep(0.01)
time.sleep(0.5)
job.note(f"asked {len(asked)}")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the programs, with a job in it."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # they are large, and would be compiled each time
    return with_job(tmp_path)


def with_job(folder: Path) -> Path:
    """A folder with the job in it."""
    folder.mkdir(exist_ok=True)
    (folder / "job.py").write_text(JOB)
    return folder


@contextlib.asynccontextmanager
async def running(define: Define, folder: Path) -> AsyncIterator[Stage]:
    """A running app; nothing of it may be left."""
    async with stage(define, folder=folder) as shown:
        run_id = shown.host.run.run_id
        yield shown
    await until(lambda: not processes_with(FAIRLEAD_RUN_ID=run_id), "nothing is left of the run")


def noted(folder: Path) -> list[str]:
    """What the programs have noted."""
    log = folder / "log"
    return log.read_text().splitlines() if log.exists() else []


async def stopped_at_work(shown: Stage, folder: Path, name: str) -> list[str]:
    """Stop a program whose job has begun; what it has noted then."""
    await until(lambda: "began" in noted(folder), f"the job has begun\n{shown.text(name)}")
    await shown.command(name, "stop")
    return noted(folder)


# Job workers


async def test_celery(folder: Path) -> None:
    """Celery must finish the running job, also where a shell that has to be asked first ends at once."""
    worker = [str(BIN / "celery"), "-A", "tasks", "worker", "--concurrency=1", "--without-gossip", "--without-mingle"]
    commands = {"itself": worker, "behind-a-shell": ["sh", "-c", f"true && {' '.join(worker)} && true"]}
    folders = {name: with_job(folder / name) for name in commands}
    for place in folders.values():
        (place / "tasks.py").write_text(CELERY)

    def define(app: AppBuilder) -> None:
        for name, command in commands.items():
            call = app.add_python_app(f"call-{name}", name, script="tasks.py")
            celery = app.add_executable(name, command[0], name, *command[1:])
            celery.wait_for_completion(call).with_stop_timeout(30)

    async with running(define, folder) as shown:
        works = (stopped_at_work(shown, place, name) for name, place in folders.items())
        assert await asyncio.gather(*works) == [["began", "finished"], ["began", "finished"]]


@pytest.mark.docker
async def test_rq_and_dramatiq(folder: Path, image: Callable[[str], str]) -> None:
    """RQ and dramatiq must finish the running jobs."""
    folders = {name: with_job(folder / name) for name in ("rq", "dramatiq")}
    (folders["rq"] / "enqueue.py").write_text(RQ)
    (folders["dramatiq"] / "tasks.py").write_text(DRAMATIQ)
    (folders["dramatiq"] / "send.py").write_text("import tasks\ntasks.job.send()\n")
    image("redis:7.0-bookworm")

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        send = app.add_python_app("send", "dramatiq", script="send.py")
        enqueue = app.add_python_app("enqueue", "rq", script="enqueue.py")
        for sender in (send, enqueue):
            sender.with_reference(cache).wait_for(cache)
        dramatiq = app.add_executable("dramatiq", str(BIN / "dramatiq"), "dramatiq", "tasks", "-p1", "-t1")
        rq = app.add_executable("rq", str(BIN / "rq"), "rq", "worker")
        rq.with_environment("RQ_REDIS_URL", cache.connection_properties["URI"])
        dramatiq.with_reference(cache).wait_for_completion(send).with_stop_timeout(30)
        rq.wait_for_completion(enqueue).with_stop_timeout(30)

    async with running(define, folder) as shown:
        works = (stopped_at_work(shown, place, name) for name, place in folders.items())
        assert await asyncio.gather(*works) == [["began", "finished"], ["began", "finished"]]


# Servers


@pytest.mark.parametrize("server", ["gunicorn", "uvicorn", "uvicorn with workers", "uvicorn that reloads"])
async def test_servers_answer_what_they_were_asked(folder: Path, server: str) -> None:
    """A server must answer the request that it is working at when it is stopped."""
    (folder / "web.py").write_text(WSGI if server == "gunicorn" else ASGI)

    def define(app: AppBuilder) -> None:
        if server == "gunicorn":
            gunicorn = app.add_executable("web", str(BIN / "gunicorn"), ".", "--workers=2", "web:app")
            gunicorn.with_http_endpoint().with_tcp_health_check().with_stop_timeout(30)
        else:
            web = app.add_uvicorn_app("web", ".", "web:app", reload=server.endswith("reloads"))
            web.with_tcp_health_check().with_stop_timeout(30)
            if server.endswith("workers"):
                web.with_args("--workers", "2")

    async with running(define, folder) as shown:
        await shown.wait_healthy("web")
        request = asyncio.ensure_future(asyncio.to_thread(fetch, shown.endpoint("web")))
        assert await stopped_at_work(shown, folder, "web") == ["began", "finished"]
        assert await request == "whole"


@pytest.mark.parametrize("program", [DJANGO, FLASK], ids=["Django", "Flask"])
async def test_reloaders(folder: Path, program: str) -> None:
    """Where INT goes to all of its processes, the child of a reloader must have its last words."""
    (folder / "web.py").write_text(program)

    def define(app: AppBuilder) -> None:
        web = app.add_python_app("web", ".", script="web.py").with_http_endpoint().with_http_health_check("/")
        web.with_stop_signal("INT", group=True).with_stop_timeout(30)

    async with running(define, folder) as shown:
        await shown.wait_healthy("web")
        await shown.command("web", "stop")
        assert "last words of the child" in noted(folder)


def fetch(url: str) -> str:
    with urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


# Package managers


@pytest.mark.node
async def test_npm(folder: Path) -> None:
    """A program behind ``npm run`` must be asked once, and have the time to end in its own way."""
    (folder / "server.js").write_text(NODE)
    (folder / "package.json").write_text('{"scripts": {"dev": "node server.js"}}')

    def define(app: AppBuilder) -> None:
        app.add_node_app("web", ".", run="dev").with_stop_timeout(30)

    async with running(define, folder) as shown:
        assert await stopped_at_work(shown, folder, "web") == ["began", "asked 1"]


async def test_uv(folder: Path) -> None:
    """A program behind ``uv run``, which passes the signal on, must be asked once."""
    (folder / "app.py").write_text(COUNTS)
    uv = ("run", "--no-project", "--offline", "--python", sys.executable, "app.py")

    def define(app: AppBuilder) -> None:
        app.add_executable("app", str(BIN / "uv"), ".", *uv).with_stop_timeout(30)

    async with running(define, folder) as shown:
        assert await stopped_at_work(shown, folder, "app") == ["began", "asked 1"]
