"""Kinds of another package that are mostly facts about an image: a broker, and a broker that runs elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from fairlead import ClusterKind, CommandLine, Container, Executable, Resource, Value, Workload, ref


class RabbitMQ(Container):
    """A message broker. It keeps its data in a folder called after its host name."""

    kind: ClassVar[str] = "RabbitMQ"
    capabilities: ClassVar[tuple[str, ...] | None] = ("CHOWN", "SETGID", "SETUID")
    keeps_own_data: ClassVar[bool] = True
    stable_host_name: ClassVar[bool] = True
    data_path: ClassVar[str | None] = "/var/lib/rabbitmq"
    data_subpath: ClassVar[str | None] = "mnesia"
    ready_command: ClassVar[tuple[str, ...]] = ("rabbitmq-diagnostics", "-q", "ping")
    ready_timeout: ClassVar[int] = 15

    def __init__(self, name: str, *, image: str = "rabbitmq:4.0") -> None:
        super().__init__(name, image)
        self.with_endpoint("amqp", scheme="amqp", target_port=5672)

    @property
    def connection_string(self) -> Value:
        """Where clients connect."""
        amqp = self.endpoint("amqp")
        return ref("amqp://{host}:{port}", host=amqp.host, port=amqp.port)


class HostedBroker(Resource):
    """A broker that somebody else runs: an address, and nothing to start."""

    kind: ClassVar[str] = "Hosted broker"
    driver: ClassVar[str | None] = "tests.thirdparty.kafka:MirrorDriver"
    passive: ClassVar[bool] = True

    @property
    def connection_string(self) -> Value:
        """Where clients connect."""
        return ref("amqps://broker.example.com:5671")


class Consumer(Executable):
    """A program that is started by a command of its own in a cluster."""

    kind: ClassVar[str] = "Consumer"
    cluster_kind: ClassVar[str | None] = "tests.thirdparty.rabbitmq:ConsumerClusterKind"


class ConsumerClusterKind(ClusterKind):
    """Starts a consumer in a cluster."""

    def command_line(self, workload: Workload, ports: Mapping[str, Any]) -> CommandLine:
        """One worker, since each pod has its own."""
        return CommandLine(("consume",), ("--workers", "1"))
