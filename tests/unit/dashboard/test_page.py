"""The page as it is served: public files, everything else behind the token."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from fairlead.dashboard.static import Page

INDEX = "<!doctype html><title>Fairlead</title>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "assets" / "main-1a2b.js").write_text("export {};\n" * 100)
    (tmp_path.parent / "outside.txt").write_text("not yours")
    return tmp_path


async def client_of(page: Page) -> TestClient[web.Request, web.Application]:
    application = web.Application()
    application.router.add_get("/{path:.*}", page.answer)
    return TestClient(TestServer(application))


async def test_addresses_within_the_page_show_the_page(folder: Path) -> None:
    async with await client_of(Page(folder)) as client:
        for address in ("/", "/resources/api", "/traces/4bf92f", "/../outside.txt", "/%2e%2e/outside.txt"):
            answer = await client.get(address)
            assert (answer.status, await answer.text()) == (200, INDEX)
            assert answer.headers["Cache-Control"] == "no-cache"


async def test_files_with_changing_names_are_kept_and_compressed(folder: Path) -> None:
    async with await client_of(Page(folder)) as client:
        answer = await client.get("/assets/main-1a2b.js")
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert await answer.text() == "export {};\n" * 100
        plain = await client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers


async def test_nothing_but_its_own_scripts_and_styles_may_run(folder: Path) -> None:
    async with await client_of(Page(folder)) as client:
        policy = (await client.get("/")).headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


async def test_a_page_that_is_not_built_says_how(tmp_path: Path) -> None:
    async with await client_of(Page(tmp_path / "page")) as client:
        answer = await client.get("/")
        assert answer.status == 503
        assert "make setup" in await answer.text()
