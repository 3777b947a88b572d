"""What the control API answers to requests that go wrong."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from tests.support.stage import stage

from fairlead import AppBuilder
from fairlead.dashboard.api import ControlApi
from fairlead.runtime.host import Host
from fairlead.testing import InMemory


def define(app: AppBuilder) -> None:
    app.add(InMemory("a"))


async def ask(host: Host, tmp_path: Path, request: str) -> tuple[int, dict[str, Any]]:
    """Serve one request; its status, and the error it was answered with."""
    api = ControlApi(host, lambda: None)
    await api.start(tmp_path / "s.sock")
    try:
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s.sock"))
        writer.write(f"{request} HTTP/1.1\r\nHost: fairlead\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1]), json.loads(body)["error"]
    finally:
        await api.close()


@pytest.mark.parametrize(
    "request_line", ["GET /api/logs?tail=inf", "GET /api/logs?tail=x", "GET /api/resources/a/wait?timeout=nan"]
)
async def test_what_is_no_number_is_refused(request_line: str, tmp_path: Path) -> None:
    """A number that is none, or not finite, must be refused as a wrong request."""
    async with stage(define) as shown:
        status, error = await ask(shown.host, tmp_path, request_line)
    assert (status, error["kind"], error["exit_code"]) == (400, "UsageError", 2)
    assert "is not a number" in error["message"]


async def test_an_unknown_path_is_refused_as_json(tmp_path: Path) -> None:
    """Whatever is refused must have the form of an error of ours."""
    async with stage(define) as shown:
        status, error = await ask(shown.host, tmp_path, "GET /api/nothing")
    assert (status, error["message"]) == (404, "GET /api/nothing: Not Found")


async def test_what_nobody_expected(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours must be answered in the form of an error, and be one line without a traceback in the run."""
    async with stage(define) as shown:
        monkeypatch.setattr(shown.host, "record", object())  # which is no record, so showing it fails
        with caplog.at_level(logging.ERROR):
            status, error = await ask(shown.host, tmp_path, "GET /api/app")
    assert (status, error["exit_code"]) == (500, 1)
    assert error["message"].startswith("GET /api/app failed: TypeError: ")
    assert [record.exc_info for record in caplog.records] == [None]
