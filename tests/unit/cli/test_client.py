"""The client of the control API must get over a cut stream, and reach resources whatever their ids are."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fairlead import NotRunning
from fairlead.cli.client import Client, resource_path
from fairlead.runtime.store.instance import InstanceLock, RunRecord

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunRecord]:
    """A host that is claimed by this process."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    record = RunRecord("shop-1", "shop", "apphost.py", os.getpid(), 0.0, "run", str(tmp_path / "s"))
    lock = InstanceLock()
    lock.acquire(record)
    yield record
    lock.release()


@contextmanager
def host(record: RunRecord, answers: list[tuple[list[Any], bool]]) -> Iterator[list[str]]:
    """Answer each request with a stream of objects, which ends or breaks off; the targets that were asked for."""
    asked: list[str] = []
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(record.socket)
    listening.listen()

    def serve() -> None:
        for entries, ends in answers:
            connection, _ = listening.accept()
            with connection:
                asked.append(connection.recv(65536).split(b" ")[1].decode())
                data = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
                connection.sendall(HEAD + b"%x\r\n%s\r\n" % (len(data), data) + (b"0\r\n\r\n" if ends else b""))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield asked
    finally:
        thread.join()
        listening.close()


def test_a_cut_log_goes_on_behind_its_last_line(record: RunRecord) -> None:
    """A client that was cut while its host runs must go on behind the cursor of the last record, with nothing twice."""
    first = [{"text": "1", "cursor": "e-1"}, {"text": "2", "cursor": "e-2"}, {"text": "open", "kind": "open"}]
    answers: list[tuple[list[Any], bool]] = [(first, False), ([{"text": "3", "cursor": "e-3"}], True)]
    with host(record, answers) as asked:
        texts = [entry["text"] for entry in Client(record).follow("/api/logs", [("tail", 5)])]
    assert texts == ["1", "2", "open", "3"]
    assert asked == ["/api/logs?tail=5&follow=1", "/api/logs?tail=5&follow=1&after=e-2"]


def test_any_field_may_lead_on(record: RunRecord) -> None:
    """A stream must go on behind the field that leads on, in place of where it was told to begin."""
    answers: list[tuple[list[Any], bool]] = [([{"id": 7}, {"kind": "gap"}], False), ([{"id": 9}], True)]
    with host(record, answers) as asked:
        assert len(list(Client(record).follow("/x", [("after", 3), ("q", "a")], cursor_field="id"))) == 3
    assert asked == ["/x?after=3&q=a&follow=1", "/x?q=a&follow=1&after=7"]


def test_a_cut_watch_goes_on_with_what_is_newer(record: RunRecord) -> None:
    """What a new watcher is sent anew must not be shown again."""
    answers: list[tuple[list[Any], bool]] = [
        ([{"id": "a", "version": 3}, {"id": "b", "version": 4}], False),
        ([{"id": "a", "version": 3}, {"id": "b", "version": 6}], True),
    ]
    with host(record, answers):
        seen = [(entry["id"], entry["version"]) for entry in Client(record).follow("/api/resources")]
    assert seen == [("a", 3), ("b", 4), ("b", 6)]


def test_a_stream_ends_with_its_host(record: RunRecord) -> None:
    """A stream that breaks off because the host has ended must say that."""
    with host(record, [([{"text": "1", "cursor": "e-1"}], False)]):
        another = Client(replace(record, run_id="another"))  # which is claimed by nobody
        entries = another.follow("/api/logs")
        assert next(entries)["text"] == "1"
        with pytest.raises(NotRunning, match="shop has ended"):
            next(entries)


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ("api", "/api/resources/api/wait"),
        ("k8s/pod/default/web-1", "/api/resources/k8s%2Fpod%2Fdefault%2Fweb-1/wait"),
        ("what? 100%", "/api/resources/what%3F%20100%25/wait"),
    ],
)
def test_an_id_is_one_segment(id: str, path: str) -> None:
    """Whatever is in an id must stay in its segment of the path."""
    assert resource_path(id, "wait") == path
