"""A kind as another package would ship it: written on what ``fairlead`` exports, and nothing else of it.

It stands for a message broker. The broker is a small line server inside the host's process, which speaks no more of
the real protocol than the tests need: ``LIST`` answers with its topics.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from fairlead import (
    Consumer,
    Contribution,
    Driver,
    DriverContext,
    Health,
    Resource,
    StartError,
    StopReason,
    Value,
    Workload,
    ref,
)


class Kafka(Workload):
    """A broker.

    Args:
        name: The resource's name.
        retention: How long messages are kept; may be deferred.
    """

    kind: ClassVar[str] = "Kafka"
    driver: ClassVar[str | None] = "tests.thirdparty.kafka:KafkaDriver"

    def __init__(self, name: str, *, retention: str | Value = "7d") -> None:
        super().__init__(name)
        self.topics: list[str] = []
        self.retention = retention
        #: What a client has to show; the driver makes it up.
        self.token = self.output("token", secret=True)
        self.with_endpoint("broker", scheme="kafka").with_environment("RETENTION", retention)

    def with_topic(self, topic: str) -> Self:
        """Create a topic when it starts."""
        self.topics.append(topic)
        return self

    def add_mirror(self, name: str) -> Mirror:
        """A copy of it, which starts after it."""
        return self.adopt(Mirror(name, self))

    @property
    def connection_string(self) -> Value:
        """Where it listens, with the token."""
        broker = self.endpoint("broker")
        return ref("kafka://{token:uri}@{host}:{port}", token=self.token, host=broker.host, port=broker.port)

    @property
    def connection_properties(self) -> Mapping[str, Any]:
        """The bootstrap server, as clients call it."""
        return {"BOOTSTRAP": self.endpoint("broker").host_and_port, "TOKEN": self.token}

    def contribute(self, consumer: Consumer) -> Contribution:
        """The usual variables, and the topics."""
        usual = super().contribute(consumer)
        return Contribution(env={**usual.env, "KAFKA_TOPICS": ",".join(self.topics)})


class Mirror(Resource):
    """A value-only child: it has an address, and nothing of its own to run."""

    kind: ClassVar[str] = "Kafka mirror"
    driver: ClassVar[str | None] = "tests.thirdparty.kafka:MirrorDriver"

    def __init__(self, name: str, source: Kafka) -> None:
        super().__init__(name)
        self.source = source
        self.wait_for(source)

    def _given_values(self) -> Iterator[Any]:
        """It can't start before the token is known."""
        yield from super()._given_values()
        yield self.source.token, self.where

    def contribute(self, consumer: Consumer) -> Contribution:
        """One variable of its own."""
        return Contribution(env={"MIRROR_OF": self.source.connection_string})


class Broker(asyncio.Protocol):
    """One connection to the broker.

    Args:
        answer: What it says to ``LIST``.
        connections: Where it is listed while it is open.
    """

    def __init__(self, answer: bytes, connections: set[asyncio.Transport]) -> None:
        self._answer, self._connections = answer, connections
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(transport)

    def data_received(self, data: bytes) -> None:
        self._asked += data
        if b"\n" in self._asked:
            if self._asked.startswith(b"LIST\n"):
                self._transport.write(self._answer)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._transport)


class KafkaDriver(Driver):
    """Runs the broker inside the host's process."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Transport] = set()

    async def start(self, context: DriverContext) -> None:
        """Listen, and make the token known."""
        resource = context.resource
        assert isinstance(resource, Kafka)
        environment = await context.environment()
        if not environment["RETENTION"].endswith("d"):
            raise StartError(f"retention {environment['RETENTION']!r} is not in days", remedy='Write "7d".')
        answer = (",".join(resource.topics) + "\n").encode()
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Broker(answer, self._connections), "127.0.0.1", context.port("broker")
        )
        token = secrets.token_hex(8)
        context.mask(token)
        context.set_output("token", token)
        context.log(f"{len(resource.topics)} topics, token {token}")
        context.report(topics=len(resource.topics))

    async def stop(self, reason: StopReason) -> int | None:
        """Stop listening, and cut who is connected."""
        if self._server is not None:
            self._server.close()
            for connection in tuple(self._connections):
                connection.abort()
            await self._server.wait_closed()
        return None

    async def health(self) -> Health | None:
        """Whether it listens."""
        listening = self._server is not None and self._server.is_serving()
        return Health.healthy("listening") if listening else Health.unhealthy("not listening")


class MirrorDriver(Driver):
    """Looks at the source once."""

    async def start(self, context: DriverContext) -> None:
        """Resolve the source's address."""
        resource = context.resource
        assert isinstance(resource, Mirror)
        address = await context.resolve(resource.source.connection_string)
        context.log(f"mirrors {address}")

    async def stop(self, reason: StopReason) -> int | None:
        """There is nothing to stop."""
        return None
