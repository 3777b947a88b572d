"""The client before an API server that misbehaves, as a real one does only now and then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web

from fairlead.engines.kube import Expired, KubernetesApi, NotFound, ObjectKind, ObjectRef
from fairlead.engines.kube.client import HttpKubernetesApi
from fairlead.engines.kube.connection import Connection
from fairlead.engines.kube.kubeconfig import Credentials
from fairlead.errors import EngineError, EngineUnavailable

CONFIG = ObjectKind("v1", "ConfigMap")
WIDGET = ObjectKind("example.com/v1", "Widget")
LIMIT = 60.0
Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class ApiServer:
    """An API server that answers as a test says.

    Attributes:
        answers: What answers the requests for ConfigMaps, one after the other; the last one goes on.
        requests: The requests for them so far.
        widgets: Whether it serves widgets.
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[web.BaseRequest] = []
        self.widgets = False

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/api/v1":
            return web.json_response({"resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": True}]})
        if request.path == "/apis/example.com/v1" and self.widgets:
            return web.json_response({"resources": [{"name": "widgets", "kind": "Widget", "namespaced": True}]})
        if not request.path.endswith("/configmaps"):
            return web.Response(status=404, text="404 page not found\n")
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    yield ApiServer()


@pytest.fixture
async def api(server: ApiServer) -> AsyncIterator[KubernetesApi]:
    runner = web.ServerRunner(web.Server(server.answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    api = HttpKubernetesApi(Connection(Credentials(f"http://{host}:{port}")))
    yield api
    await api.close()
    await runner.cleanup()


def named(name: str, version: str = "1") -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "default", "resourceVersion": version, "managedFields": [{}]}}


def page(*names: str, following: str = "") -> Answer:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        items = [named(name) for name in names]
        return web.json_response({"metadata": {"resourceVersion": "9", "continue": following}, "items": items})

    return answer


def refusal(code: int, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        status = {"kind": "Status", "code": code, "message": f"refused with {code}", **fields}
        return web.json_response(status, status=code, headers=headers)

    return answer


def changes(*lines: tuple[str, str], breaks: bool = False) -> Answer:
    """A watch that tells changes of versions, and ends, or breaks in the middle of a line."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for kind, version in lines:
            obj = {"apiVersion": "v1", "kind": "ConfigMap", **named("a", version)}
            await response.write(json.dumps({"type": kind, "object": obj}).encode() + b"\n")
        if breaks:
            await response.write(b'{"type":"MODI')
            assert request.transport is not None
            request.transport.abort()
        return response

    return answer


async def watched(api: KubernetesApi, count: int) -> list[str]:
    """The versions of the first changes that are seen."""
    versions: list[str] = []
    async with asyncio.timeout(LIMIT), aclosing(api.watch(CONFIG, "1")) as events:
        async for event in events:
            versions.append(event.object["metadata"]["resourceVersion"])
            if len(versions) == count:
                break
    return versions


async def test_a_list_is_asked_for_in_pages(api: KubernetesApi, server: ApiServer) -> None:
    """The pages must be put together, with their objects in order, whole, and without managedFields."""
    server.answers = [page("b", "c", following="more"), page("a")]
    found = await api.list(CONFIG)
    assert [obj["metadata"]["name"] for obj in found.items] == ["a", "b", "c"]
    assert found.resource_version == "9"
    assert all(ObjectKind.of(obj) == CONFIG and "managedFields" not in obj["metadata"] for obj in found.items)
    assert [request.query.get("continue") for request in server.requests] == [None, "more"]
    assert all(int(request.query["limit"]) > 0 for request in server.requests)


async def test_a_list_that_expires_between_its_pages(api: KubernetesApi, server: ApiServer) -> None:
    """It must be asked for again, at once."""
    server.answers = [page("a", following="more"), refusal(410), page("a", "b")]
    assert len((await api.list(CONFIG)).items) == 2
    assert server.requests[-1].query["limit"] == "0"


async def test_a_watch_goes_on_when_a_request_ends(api: KubernetesApi, server: ApiServer) -> None:
    """From the last version that was told, by a bookmark too, whether the request ended or broke."""
    server.answers = [
        changes(("MODIFIED", "2"), ("BOOKMARK", "5")),
        changes(("MODIFIED", "6"), breaks=True),
        changes(("MODIFIED", "7")),
    ]
    assert await watched(api, 3) == ["2", "6", "7"]
    assert [request.query["resourceVersion"] for request in server.requests] == ["1", "5", "6"]


async def test_a_watch_that_has_expired(api: KubernetesApi, server: ApiServer) -> None:
    """It must say so, at its beginning and in the middle."""
    server.answers = [refusal(410)]
    with pytest.raises(Expired):
        await watched(api, 1)

    async def expire(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=json.dumps({"type": "ERROR", "object": {"code": 410}}).encode() + b"\n")

    server.answers = [changes(("MODIFIED", "2")), expire]
    with pytest.raises(Expired):
        await watched(api, 2)


async def test_a_server_with_too_much_to_do_is_asked_again(api: KubernetesApi, server: ApiServer) -> None:
    """When it says, and not without end."""
    server.answers = [refusal(429, {"Retry-After": "0"}), refusal(429, {"Retry-After": "0"}), page("a")]
    assert len((await api.list(CONFIG)).items) == 1
    server.answers = [refusal(429, {"Retry-After": "0"})]
    with pytest.raises(EngineError, match="refused with 429"):
        await api.list(CONFIG)


async def test_a_server_that_is_shutting_down(api: KubernetesApi, server: ApiServer) -> None:
    """It must count as one that does not answer."""
    server.answers = [refusal(503)]
    with pytest.raises(EngineUnavailable, match="refused with 503"):
        await api.list(CONFIG)


async def test_what_is_not_an_api_server(api: KubernetesApi, server: ApiServer) -> None:
    """An answer that makes no sense must be an error that says so."""

    async def page_of_a_proxy(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<html>")

    server.answers = [page_of_a_proxy]
    with pytest.raises(EngineError, match="is not JSON"):
        await api.list(CONFIG)


async def test_a_kind_is_looked_for_again(api: KubernetesApi, server: ApiServer) -> None:
    """One that was not there must be found once it is, and no longer when it has gone."""
    ref = ObjectRef(WIDGET, "w", "default")
    with pytest.raises(NotFound, match="no matches for kind 'Widget'"):
        await api.get(ref)
    server.widgets = True
    with pytest.raises(NotFound, match="404 page not found"):  # it is served, its objects are not
        await api.get(ref)
    server.widgets = False
    with pytest.raises(NotFound, match="no matches for kind 'Widget'"):
        await api.get(ref)


async def test_nobody_answers() -> None:
    """A port that nobody listens on must be an error that names the address."""
    api = HttpKubernetesApi(Connection(Credentials("https://127.0.0.1:1")))
    with pytest.raises(EngineUnavailable, match=r"at https://127\.0\.0\.1:1 does not answer \(connection refused\)"):
        await api.version()
    await api.close()


async def test_certificates_that_are_none() -> None:
    """They must be an error at once."""
    with pytest.raises(EngineError, match="certificates can't be used"):
        Connection(Credentials("https://127.0.0.1:1", authority="no certificate"))
