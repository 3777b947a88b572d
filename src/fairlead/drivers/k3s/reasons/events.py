"""Events of a cluster: which ones concern an object, and the last one of a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def events_of(obj: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The events (of ``v1``) that concern an object, the oldest first.

    Args:
        obj: The object.
        events: Events of any objects. Those of an earlier object of its name are left out, where it has its uid.
    """
    metadata = obj["metadata"]
    return sorted((event for event in events if _concerns(event, obj["kind"], metadata)), key=time_of)


def time_of(event: Mapping[str, Any]) -> str:
    """When an event was last seen, in the form of RFC 3339; empty where it does not tell."""
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return next((str(time) for time in times if time), str(event["metadata"].get("creationTimestamp") or ""))


def last_message(events: Iterable[Mapping[str, Any]], *reasons: str, contains: str = "") -> str:
    """The message of the last event with one of these reasons; empty where there is none.

    Args:
        events: The oldest first.
        reasons: Such as ``FailedMount``.
        contains: A text that has to be in the message.
    """
    messages = [str(event.get("message", "")) for event in events if event.get("reason") in reasons]
    return next((message.strip() for message in reversed(messages) if contains in message), "")


def _concerns(event: Mapping[str, Any], kind: str, metadata: Mapping[str, Any]) -> bool:
    involved = event.get("involvedObject") or {}
    if involved.get("kind") != kind or involved.get("name") != metadata["name"]:
        return False
    if kind == "Node":  # the kubelet gives the name of its node in place of the uid
        return True
    is_same = involved.get("namespace") in (None, metadata.get("namespace"))
    uids = (involved.get("uid"), metadata.get("uid"))
    return is_same and (not all(uids) or uids[0] == uids[1])
