"""The control API must bear clients of all kinds: gone, silent, too many, hostile, and those of other sites."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.support.control import Control, control
from tests.support.stage import Stage, stage
from tests.support.waiting import until

from fairlead import AppBuilder
from fairlead.dashboard.connections import serve
from fairlead.dashboard.listening import Listener
from fairlead.dashboard.routes.table import ROUTES
from fairlead.testing import InMemory


def define(app: AppBuilder) -> None:
    app.add(InMemory("a"))
    app.add_parameter("key", "s3cret", secret=True)


@pytest.fixture
async def shown() -> AsyncIterator[Stage]:
    async with stage(define) as shown:
        await shown.wait_healthy("a")
        yield shown


@pytest.fixture
async def api(shown: Stage, tmp_path: Path) -> AsyncIterator[Control]:
    async with control(shown.host, tmp_path) as api:
        yield api


# Requests that go wrong


@pytest.mark.parametrize("path", ["/api/logs?tail=inf", "/api/logs?tail=x", "/api/resources/a/wait?timeout=nan"])
async def test_what_is_no_number_is_refused(api: Control, path: str) -> None:
    """A number that is none, or not finite, must be refused as a wrong request."""
    status, answer = await api.ask("GET", path)
    assert (status, answer["error"]["kind"], answer["error"]["exit_code"]) == (400, "UsageError", 2)
    assert "is not a number" in answer["error"]["message"]


async def test_query_parameters_that_nobody_knows(api: Control) -> None:
    """A misspelt query parameter must be refused with those there are, and so must one that is given twice."""
    assert await api.refused("GET", "/api/logs?tial=5") == (
        400,
        "/api/logs has no query parameter 'tial' It has 'name', 'tail', 'after', 'follow', 'open'.",
    )
    assert await api.refused("GET", "/api/app?x") == (400, "/api/app has no query parameter 'x' Give none.")
    assert await api.refused("GET", "/api/logs?tail=5&tail=6") == (400, "tail is given several times Give it once.")


async def test_an_unknown_path_is_refused_as_json(api: Control) -> None:
    """Whatever is refused must have the form of an error of ours."""
    assert await api.refused("GET", "/api/nothing") == (404, "GET /api/nothing: Not Found")
    assert await api.refused("POST", "/api/app") == (405, "POST /api/app: Method Not Allowed")


async def test_what_nobody_expected(
    shown: Stage, api: Control, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours must be answered in the form of an error, and be one line without a traceback in the run."""
    monkeypatch.setattr(shown.host, "record", object())  # which is no record, so showing it fails
    with caplog.at_level(logging.ERROR):
        status, answer = await api.ask("GET", "/api/app")
    assert (status, answer["error"]["exit_code"]) == (500, 1)
    assert answer["error"]["message"].startswith("GET /api/app failed: TypeError: ")
    assert [record.exc_info for record in caplog.records] == [None]


