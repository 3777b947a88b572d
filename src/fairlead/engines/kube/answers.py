"""What an API server's answers mean: errors out of its refusals, changes out of the lines of a watch. All pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fairlead.engines.kube import ApiRefusal, Conflict, Expired, NotFound, Object, WatchEvent
from fairlead.errors import EngineError, EngineUnavailable

_KINDS: Final[dict[int, type[ApiRefusal]]] = {404: NotFound, 409: Conflict, 410: Expired}
_AWAY: Final = {502, 503, 504}
_BOOKMARK: Final = "BOOKMARK"


def status_of(content: bytes, http_status: int) -> dict[str, Any]:
    """The Status object of a refusal; one with the answer's text as its message where it is none."""
    # {"kind":"Status","status":"Failure","message":"pods \"a\" not found","reason":"NotFound","details":{…},"code":404}
    try:
        status = json.loads(content)
    except ValueError:
        status = None
    if isinstance(status, dict) and status.get("kind") == "Status":
        return status
    text = content.decode(errors="replace").strip()
    return {"code": http_status, "message": text or f"HTTP status {http_status}"}


def error_of(status: Mapping[str, Any]) -> EngineError:
    """The error that a Status object is, with its words."""
    code = int(status.get("code") or 0)
    message = str(status.get("message") or status.get("reason") or f"HTTP status {code}")
    if code in _AWAY:
        return EngineUnavailable(f"the Kubernetes API does not answer requests now: {message}")
    return _KINDS.get(code, ApiRefusal)(message, reason=str(status.get("reason") or ""))


def is_about_an_object(status: Mapping[str, Any]) -> bool:
    """Whether what was not found is an object, or a namespace, and not the kind."""
    return bool((status.get("details") or {}).get("name"))


def event_of(line: bytes) -> tuple[WatchEvent | None, str]:
    """The change that a line of a watch tells, if it tells one, and the version that it is of.

    Raises:
        EngineError: It tells an error.
    """
    # {"type":"MODIFIED","object":{…}}, {"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}},
    # {"type":"ERROR","object":{"kind":"Status","code":410,…}}
    change = json.loads(line)
    kind, obj = change["type"], change["object"]
    if kind == "ERROR":
        raise error_of(obj)
    version = str(obj["metadata"]["resourceVersion"])
    return (None if kind == _BOOKMARK else WatchEvent(kind, without_managed_fields(obj))), version


def without_managed_fields(obj: Object) -> Object:
    """The same object, from which ``metadata.managedFields`` have been taken out."""
    obj["metadata"].pop("managedFields", None)
    return obj


def unready_checks(text: str) -> tuple[str, ...]:
    """The checks that fail, out of the answer of ``/readyz?verbose``."""
    # [+]ping ok
    # [-]etcd failed: reason withheld
    # readyz check failed
    lines = (line.removeprefix("[-]") for line in text.splitlines() if line.startswith("[-]"))
    return tuple(line.partition(" failed")[0] for line in lines)
