"""`with testing(…)`: an app for code without an event loop."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest

from fairlead import AppBuilder, Apphost, DefinitionError, UsageError, apphost
from fairlead.errors import ResourceFailed, WaitTimeout
from fairlead.model.observation.state import State
from fairlead.testing import BlockingRunning, InMemory, testing
from fairlead.testing.observers import forget, observe
from fairlead.testing.running import Running

SERVER = """
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"path": self.path, "greeting": os.environ["GREETING"]})

    def do_POST(self):
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, data):
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

print("serving", flush=True)
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Server).serve_forever()
"""


@apphost
def shop(app: AppBuilder) -> None:
    api = app.add(InMemory("api"))
    app.add(InMemory("web")).wait_for(api)
    app.add(InMemory("bad", fails="the disk is gone"))
    app.add(InMemory("sick", healthy=False)).with_environment("KEY", app.add_parameter("key", "s3cret", secret=True))


def no_thread_is_left() -> bool:
    return not [thread for thread in threading.enumerate() if thread.name == "fairlead testing"]


def test_every_method_blocks() -> None:
    """All that an app answers with `async with` it must answer here, without an await."""
    with testing(shop) as app:
        assert isinstance(app, BlockingRunning)
        assert app.wait_healthy("WEB").state is State.RUNNING
        assert app.wait_for("web", "running").ready
        assert app.snapshot("bad").kind == "In memory"
        assert app.environment("sick") == {"KEY": "***"}
        assert app.command("web", "stop") is None
        assert app.snapshot("web").state is State.FINISHED
        assert any("Stopped" in line.text for line in app.logs("web"))
        web = app.app["web"]

    assert isinstance(web, InMemory) and web.events == ["start", "stop"]
    assert no_thread_is_left()


def test_waits_fail_as_they_do_elsewhere() -> None:
    """A wait in vain must raise the same errors, with the same notes."""
    with testing(shop) as app:
        with pytest.raises(ResourceFailed) as failed:
            app.wait_healthy("bad")
        with pytest.raises(WaitTimeout):
            app.wait_healthy("sick", timeout=0.05)
        with pytest.raises(UsageError, match="no resource 'wbe'"):
            app.snapshot("wbe")

    assert failed.value.__notes__[0].startswith("bad is FailedToStart (the disk is gone)")


def test_a_failing_block_stops_the_app() -> None:
    """A test that fails must leave nothing running, and no thread."""
    with pytest.raises(ZeroDivisionError), testing(shop) as app:
        app.wait_healthy("web")
        web = app.app["web"]
        1 / 0  # noqa: B018

    assert isinstance(web, InMemory) and web.events[-1] == "stop"
    assert no_thread_is_left()


def test_mistakes_are_raised_on_entering() -> None:
    """A definition with mistakes must raise where the app would start, and leave no thread."""
    with pytest.raises(DefinitionError), testing(Apphost(lambda app: (app.add_redis("-"), None)[1], name="shop")):
        pytest.fail("the block must not be entered")

    assert no_thread_is_left()


def test_a_real_server_is_called_from_threads(tmp_path: Path) -> None:
    """Any client can call the app, from any thread; the one that comes along needs no event loop either."""
    (tmp_path / "server.py").write_text(SERVER)

    def define(app: AppBuilder) -> None:
        api = app.add_executable("api", sys.executable, ".", "server.py").with_http_endpoint(env="PORT")
        api.with_environment("GREETING", "ahoy").with_http_health_check("/up")

    with testing(Apphost(define, "shop", tmp_path / "apphost.py")) as app, ThreadPoolExecutor(4) as pool:
        app.wait_healthy("api")
        with urlopen(app.endpoint("api") + "/orders", timeout=30) as answer:
            assert json.load(answer) == {"path": "/orders", "greeting": "ahoy"}
        api = app.http("api")
        assert api.post("/", json={"a": 1}).json() == {"a": 1}
        answers = list(pool.map(api.get, [f"/{number}" for number in range(20)]))
        assert [(each.status, each.json()["path"]) for each in answers] == [(200, f"/{n}") for n in range(20)]
        assert answers[0].headers["content-type"] == "application/json" and "ahoy" in answers[0].text


def test_observers_see_the_app() -> None:
    """The pytest plugin must see such an app as any other, and be able to read it from the thread of the test."""

    class Watch:
        def __init__(self) -> None:
            self.seen: list[str] = []
            self.app: Running | None = None

        def opened(self, app: Running) -> None:
            self.app = app
            self.seen.append("opened")

        async def closing(self, app: Running, error: BaseException | None) -> None:
            self.seen.append(f"closing {type(error).__name__}")

        async def closed(self, app: Running) -> None:
            self.seen.append("closed")

    watch = Watch()
    observe(watch)
    try:
        with testing(shop):
            assert watch.app is not None
            assert watch.app.read(threading.current_thread).name == "fairlead testing"
    finally:
        forget(watch)

    assert watch.seen == ["opened", "closing NoneType", "closed"]
    assert watch.app.read(threading.current_thread) is threading.current_thread()


async def test_with_is_refused_where_a_loop_runs() -> None:
    """`with` in a coroutine would hold up its event loop, so it must be refused, with what to write."""
    with pytest.raises(UsageError, match="async with"), testing(shop):
        pytest.fail("the block must not be entered")


def test_another_event_loop_is_told_what_is_needed() -> None:
    """Under trio there is no loop of asyncio: the error must name asyncio, and a way that works there."""
    entering = testing(shop).__aenter__()
    with pytest.raises(UsageError, match="the event loop of asyncio") as caught:
        entering.send(None)

    assert "with testing(…) as app:" in str(caught.value)


def test_the_loop_of_this_thread_is_left_alone() -> None:
    """A test's own event loop, set or not, must be the same before, in and after the block."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        with testing(shop):
            assert asyncio.get_event_loop() is loop
        assert asyncio.get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()