async def test_a_mistake_in_the_middle_of_an_answer(
    shown: Stage, api: Control, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that can't be finished must not look like a whole one, and be said once."""
    shown.host.run.logs.log("a").feed("stdout", [b"x"] * 5000)
    shown.host.run.logs.log("a")._batches[-1].stream = None  # type: ignore[assignment]
    shown.host.run.logs.log("a")._batches[-1].text = None  # type: ignore[assignment]
    with caplog.at_level(logging.ERROR), pytest.raises(aiohttp.ClientError):
        await api.ask("GET", "/api/logs")
    assert len(caplog.records) == 1 and "broke off" in caplog.text


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"GET /api/app HTTP/9.9\r\n\r\n",
        b"GET /api/app HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"GET /api/app HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
    ],
)
async def test_malformed_requests_print_nothing(api: Control, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """What is no request must be refused, and not be a line in the output of the run."""
    with caplog.at_level(logging.DEBUG):
        assert (await api.raw(data)).startswith(b"HTTP/1.0 400 ")
    assert [record for record in caplog.records if record.name != "asyncio"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[" * 400_000, "the body is nested too deeply"),
        (b'{"value": ' * 100_000, "the body is nested too deeply"),
        (b'{"value": "' + b"x" * 2**21 + b'"}', "the body has more than 1048576 bytes"),
        (b"[1]", "the body is not a JSON object"),
        (b"{", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
    ],
)
async def test_bodies_that_are_no_use(api: Control, body: bytes, message: str) -> None:
    """A body that is too deep, too long or no object must be a wrong request, not a mistake of ours."""
    async with api.client.post("http://x/api/parameters/key", data=io.BytesIO(body)) as answer:
        assert (answer.status, (await answer.json())["error"]["message"]) == (400, message)


async def test_a_body_that_does_not_come(api: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that announces a body and sends none must not be waited for without end."""
    monkeypatch.setattr("fairlead.dashboard.request.BODY_SECONDS", 0.05)
    head = b"POST /api/parameters/key HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"
    reader, writer = await asyncio.open_unix_connection(str(api.socket))
    writer.write(head)
    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()


# Clients that go, or do not read


async def test_handlers_end_with_their_clients(shown: Stage, api: Control) -> None:
    """Whoever goes must leave no task, no watcher and no follower, whatever was asked."""
    run = shown.host.run
    before, waiters = len(asyncio.all_tasks()), len(run.bus._waiters_by_id["a"])
    paths = ("/api/resources?follow=1", "/api/logs?follow=1", "/api/resources/a/wait?for=completed")
    writers = []
    for number in range(200):
        reader, writer = await asyncio.open_unix_connection(str(api.socket))
        writer.write(f"GET {paths[number % 3]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        if number % 3 < 2:
            await reader.readuntil(b"\r\n\r\n")
        writers.append(writer)
    await until(lambda: len(asyncio.all_tasks()) >= before + 200, "200 requests are handled")
    assert len(run.bus._watchers) == 67 and len(run.logs._followers) == 67
    for writer in writers:
        writer.close()
    await until(lambda: len(asyncio.all_tasks()) == before, "no task is left")
    assert not run.bus._watchers and not run.logs._followers
    assert len(run.bus._waiters_by_id["a"]) == waiters


async def test_a_client_that_does_not_read_is_cut(shown: Stage, api: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that makes no room for an answer must be cut in time, and leave nothing behind."""
    monkeypatch.setattr("fairlead.dashboard.answers.WRITE_SECONDS", 0.05)
    shown.host.run.logs.log("a").feed("stdout", [b"x" * 1000] * 9000)
    before = len(asyncio.all_tasks())
    reader, writer = await asyncio.open_unix_connection(str(api.socket), limit=1024)
    writer.write(b"GET /api/logs?follow=1 HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await until(lambda: not shown.host.run.logs._followers, "the client is cut")
    await until(lambda: len(asyncio.all_tasks()) <= before, "no task is left")
    writer.close()


async def test_long_answers_come_in_chunks(shown: Stage, api: Control) -> None:
    """However much there is to answer, the event loop must have its turn after every bounded piece of it."""
    for number in range(5):
        shown.host.run.logs.log(f"log-{number}").feed("stdout", [b"%09d " % count * 10 for count in range(4000)])
    for path in ("/api/logs", "/api/logs?follow=1"):
        reader, writer = await asyncio.open_unix_connection(str(api.socket))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        sizes, received = [], b""
        while received.count(b'"resource"') < 20_000:
            size = int(await reader.readline(), 16)  # a chunk of HTTP is one write of ours
            sizes.append(size)
            received += (await reader.readexactly(size + 2))[:-2]
        assert max(sizes) < 400_000  # a thousand lines
        writer.close()


async def test_each_version_is_encoded_once(tmp_path: Path) -> None:
    """However many watch, a snapshot must be made into text once for each of its versions."""
    names = [f"r{number}" for number in range(30)]

    def many(app: AppBuilder) -> None:
        for name in names:
            app.add(InMemory(name))

    async with stage(many) as shown, control(shown.host, tmp_path) as api:
        for name in names:
            await shown.wait_healthy(name)
        bus = shown.host.run.bus

        async def watch() -> None:
            async with api.follow("/api/resources?follow=1") as changes:
                present = {(await anext(changes))["id"] for _ in names}
                assert present == set(names)
                watching.append(present)
                async for change in changes:
                    if change["id"] == "r7" and change["starts"] == 2 and change["ready"]:
                        return

        watching: list[set[str]] = []
        begun = bus.version
        async with asyncio.TaskGroup() as group:
            for _ in range(50):
                group.create_task(watch())
            await until(lambda: len(watching) == 50, "all watch")
            assert api.server.snapshots.encoded == 30
            await shown.command("r7", "restart")
        assert api.server.snapshots.encoded <= 30 + bus.version - begun


# Too many connections


async def test_connections_are_capped(shown: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection too many must be told so in the form of an error; one that is closed makes room."""
    monkeypatch.setattr("fairlead.dashboard.connections.MOST", 3)
    async with control(shown.host, tmp_path) as api:
        connections = [await asyncio.open_unix_connection(str(api.socket)) for _ in range(3)]
        answer = await api.raw(b"GET /api/app HTTP/1.1\r\nHost: x\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert "connections already" in json.loads(body)["error"]["message"]
        connections[0][1].close()
        await connections[0][1].wait_closed()
        await asyncio.sleep(0)
        await until_answered(api)
        for _, writer in connections:
            writer.close()


async def until_answered(api: Control) -> None:
    async with asyncio.timeout(40):
        while (await api.ask("GET", "/api/app"))[0] != 200:
            pass


async def test_idle_connections_are_closed(shown: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that asks for nothing, or for nothing more, must not be kept."""
    monkeypatch.setattr("fairlead.dashboard.server.IDLE_SECONDS", 0.05)
    async with control(shown.host, tmp_path) as api:
        async with asyncio.timeout(40):
            for data in (b"", b"GET /api/app HT", b"GET /api/app HTTP/1.1\r\nHost: x\r\n\r\n"):
                answer = await api.raw(data)
                assert answer.startswith(b"HTTP/1.1 200 ") == data.endswith(b"\n")


async def test_without_a_free_descriptor_accepting_is_put_off() -> None:
    """A failure to accept must be reported once and tried again later, not at every turn of the loop."""
    reports: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reports.append(context["message"]))

    class Exhausted(socket.socket):
        tries = 0

        def accept(self) -> Any:
            self.tries += 1
            raise OSError(errno.EMFILE, "Too many open files")

    server = aiohttp.web.Server(lambda request: None)  # type: ignore[arg-type, return-value]
    with Exhausted(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.bind(("127.0.0.1", 0))
        accepting = await serve(server, listening)
        with socket.create_connection(listening.getsockname()):
            await until(lambda: listening.tries, "a try to accept")
            for _ in range(200):
                await asyncio.sleep(0)
            assert (listening.tries, len(reports)) == (1, 1)
        accepting.close()


# Who may ask


@pytest.fixture
async def address(api: Control) -> Listener:
    return api.listener


def concrete(path: str) -> str:
    return path.format(id="a", command="nothing", name="key", entry="1", trace="a" * 32, span="b" * 16)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_refuses_strangers(api: Control, address: Listener, route: Any) -> None:
    """Over TCP each route must refuse requests without the token, from another site, and for another host."""
    port = address.url.rpartition(":")[2]
    token = {"Authorization": f"Bearer {address.token}"}
    async with aiohttp.ClientSession() as client:

        async def status(headers: dict[str, str]) -> int:
            url = address.url + concrete(route.path)
            async with client.request(route.method, url, headers=headers) as answer:
                return answer.status

        assert route.needs_token
        assert await status({}) == 401
        assert await status({"Authorization": "Bearer "}) == 401
        assert await status({"Authorization": f"Bearer {address.token}x"}) == 401
        assert await status({"Authorization": f"Basic {address.token}"}) == 401
        assert await status({**token, "Origin": "http://evil.example"}) == 403
        assert await status({**token, "Origin": "null"}) == 403
        assert await status({**token, "Origin": f"http://localhost:{int(port) - 1}"}) == 403
        assert await status({**token, "Host": "evil.example"}) == 403
        assert await status({**token, "Host": f"evil.example:{port}"}) == 403
        assert api.stopped.is_set() is False
        for headers in ({}, {"Origin": address.url}, {"Host": f"localhost:{port}"}):
            assert await status({**token, **headers}) in (200, 400, 409)


async def test_what_is_not_there_is_not_told_to_strangers(address: Listener) -> None:
    """A path that does not exist must be refused like one that does, and the Unix socket need no token."""
    async with aiohttp.ClientSession() as client, client.get(f"{address.url}/api/nothing") as answer:
        assert (answer.status, (await answer.json())["error"]["kind"]) == (401, "UsageError")


async def test_the_page_needs_no_token_and_the_api_does(api: Control) -> None:
    async with aiohttp.ClientSession() as client:

        async def status(path: str) -> int:
            async with client.get(api.listener.url + path) as answer:
                return answer.status

        assert await status("/resources") in (200, 503)  # 503 where it is not built
        assert await status("/apiary") in (200, 503)
        for path in ("/api", "/api/", "/api/nothing", "/api/app", "/%61pi/app", "/api/resources/"):
            assert await status(path) == 401


async def test_guessing_the_token_leads_nowhere_and_holds_up_nobody(api: Control, address: Listener) -> None:
    """2,000 guesses are refused all alike, while who has the token is answered; nothing of them is kept."""
    connector = aiohttp.TCPConnector(limit=20)
    async with aiohttp.ClientSession(connector=connector) as client:

        async def guess(number: int) -> int:
            # Ever longer beginnings of the token, and beyond it: none may be better than another.
            token = address.token[: number % 50] + "x" * (number % 7)
            token = token if token != address.token else "x"
            async with client.get(f"{address.url}/api/app", headers={"Authorization": f"Bearer {token}"}) as answer:
                return answer.status

        statuses: set[int] = set()
        for start in range(0, 2_000, 100):
            statuses.update(await asyncio.gather(*map(guess, range(start, start + 100))))
            assert (await api.get("/api/app"))["name"]
    assert statuses == {401}
