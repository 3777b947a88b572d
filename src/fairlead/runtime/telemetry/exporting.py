"""The port to which the resources of a run send telemetry: bound before they start, served once there is a server."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fairlead.engines.sockets import LOOPBACKS
from fairlead.model.endpoints.placement import HOST_FROM_CONTAINER
from fairlead.model.lifetime import Lifetime
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.resources.container import Container
from fairlead.runtime.store.ports import PortRequest
from fairlead.runtime.telemetry.tokens import Tokens
from fairlead.runtime.telemetry.variables import Identity, exporter_variables, has_own_destination

ORIGIN: Final = "telemetry"
"""What is shown as the origin of the variables."""
_KEY: Final = ":telemetry"  # no resource has such a name
_BACKLOG: Final = 128
_HOST: Final = LOOPBACKS[0]


def port_request(*, for_containers: bool) -> PortRequest:
    """The port that telemetry needs; containers reach it by the same number at the gateway of their network."""
    return PortRequest(_KEY, host="0.0.0.0" if for_containers else _HOST)


def port_of(ports: Mapping[str, int]) -> int:
    """The port that was allocated for telemetry."""
    return ports[_KEY]


@dataclass(frozen=True, slots=True)
class TelemetryPort:
    """What drivers need to know: the port of the loopback interface; None where no telemetry is received."""

    number: int | None = None


class Exporting:
    """Tells the resources of one run where to send telemetry.

    Args:
        listening: The port's socket, which is bound and lets connections wait.
        tokens: Gives each resource its token.
        run_id: The run.
    """

    def __init__(self, listening: socket.socket, tokens: Tokens, run_id: str) -> None:
        self.listening = listening
        self.tokens = tokens
        self._run_id = run_id

    @classmethod
    def open(cls, port: int, tokens: Tokens, run_id: str) -> Exporting:
        """Bind the port; another that is free, should this one be taken by now.

        Raises:
            OSError: No port can be had.
        """
        try:
            listening = socket.create_server((_HOST, port), backlog=_BACKLOG)
        except OSError:
            listening = socket.create_server((_HOST, 0), backlog=_BACKLOG)
        return cls(listening, tokens, run_id)

    @property
    def port(self) -> int:
        """The port, on the loopback interface."""
        return int(self.listening.getsockname()[1])

    async def close(self) -> None:
        """Give the port up."""
        self.listening.close()

    def variables(
        self, resource: Workload, instance: str, given: Mapping[str, str], inherited: Mapping[str, str]
    ) -> dict[str, str]:
        """The variables to add for one replica of a resource; empty for one that sends no telemetry, or elsewhere.

        Args:
            resource: The resource.
            instance: What the replica is called.
            given: What the definition gives it.
            inherited: What it sees beyond that.

        Raises:
            StateError: The key of lasting tokens can't be read or stored.
        """
        known = {**inherited, **given}
        if not sends(resource) or has_own_destination(known):
            return {}
        outlives_run = isinstance(resource, Container) and resource.lifetime is Lifetime.PERSISTENT
        token = self.tokens.of(resource.name, outlives_run=outlives_run)
        identity = Identity(token, instance, "" if outlives_run else self._run_id)
        host = _HOST if resource.placement.is_process else HOST_FROM_CONTAINER
        return exporter_variables(resource, known, f"http://{host}:{self.port}", identity)


def sends(resource: Resource) -> bool:
    """Whether a resource is a program of this machine that is told where to send telemetry."""
    if not isinstance(resource, Workload) or not resource.exports_telemetry:
        return False
    return resource.placement.is_process or resource.placement.is_container


def containers_send(resources: Iterable[Resource]) -> bool:
    """Whether a container is told where to send telemetry."""
    return any(resource.placement.is_container and sends(resource) for resource in resources)
