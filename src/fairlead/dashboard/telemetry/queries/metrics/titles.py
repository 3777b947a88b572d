"""What instruments are called in words, in the order in which they are shown."""

from __future__ import annotations

import re

DURATION = "http.server.request.duration"
OLD_DURATION = "http.server.duration"
REQUESTS = "http.server.request.rate"
FAILED_REQUESTS = "http.server.request.errors"
CPU = "process.cpu.utilization"
MEMORY = "process.memory.usage"

_TITLES = {
    DURATION: "Request duration",
    OLD_DURATION: "Request duration",
    REQUESTS: "Requests",
    FAILED_REQUESTS: "Failed requests",
    "http.server.active_requests": "Requests in progress",
    "db.client.connections.usage": "Connections in use",
    "db.client.connection.count": "Connections in use",
    "db.client.connections.pending_requests": "Waiting for a connection",
    "db.client.connection.pending_requests": "Waiting for a connection",
    "db.client.connection.wait_time": "Wait for a connection",
    "db.client.connections.wait_time": "Wait for a connection",
    CPU: "CPU",
    MEMORY: "Memory",
    "db.client.operation.duration": "Query duration",
    "db.client.connection.use_time": "Time a connection is in use",
    "db.client.connections.use_time": "Time a connection is in use",
    "http.client.request.duration": "Outgoing request duration",
    "http.client.duration": "Outgoing request duration",
    "rpc.server.duration": "Call duration",
    "rpc.client.duration": "Outgoing call duration",
    "messaging.client.operation.duration": "Messaging duration",
    "messaging.process.duration": "Message processing duration",
    "messaging.client.sent.messages": "Messages sent",
    "messaging.client.consumed.messages": "Messages received",
    "http.server.request.body.size": "Request size",
    "http.server.request.size": "Request size",
    "http.server.response.body.size": "Response size",
    "http.server.response.size": "Response size",
    "http.client.request.body.size": "Outgoing request size",
    "http.client.request.size": "Outgoing request size",
    "http.client.response.body.size": "Received response size",
    "http.client.response.size": "Received response size",
    "process.cpu.time": "CPU time",
    "process.runtime.cpu.utilization": "CPU of the runtime",
    "process.memory.virtual": "Virtual memory",
    "process.thread.count": "Threads",
    "process.open_file_descriptor.count": "Open files",
    "process.context_switches": "Context switches",
    "process.disk.io": "Disk reads and writes",
    "process.network.io": "Network traffic",
    "process.uptime": "Up for",
    "cpython.gc.collections": "Garbage collections",
    "cpython.gc.collected_objects": "Collected objects",
    "cpython.gc.uncollectable_objects": "Uncollectable objects",
    "nodejs.eventloop.delay.p99": "Delay of the event loop, p99",
    "nodejs.eventloop.utilization": "Use of the event loop",
    "v8js.memory.heap.used": "Heap in use",
    "jvm.memory.used": "Memory of the JVM",
    "jvm.gc.duration": "Garbage collection",
    "jvm.thread.count": "Threads",
    "system.cpu.utilization": "CPU of the machine",
    "system.memory.usage": "Memory of the machine",
    "system.memory.utilization": "Memory of the machine in use",
}
_ORDER = {name: place for place, name in enumerate(_TITLES)}


def title_of(name: str) -> str:
    """What an instrument is called in words: ``shop.orders.placed`` is *Orders placed*."""
    known = _TITLES.get(name)
    if known is not None:
        return known
    words = [word for word in name.split(".") if word]
    text = re.sub(r"[_.\s-]+", " ", " ".join(words[1:] if len(words) > 2 else words)).strip() or name
    return text[0].upper() + text[1:]


def order_of(name: str) -> tuple[int, str]:
    """Where an instrument is shown: the well-known ones first, then by name."""
    return _ORDER.get(name, len(_ORDER)), name
