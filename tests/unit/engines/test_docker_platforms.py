"""Images of one name for several platforms, which only newer engines tell apart."""

from __future__ import annotations

import json

import pytest
from aiohttp import web

from fairlead.engines.docker import connect


async def test_a_newer_engine_is_asked_for_the_platform(unused_tcp_port: int) -> None:
    """An engine that holds a name for several platforms must be asked for the one that is meant."""
    asked: list[str] = []

    async def version(request: web.Request) -> web.Response:
        return web.json_response({"Version": "29.0.0", "ApiVersion": "1.52", "MinAPIVersion": "1.44"})

    async def inspect(request: web.Request) -> web.Response:
        asked.append(request.path)
        platform = json.loads(request.query.get("platform", '{"os": "linux", "architecture": "arm64"}'))
        if platform["architecture"] not in ("arm64", "amd64"):
            return web.json_response({"message": "no such image for that platform"}, status=404)
        raw = {"Id": f"sha256:{platform['architecture']}"}
        return web.json_response(raw | {"Os": platform["os"], "Architecture": platform["architecture"]})

    app = web.Application()
    app.router.add_get("/version", version)
    app.router.add_get("/{version}/images/two:1/json", inspect)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    engine = await connect({"DOCKER_HOST": f"tcp://127.0.0.1:{unused_tcp_port}"})
    try:
        for platform, expected in ((None, "arm64"), ("linux/amd64", "amd64"), ("linux/arm64/v8", "arm64")):
            image = await engine.image("two:1", platform)
            assert image is not None and image.id == f"sha256:{expected}"
        assert await engine.image("two:1", "linux/s390x") is None
        assert asked == ["/v1.44/images/two:1/json", *["/v1.49/images/two:1/json"] * 3]
    finally:
        await engine.close()
        await runner.cleanup()


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        ("1.52", ("/v1.48/images/get", '{"os": "linux", "architecture": "arm64"}')),
        ("1.41", ("/v1.41/images/get", None)),
    ],
)
async def test_what_is_saved_for_a_platform(
    newest: str, expected: tuple[str, str | None], unused_tcp_port: int
) -> None:
    """An engine that holds a name for several platforms must be asked to save one, and an older one just the name."""
    asked: list[tuple[str, str | None]] = []

    async def version(request: web.Request) -> web.Response:
        return web.json_response({"Version": "1", "ApiVersion": newest, "MinAPIVersion": "1.24"})

    async def save(request: web.Request) -> web.Response:
        assert request.query.getall("names") == ["one:1", "two:1"]
        asked.append((request.path, request.query.get("platform")))
        return web.Response(body=b"archive")

    app = web.Application()
    app.router.add_get("/version", version)
    app.router.add_get("/{version}/images/get", save)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    engine = await connect({"DOCKER_HOST": f"tcp://127.0.0.1:{unused_tcp_port}"})
    try:
        pieces = [piece async for piece in engine.save_images("one:1", "two:1", platform="linux/arm64")]
        assert b"".join(pieces) == b"archive"
        assert asked == [expected]
    finally:
        await engine.close()
        await runner.cleanup()
