"""Volumes: which claims there are, and what a pod mounts of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fairlead.model.names import listing
from fairlead.model.volume import VolumeMount
from fairlead.model.workload import Workload
from fairlead.publish.chart import Chart
from fairlead.publish.diagnostics import Report
from fairlead.publish.labels import metadata, pod_labels
from fairlead.publish.names import OBJECT, cut
from fairlead.publish.pod import Mounts
from fairlead.publish.values import When
from fairlead.resources.container import Container
from fairlead.resources.kubernetes import KubernetesEnvironment
from fairlead.resources.postgres import Postgres

TYPES = ("pvc", "emptyDir", "hostPath")
ACCESS_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_NOT_IN_NAMES = re.compile("[^a-z0-9]+")
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(e[0-9]+|[EPTGM]i?|k|Ki)?")
_QUANTITY_SCHEMA = {"type": "string", "pattern": f"^{_QUANTITY.pattern}$"}


class Storage:
    """The volumes of one chart.

    Args:
        chart: The chart.
        environment: Whose defaults hold.
        workloads: Everything that the chart has pods for.
        report: Where volumes are reported that can't be what they are asked to be.
    """

    def __init__(
        self, chart: Chart, environment: KubernetesEnvironment, workloads: Iterable[Workload], report: Report
    ) -> None:
        self._chart = chart
        self._type = environment.properties.default_storage_type
        self._properties = environment.properties
        self._report = report
        self._users: dict[str, list[Workload]] = {}
        self._spellings: dict[str, str] = {}
        for workload in workloads:
            for volume in _volumes(workload):
                if volume.name is not None:
                    self._know(workload, volume.name)

    def _know(self, workload: Workload, volume: str) -> None:
        name = volume_name(volume)
        first = self._spellings.setdefault(name, volume)
        if first != volume:
            self._report.error(
                workload,
                f"the volumes {listing([first, volume])} would both be called {name!r} in the cluster",
                "Rename one of them.",
            )
        users = self._users.setdefault(name, [])
        if workload not in users:
            users.append(workload)

    def has_own_volume(self, workload: Workload) -> bool:
        """Whether it has a volume that is kept and that no other has, so that each of its pods can have its own."""
        return self._type == "pvc" and any(
            volume.name is not None and self._users[volume_name(volume.name)] == [workload]
            for volume in _volumes(workload)
        )

    def is_exclusive(self, workload: Workload) -> bool:
        """Whether it has a claim that an old pod has to let go before a new one, on another node, can have it."""
        return self._type == "pvc" and any(volume.name is not None for volume in _volumes(workload))

    def mounts(self, workload: Workload, name: str, *, per_pod: bool) -> Mounts:
        """What a workload mounts.

        Args:
            workload: The workload.
            name: The name of its objects.
            per_pod: Whether its controller makes claims for each pod.
        """
        made = Mounts()
        known: set[str] = set()
        for number, volume in enumerate(_volumes(workload), 1):
            called = f"fairlead-scratch-{number}" if volume.name is None else volume_name(volume.name)
            if called not in known:
                known.add(called)
                own = volume.name is not None and self._users[called] == [workload]
                if volume.name is None or self._type == "emptyDir":
                    made.volumes.append({"name": called, "emptyDir": {}})
                elif self._type == "hostPath":
                    made.volumes.append({"name": called, "hostPath": self._host_path(volume.name, called)})
                elif own and per_pod:
                    made.claims.append(self._template(workload, name, volume.name, called))
                else:
                    made.volumes.append({"name": called, "persistentVolumeClaim": {"claimName": called}})
            made.mounts.append(_mount(workload, volume, called))
        return made

    def claims(self, workload: Workload, *, per_pod: bool) -> list[dict[str, Any]]:
        """The claims that are made for a workload and stand for themselves; a shared one is made for its first user."""
        if self._type != "pvc":
            return []
        names = dict.fromkeys(volume.name for volume in _volumes(workload) if volume.name is not None)
        return [
            self._claim(volume)
            for volume in names
            if (users := self._users[volume_name(volume)])[0] is workload and not (per_pod and users == [workload])
        ]

    def _claim(self, volume: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": metadata(self._chart, volume_name(volume)),
            "spec": self._claim_spec(volume),
        }

    def _template(self, workload: Workload, name: str, volume: str, called: str) -> dict[str, Any]:
        # Neither can be changed once the StatefulSet is there, so there is no version in the labels.
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": called, "labels": pod_labels(self._chart, name)},
            "spec": self._claim_spec(volume),
        }

    def _claim_spec(self, volume: str) -> dict[str, Any]:
        properties, values, key = self._properties, self._chart.values, ("storage", volume)
        class_name = values.declare(
            (*key, "storageClass"),
            properties.default_storage_class_name or "",
            comment="Empty for the cluster's default class. What a StatefulSet claims can't be changed later.",
        )
        mode = values.declare(
            (*key, "accessMode"),
            properties.default_storage_read_write_policy,
            schema={"type": "string", "enum": list(ACCESS_MODES)},
        )
        size = values.declare((*key, "size"), properties.default_storage_size, schema=_QUANTITY_SCHEMA)
        return {
            "accessModes": [mode],
            "storageClassName": When((class_name,), class_name),
            "resources": {"requests": {"storage": size}},
        }

    def _host_path(self, volume: str, called: str) -> dict[str, Any]:
        path = self._chart.values.declare(
            ("storage", volume, "hostPath"),
            f"/var/lib/{self._chart.app}/{called}",
            comment="A folder of the node; what another node has there is something else.",
        )
        return {"path": path, "type": "DirectoryOrCreate"}


def _mount(workload: Workload, volume: VolumeMount, called: str) -> dict[str, Any]:
    mount: dict[str, Any] = {"name": called, "mountPath": volume.target.rstrip("/") or "/"}
    if isinstance(workload, Postgres) and volume.target.rstrip("/") == Postgres.data_path:
        # A new disk may hold lost+found, and Postgres makes its files in an empty folder only.
        mount["subPath"] = "data"
    if volume.read_only:
        mount["readOnly"] = True
    return mount


def _volumes(workload: Workload) -> list[VolumeMount]:
    return workload.volumes if isinstance(workload, Container) else []


def volume_name(volume: str) -> str:
    """The name of a volume, and of its claim, in a cluster."""
    return cut(_NOT_IN_NAMES.sub("-", volume.lower()).strip("-") or "volume", OBJECT)


def is_quantity(text: str) -> bool:
    """Whether a text is an amount as Kubernetes writes it."""
    return _QUANTITY.fullmatch(text) is not None
