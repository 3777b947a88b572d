"""Volumes: which claims there are, and what a pod mounts of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.model.kubernetes.workload_options import ClaimMount
from fairlead.model.names import listing
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import is_completion_target
from fairlead.model.volume import VolumeMount
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.claims import CLASS_COMMENT, KEEP, MODE_SCHEMA, QUANTITY_SCHEMA, class_entry
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import metadata, pod_labels
from fairlead.publish.chart.leaves import Builtin, When, WithDefault, join
from fairlead.publish.chart.names import OBJECT, cut
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.pod import Mounts
from fairlead.publish.chart.properties import default_text, property_value
from fairlead.publish.chart.sections import Section
from fairlead.publish.workloads.controllers import SCALABLE_KINDS, pods_of
from fairlead.publish.workloads.mounts.persistent_volumes import claim_name
from fairlead.publish.workloads.node_selection import environment_code
from fairlead.publish.workloads.pod_profile import is_default
from fairlead.resources.container import Container
from fairlead.resources.kubernetes import KubernetesEnvironment

TYPES = ("pvc", "emptyDir", "hostPath")
#: Access modes that let pods on several nodes have a volume at once.
_SHARED = ("ReadOnlyMany", "ReadWriteMany")
#: How the volumes of a pod begin that no definition names: those for files, scratch space and waits.
OURS = "fairlead-"
_NOT_IN_NAMES = "[^a-z0-9]+"


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
        self._environment = environment
        self._type = default_text(environment.properties.default_storage_type) or "pvc"
        self._properties = environment.properties
        self._report = report
        self._workloads = list(workloads)
        self._users: dict[str, list[Workload]] = {}
        self._spellings: dict[str, str] = {}
        for workload in sorted(self._workloads, key=lambda workload: workload.job_of is not None):
            self._check_claims(workload)
            for volume in self._volumes(workload):
                if volume.name is not None and self._claim_for(workload, volume) is None:
                    self._add_user(workload, volume.name)

    def _check_claims(self, workload: Workload) -> None:
        for claim in workload.claims:
            place = claim.volume.environment
            if place is not self._environment and place not in workload.compute_environments:
                self._report.error(
                    workload,
                    f"the volume {claim.volume.name!r} is one of {place.name!r}, and this is published to "
                    f"{self._environment.name!r}",
                    "Use a volume of the same environment.",
                    claim.where,
                )
            elif claim.target is None and not any(_is_for(claim, volume) for volume in workload.volumes):
                self._report.error(
                    workload,
                    f"it has no volume called {claim.volume.name!r} that the persistent one could take the place of",
                    "Say where it is to be: with_persistent_volume(volume, target).",
                    claim.where,
                )
            if place is self._environment:
                self._check_name(workload, volume_name(claim.volume.name))

    def _check_name(self, workload: Workload, name: str) -> None:
        """Report a volume that pods could not tell from those that are made for files and waits."""
        if name.startswith(OURS):
            self._report.error(
                workload,
                f"a volume can't be called {name!r}, because what begins with {OURS!r} is made by Fairlead in its pods",
                "Rename it.",
            )

    def _claim_for(self, workload: Workload, volume: VolumeMount) -> ClaimMount | None:
        """The use of a persistent volume of this environment that takes the place of a volume."""
        found = [
            claim
            for claim in workload.claims
            if claim.volume.environment is self._environment and _is_for(claim, volume)
        ]
        return found[-1] if found else None

    def _unbound_volume_names(self, workload: Workload) -> list[str]:
        """The volumes of a workload that are claimed by their names, each once."""
        return list(
            dict.fromkeys(
                volume.name
                for volume in self._volumes(workload)
                if volume.name is not None and self._claim_for(workload, volume) is None
            )
        )

    def _add_user(self, workload: Workload, volume: str) -> None:
        name = volume_name(volume)
        self._check_name(workload, name)
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
        """Whether it has a named volume, published as a claim, that no other workload uses.

        Then each pod can get its own.
        """
        names = self._unbound_volume_names(workload)
        return self._type == "pvc" and any(self._users[volume_name(name)] == [workload] for name in names)

    def needs_recreate(self, workload: Workload) -> bool:
        """Whether it has a claim that only one node can mount at a time.

        The old pod must stop then before the new one starts.
        """
        return bool(self._for_one_node(workload))

    def _for_one_node(self, workload: Workload) -> list[str]:
        """The volumes of a workload that only the pods of one node can have at once, each once."""
        by_default = default_text(self._properties.default_storage_read_write_policy) not in _SHARED
        found = self._unbound_volume_names(workload) if self._type == "pvc" and by_default else []
        for volume in (claim.volume for claim in workload.claims if claim.volume.environment is self._environment):
            if not set(volume.access_modes) & set(_SHARED) if volume.access_modes else by_default:
                found.append(volume.name)
        return list(dict.fromkeys(found))

    def report_contention(self, kinds: Mapping[str, str]) -> None:
        """Warn of volumes for the pods of one node whose pods may be on several.

        Args:
            kinds: What keeps the pods of each workload.
        """
        users: dict[str, list[Workload]] = {}
        for workload in self._workloads:
            for name in self._for_one_node(workload):
                users.setdefault(name, []).append(workload)
        for workload in self._workloads:
            self._report_volumes_of_each_pod(workload)
        volumes = {volume.name: volume for volume in self._environment.volumes}
        for name, those in users.items():
            volume = volumes.get(name)
            if volume is not None and volume.existing_claim is not None and not volume.access_modes:
                continue  # nobody said what it is
            reason = _contention(those, kinds[those[0].name], claimed_per_pod=volume is None)
            if reason is not None:
                self._report.warn(
                    those[-1],
                    f"the volume {name!r} can be mounted by one node at a time, but {reason}",
                    'Say that several nodes may have it: with_access_mode("ReadWriteMany").'
                    if volume is not None
                    else f"Replace it by one that several nodes may have: {environment_code(self._environment)}."
                    f'add_persistent_volume("{name}").with_access_mode("ReadWriteMany"), for with_persistent_volume().',
                )

    def mounts(self, workload: Workload, name: str, *, per_pod: bool) -> Mounts:
        """What a workload mounts.

        Args:
            workload: The workload.
            name: The name of its objects.
            per_pod: Whether its controller makes claims for each pod.
        """
        made = Mounts()
        known: set[str] = set()
        for number, volume in enumerate(self._volumes(workload), 1):
            bound = self._claim_for(workload, volume)
            called = f"{OURS}scratch-{number}" if volume.name is None else volume_name(volume.name)
            if called not in known:
                known.add(called)
                own = called in self._users and self._users[called] == [workload]
                if own and per_pod and self._type == "pvc" and volume.name is not None:
                    made.claims.append(self._template(workload, name, volume.name, called))
                else:
                    made.volumes.append({"name": called, **self._source(workload, volume, bound, called)})
            read_only = self._is_read_only(workload, volume)
            made.mounts.append(
                _mount(self._chart, workload, volume, called, is_bound=bound is not None, read_only=read_only)
            )
        return made

    def _volumes(self, workload: Workload) -> list[VolumeMount]:
        """The volumes of a workload, with those that only a cluster gives it."""
        only_here = [
            VolumeMount(claim.volume.name, claim.target, claim.read_only)
            for claim in workload.claims
            if claim.volume.environment is self._environment
            and claim.target is not None
            and not any(_is_for(claim, volume) for volume in workload.volumes)
        ]
        return [volume for volume in (*workload.volumes, *only_here) if not self._is_of_each_pod(workload, volume)]

    def _is_of_each_pod(self, job: Workload, volume: VolumeMount) -> bool:
        """Whether a volume that a job shares with its program is one that each pod of the program has for itself."""
        program = job.job_of
        if program is None or volume.name is None or self._type != "pvc" or self._claim_for(job, volume) is not None:
            return False
        is_kept = program.workload_kind in (None, "StatefulSet") and not is_completion_target(program)
        return is_kept and self._users.get(volume_name(volume.name)) == [program]

    def _report_volumes_of_each_pod(self, workload: Workload) -> None:
        """Warn of the volumes that a job does not get, because each pod of its program has its own."""
        for volume in workload.volumes:
            if self._is_of_each_pod(workload, volume) and workload.job_of is not None:
                program = workload.job_of.name
                self._report.warn(
                    workload,
                    f"its volume {volume.name!r} is left out, because each pod of {program!r} has one of its own",
                    f"Share one: {environment_code(self._environment)}.add_persistent_volume("
                    f'"{volume.name}"), for with_persistent_volume() of {program!r}.',
                    volume.where,
                )

    def _source(self, workload: Workload, volume: VolumeMount, bound: ClaimMount | None, called: str) -> dict[str, Any]:
        if bound is not None:
            claim: dict[str, Any] = {"claimName": claim_name(self._chart, bound.volume)}
            if self._is_only_read(workload, called):
                claim["readOnly"] = True
            return {"persistentVolumeClaim": claim}
        if volume.name is None or self._type == "emptyDir":
            return {"emptyDir": {}}
        if self._type == "hostPath":
            return {"hostPath": self._host_path(volume.name, called)}
        return {"persistentVolumeClaim": {"claimName": ObjectName("PersistentVolumeClaim", called)}}

    def _is_only_read(self, workload: Workload, called: str) -> bool:
        """Whether a pod of the workload writes nowhere to a persistent volume, so that its node may mount it so too."""
        mounts = [volume for volume in self._volumes(workload) if volume.name and volume_name(volume.name) == called]
        return all(self._is_read_only(workload, volume) for volume in mounts)

    def _is_read_only(self, workload: Workload, volume: VolumeMount) -> bool:
        """Whether a volume can only be read where it is mounted, by itself or by the claim that takes its place."""
        return volume.read_only or any(
            claim.read_only and claim.target is None and _is_for(claim, volume)
            for claim in workload.claims
            if claim.volume.environment is self._environment
        )

    def claims(self, workload: Workload, *, per_pod: bool) -> list[dict[str, Any]]:
        """The claims that are made for a workload and stand for themselves; a shared one is made for its first user."""
        if self._type != "pvc":
            return []
        return [
            self._claim(volume)
            for volume in self._unbound_volume_names(workload)
            if (users := self._users[volume_name(volume)])[0] is workload and not (per_pod and users == [workload])
        ]

    def _claim(self, volume: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {**metadata(self._chart, volume_name(volume)), "annotations": dict(KEEP)},
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
        properties, key = self._properties, Section.STORAGE.value(volume)
        class_name = property_value(
            self._chart,
            volume,
            (*key, "storageClass"),
            properties.default_storage_class_name,
            comment=f"{CLASS_COMMENT} What a StatefulSet claims can't be changed later.",
        )
        mode = property_value(
            self._chart, volume, (*key, "accessMode"), properties.default_storage_read_write_policy, schema=MODE_SCHEMA
        )
        size = property_value(
            self._chart, volume, (*key, "size"), properties.default_storage_size, schema=QUANTITY_SCHEMA
        )
        return {
            "accessModes": [mode],
            "storageClassName": class_entry(class_name),
            "resources": {"requests": {"storage": size}},
        }

    def _host_path(self, volume: str, called: str) -> dict[str, Any]:
        folder = f"/var/lib/NAMESPACE/{self._chart.app}/{called}."
        path = self._chart.values.declare(
            Section.STORAGE.value(volume, "hostPath"),
            "",
            comment=f"Folder on the node; each node has its own. Default: {folder}",
        )
        usual = join(["/var/lib/", Builtin("namespace"), f"/{self._chart.app}/{called}"])
        return {"path": WithDefault(path, usual), "type": "DirectoryOrCreate"}


def _contention(users: list[Workload], kind: str, *, claimed_per_pod: bool) -> str | None:
    """Why the pods that have one claim may be on several nodes, if they may."""
    if len(users) > 1:
        return f"{listing(user.name for user in users)} have it"
    if kind == "DaemonSet":
        return "a DaemonSet has a pod on each"
    if kind in SCALABLE_KINDS and pods_of(users[0]) > 1 and not (kind == "StatefulSet" and claimed_per_pod):
        return f"there may be {pods_of(users[0])} pods"
    return None


def _is_for(claim: ClaimMount, volume: VolumeMount) -> bool:
    return volume.name is not None and volume_name(claim.volume.name) == volume_name(volume.name)


def _mount(
    chart: Chart, workload: Workload, volume: VolumeMount, called: str, *, is_bound: bool, read_only: bool
) -> dict[str, Any]:
    mount: dict[str, Any] = {"name": called, "mountPath": volume.target.rstrip("/") or "/"}
    if not is_bound and (subpath := _data_subpath(workload, volume)) is not None:
        owned = isinstance(workload, Container) and workload.data_variable is not None
        mount["subPath"] = When((is_default(chart),), subpath) if owned else subpath
    if read_only:
        mount["readOnly"] = True
    return mount


def _data_subpath(workload: Workload, volume: VolumeMount) -> str | None:
    """The folder of a volume that its kind mounts for its data."""
    if not isinstance(workload, Container) or volume.target.rstrip("/") != workload.data_path:
        return None
    return workload.data_subpath


def volume_name(volume: str) -> str:
    """The name of a volume, and of its claim, in a cluster."""
    return cut(re.sub(_NOT_IN_NAMES, "-", volume.lower()).strip("-") or "volume", OBJECT)
