"""The template of pods: their containers, and all that these find in their file systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.labels import pod_labels
from fairlead.publish.chart.leaves import Text

OBJECT_SCHEMA = {"type": "object"}
#: What a container of ours requests, and may use, that does next to nothing.
SMALL = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}}
#: What a container of ours asks for and may use that does next to nothing.
SMALL = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}}


@dataclass
class Mounts:
    """What a container finds in its file system.

    Args:
        volumes: The volumes of the pod.
        mounts: Where its container has them.
        claims: The claims that a StatefulSet makes for each pod, as volumes of their names.
    """

    volumes: list[dict[str, Any]] = field(default_factory=list)
    mounts: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)

    def include(self, other: Mounts) -> None:
        """Have what the other has, too."""
        self.volumes += other.volumes
        self.mounts += other.mounts
        self.claims += other.claims


@dataclass(kw_only=True)
class Pod:
    """The parts of a pod.

    Args:
        name: The name of the workload's objects.
        container: Its container.
        waits: The containers that run before it, each of which waits for something.
        volumes: What they mount.
        annotations: Its annotations.
        service_account: Who it is for the cluster; None for nobody in particular.
        mounts_token: Whether its program gets a token to talk to the cluster.
        security_context: What holds for all its containers.
        extra: More fields of its specification.
    """

    name: str
    container: dict[str, Any]
    waits: list[dict[str, Any]] = field(default_factory=list)
    volumes: list[dict[str, Any]] = field(default_factory=list)
    annotations: Mapping[str, Text] = field(default_factory=dict)
    service_account: Text | None = None
    mounts_token: bool = False
    security_context: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def template(self, chart: Chart) -> dict[str, Any]:
        """The pod as a template for a controller."""
        spec: dict[str, Any] = {
            # A Service called `cache` would otherwise put CACHE_PORT into every environment.
            "enableServiceLinks": False,
            "automountServiceAccountToken": self.mounts_token,
        }
        if self.service_account is not None:
            spec["serviceAccountName"] = self.service_account
        if self.security_context:
            spec["securityContext"] = dict(self.security_context)
        spec |= self.extra
        if self.waits:
            spec["initContainers"] = self.waits
        spec["containers"] = [self.container]
        if self.volumes:
            spec["volumes"] = self.volumes
        metadata: dict[str, Any] = {"labels": pod_labels(chart, self.name)}
        if self.annotations:
            metadata["annotations"] = dict(self.annotations)
        return {"metadata": metadata, "spec": spec}
