"""The template of pods: their containers, and all that these find in their file systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.common_metadata import common_annotations, common_labels
from fairlead.publish.chart.conditions import Switch
from fairlead.publish.chart.labels import pod_labels
from fairlead.publish.chart.leaves import ChartValue, Part, Text, When
from fairlead.publish.chart.open_mapping import OpenMapping, SharedEntries, content_of
from fairlead.publish.chart.pod_schema import ADDED, CONTAINER_FIELDS, HANDLERS, POD_FIELDS, PROBES, pod_value
from fairlead.records import each, mutable_record

OBJECT_SCHEMA = {"type": "object"}
#: What a container of ours requests, and may use, that does next to nothing.
SMALL = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}}
#: The same with disk of the node, for its log and for files outside of volumes.
SMALL_WITH_DISK = {
    "requests": {**SMALL["requests"], "ephemeral-storage": "16Mi"},
    "limits": {**SMALL["limits"], "ephemeral-storage": "64Mi"},
}


@mutable_record
class Mounts:
    """What a container finds in its file system.

    Args:
        volumes: The volumes of the pod.
        mounts: Where its container has them.
        claims: The claims that a StatefulSet makes for each pod, as volumes of their names.
    """

    volumes: list[Any] = each(factory=list)
    mounts: list[Any] = each(factory=list)
    claims: list[dict[str, Any]] = each(factory=list)

    @property
    def has_claims(self) -> bool:
        """Whether a volume of it is claimed, and so may belong to nobody in particular."""
        sources = [content_of(volume) for volume in self.volumes]
        return bool(self.claims) or any("persistentVolumeClaim" in volume for volume in sources)

    def include(self, other: Mounts) -> None:
        """Have what the other has, too."""
        self.volumes += other.volumes
        self.mounts += other.mounts
        self.claims += other.claims


@mutable_record
class Pod:
    """The parts of a pod.

    Args:
        name: The name of the workload's objects.
        resource: The resource's own name.
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
    resource: str
    container: dict[str, Any]
    waits: list[dict[str, Any]] = each(factory=list)
    volumes: list[Any] = each(factory=list)
    annotations: Mapping[str, Text] = each(factory=dict)
    service_account: Text | When | None = None
    mounts_token: bool = False
    security_context: Mapping[str, Any] = each(factory=dict)
    extra: Mapping[str, Any] = each(factory=dict)

    def template(self, chart: Chart) -> dict[str, Any]:
        """The pod as a template for a controller, which the chart's user may change."""
        user = pod_value(chart, self.resource)
        spec: dict[str, Any] = {
            # A Service called `cache` would otherwise put CACHE_PORT into every environment.
            "enableServiceLinks": False,
            "automountServiceAccountToken": Switch(Part(user, "serviceAccount", "automount"), self.mounts_token),
        }
        if self.service_account is not None:
            spec["serviceAccountName"] = self.service_account
        spec["securityContext"] = _context(self.security_context, Part(user, "podSecurityContext"))
        spec |= self.extra
        if isinstance(spec.get("nodeSelector"), OpenMapping):
            spec["nodeSelector"] = spec["nodeSelector"].opened(Part(user, "nodeSelector"))
        if "affinity" in spec:
            spec["affinity"] = OpenMapping(spec["affinity"], Part(user, "affinity"))
        if self.waits:
            spec["initContainers"] = self.waits
        spec["containers"] = [self._open_container(user)]
        if self.volumes:
            spec["volumes"] = self.volumes
        return {
            "metadata": self._metadata(chart, user),
            "spec": OpenMapping(spec, user, fields=POD_FIELDS, added=ADDED),
        }

    def _open_container(self, user: ChartValue) -> OpenMapping:
        container = dict(self.container)
        container["securityContext"] = _context(container["securityContext"], Part(user, "securityContext"))
        for probe in PROBES:
            if probe in container:
                container[probe] = OpenMapping(container[probe], Part(user, probe), exclusive=HANDLERS)
        return OpenMapping(container, user, fields=CONTAINER_FIELDS, added=ADDED)

    def _metadata(self, chart: Chart, user: ChartValue) -> dict[str, Any]:
        labels, annotations = common_labels(chart), common_annotations(chart)
        return {
            "labels": OpenMapping(pod_labels(chart, self.name), labels, Part(user, "labels"), fixed=True),
            "annotations": OpenMapping(self.annotations, annotations, Part(user, "annotations"), fixed=True),
        }


def _context(entries: Mapping[str, Any], changes: Part) -> OpenMapping:
    """A security context, which may be that of other pods as well."""
    name = entries.name if isinstance(entries, SharedEntries) else None
    return OpenMapping(entries, changes, shared_as=name)
