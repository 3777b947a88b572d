"""Who sent what: a sender for each OTLP resource, made once for all records that it sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fairlead.dashboard.telemetry.otlp.attributes import attributes_of
from fairlead.dashboard.telemetry.otlp.limits import NAME_CHARACTERS, cut
from fairlead.dashboard.telemetry.records import Attributes, Sender

if TYPE_CHECKING:  # protobuf is imported with the first request
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource

INSTANCE = "service.instance.id"
_MOST = 512

SenderOf = Callable[[Attributes], Sender]
"""Tells the sender by the attributes of an OTLP resource."""


def sender_for(resource: str) -> SenderOf:
    """The senders of one resource of the app: what a program says of itself tells its replicas apart, and no more."""

    def sender(attributes: Attributes) -> Sender:
        instance = attributes.get(INSTANCE)
        name = cut(str(instance), NAME_CHARACTERS) if isinstance(instance, (str, int)) and str(instance) else resource
        return Sender(resource, name, attributes)

    return sender


class Senders:
    """The senders that are known, so that those of equal OTLP resources are one object.

    Args:
        sender_of: Makes a new one.
    """

    def __init__(self, sender_of: SenderOf) -> None:
        self._sender_of = sender_of
        self._known: dict[bytes, Sender] = {}

    def of(self, resource: Resource) -> Sender:
        """The sender that an OTLP resource stands for."""
        key = resource.SerializeToString()
        sender = self._known.get(key)
        if sender is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            attributes = attributes_of(resource.attributes, resource.dropped_attributes_count)
            sender = self._known[key] = self._sender_of(attributes)
        return sender
