"""What an API server's answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.engines.kube import ApiRefusal, Conflict, Expired, NotFound
from fairlead.engines.kube.answers import error_of, event_of, is_about_an_object, status_of, unready_checks
from fairlead.engines.kube.pod_log import LogReader
from fairlead.engines.kube.times import nanoseconds_since_epoch, seconds_since_epoch
from fairlead.errors import EngineError, EngineUnavailable


def status(code: int, **fields: Any) -> dict[str, Any]:
    return {"kind": "Status", "status": "Failure", "message": "its words", "code": code, **fields}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (404, NotFound),
        (409, Conflict),
        (410, Expired),
        (403, ApiRefusal),
        (422, ApiRefusal),
        (500, ApiRefusal),
        (503, EngineUnavailable),
        (504, EngineUnavailable),
    ],
)
def test_a_refusal_is_an_error_with_its_words(code: int, error: type[EngineError]) -> None:
    """Each kind of refusal must be an error of its own, with the server's message."""
    raised = error_of(status(code, reason="Because"))
    assert type(raised) is error
    assert "its words" in raised.message
    assert not isinstance(raised, ApiRefusal) or raised.reason == "Because"


def test_an_answer_that_is_no_status() -> None:
    """The text of a proxy, or nothing at all, must become a message as well."""
    assert error_of(status_of(b"404 page not found\n", 404)).message == "404 page not found"
    assert error_of(status_of(b"", 500)).message == "HTTP status 500"
    assert isinstance(error_of(status_of(b"[]", 404)), NotFound)


def test_what_was_not_found() -> None:
    """An object that is not there must be told from a kind that is not."""
    assert is_about_an_object(status(404, details={"name": "a", "kind": "configmaps"}))
    assert not is_about_an_object(status(404, details={}))
    assert not is_about_an_object(status_of(b"404 page not found", 404))


def line(type: str, **obj: Any) -> bytes:
    return json.dumps({"type": type, "object": obj}).encode()


def test_the_lines_of_a_watch() -> None:
    """A change must come without managedFields, a bookmark must only tell its version, an error must be raised."""
    event, version = event_of(line("MODIFIED", metadata={"name": "a", "resourceVersion": "7", "managedFields": [1]}))
    assert event is not None and event.type == "MODIFIED"
    assert event.object == {"metadata": {"name": "a", "resourceVersion": "7"}}
    assert version == "7"
    assert event_of(line("BOOKMARK", metadata={"resourceVersion": "9"})) == (None, "9")
    with pytest.raises(Expired, match="its words"):
        event_of(line("ERROR", **status(410)))


def test_the_checks_that_fail() -> None:
    """Only they must be named."""
    answer = (
        "[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/rbac failed: not finished\nreadyz check failed"
    )
    assert unready_checks(answer) == ("etcd", "poststarthook/rbac")


def test_times_are_told_apart_to_the_nanosecond() -> None:
    """Zeros that are left out must count, and another zone too."""
    time = nanoseconds_since_epoch("2026-11-20T23:55:56.794128313Z")
    assert nanoseconds_since_epoch("2026-11-20T23:55:56.794128314Z") == time + 1
    assert nanoseconds_since_epoch("2026-11-20T23:55:56.8Z") > time
    assert nanoseconds_since_epoch("2026-11-21T00:55:56.794128313+01:00") == time
    assert seconds_since_epoch("1970-01-01T00:01:00Z") == 60.0
    with pytest.raises(ValueError, match="is not a time"):
        seconds_since_epoch("yesterday")


STAMPED = b"2026-11-20T23:55:56.1Z one\n2026-11-20T23:55:56.15Z two\n2026-11-20T23:55:57Z three\n"


def test_a_log_is_taken_apart_wherever_it_is_cut() -> None:
    """Whatever the chunks were, the same lines must come, each once, with the last one's time."""
    for cut in range(len(STAMPED)):
        reader = LogReader()
        chunks = [chunk for part in (STAMPED[:cut], STAMPED[cut:]) if (chunk := reader.feed(part))]
        assert [line for chunk in chunks for line in chunk.lines] == [b"one", b"two", b"three"]
        assert chunks[-1].time == "2026-11-20T23:55:57Z"
        assert reader.end() is None


def test_a_log_goes_on_behind_a_line() -> None:
    """What came before must be left out, though the server tells it again."""
    assert LogReader("2026-11-20T23:55:56.1Z").feed(STAMPED) == ("2026-11-20T23:55:57Z", [b"two", b"three"])
    assert LogReader("2026-11-20T23:55:57Z").feed(STAMPED) is None


def test_the_odd_lines_of_a_log() -> None:
    """Empty lines, one without its end and one that is too long must be there in full."""
    reader = LogReader()
    long = b"x" * 70_000
    chunk = reader.feed(b"2026-11-20T23:55:56Z \n2026-11-20T23:55:57Z " + long + b"\n2026-11-20T23:55:58Z end")
    assert chunk is not None
    assert chunk.lines[0] == b""
    assert b"".join(chunk.lines[1:]) == long
    assert reader.end() == ("2026-11-20T23:55:58Z", [b"end"])
