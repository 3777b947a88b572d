"""Which ports the container of a node has published, as a label: an engine tells that of a running container only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from fairlead.model.driving.ports import ContainerPort

LABEL: Final = "dev.fairlead.published"


def published_label(ports: Iterable[ContainerPort]) -> dict[str, str]:
    """The label of a container that publishes some ports."""
    return {LABEL: json.dumps(sorted(map(_entry, ports)))}


def unpublished(labels: Mapping[str, str], ports: Iterable[ContainerPort], owner: str) -> list[str]:
    """The resources whose ports a container does not publish; its own spare ports don't count.

    Args:
        labels: The container's labels.
        ports: The ports that it should publish.
        owner: The resource that it is the container of.
    """
    try:
        published = [tuple(entry) for entry in json.loads(labels.get(LABEL, "[]"))]
    except (ValueError, TypeError):
        published = []
    return sorted({port.resource for port in ports if port.resource != owner and _entry(port) not in published})


def _entry(port: ContainerPort) -> tuple[int, int, str, bool]:
    return port.container_port, port.host_port, port.protocol, port.external
