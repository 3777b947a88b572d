"""The settings of a container, as far as a pod has fields for them.

What is a plain number or text that the chart's user may want to change is in values.yaml: there the calls of the
definition have put it themselves.
"""

from __future__ import annotations

from typing import Any

from fairlead.model.containers.configurable import ConfigurableContainer
from fairlead.model.containers.settings import UNSET, ContainerSettings, memory_quantity
from fairlead.model.names import is_label
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import When
from fairlead.publish.chart.pod import Mounts
from fairlead.publish.workloads.mounts.storage import OURS
from fairlead.publish.workloads.pod_profile import is_restricted

#: The kernel parameters that Kubernetes calls safe; a node refuses pods that ask for others.
SAFE_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
_ALL = "ALL"


def settings_of(workload: Workload) -> ContainerSettings:
    """The settings of a workload; those of one that runs as a process are none."""
    return workload.settings if isinstance(workload, ConfigurableContainer) else UNSET


def container_fields(workload: Workload) -> dict[str, Any]:
    """The fields of its container."""
    folder = settings_of(workload).working_directory
    return {} if folder is None else {"workingDir": folder}


def pod_fields(workload: Workload, controller: str) -> dict[str, Any]:
    """The fields of its pods.

    Args:
        workload: The workload.
        controller: The kind of the controller of its pods.
    """
    settings = settings_of(workload)
    fields: dict[str, Any] = {}
    if settings.host_name is not None and takes_host_name(settings.host_name, controller):
        fields["hostname"] = settings.host_name
    if settings.init:  # the first process of the pod collects ended ones then, and no program is the first of its own
        fields["shareProcessNamespace"] = True
    return fields


def takes_host_name(name: str, controller: str) -> bool:
    """Whether pods can have a host name; those of a StatefulSet are called after it, and it is a label of DNS."""
    return controller != "StatefulSet" and is_label(name)


def memory_mounts(workload: Workload) -> Mounts:
    """Its folders in memory."""
    settings, mounts = settings_of(workload), Mounts()
    folders = [(folder.target, folder.size) for folder in settings.tmpfs]
    if settings.shm_size is not None:
        folders.append(("/dev/shm", settings.shm_size))  # noqa: S108 - a path in the container
    for number, (path, size) in enumerate(folders, 1):
        name, limit = f"{OURS}memory-{number}", {} if size is None else {"sizeLimit": memory_quantity(size)}
        mounts.volumes.append({"name": name, "emptyDir": {"medium": "Memory", **limit}})
        mounts.mounts.append({"name": name, "mountPath": path})
    return mounts


def safe_sysctls(workload: Workload) -> list[dict[str, str]]:
    """The kernel parameters that its pods ask for."""
    return [{"name": name, "value": value} for name, value in settings_of(workload).sysctls if name in SAFE_SYSCTLS]


def with_rights(context: dict[str, Any], workload: Workload, chart: Chart) -> dict[str, Any]:
    """A security context with what the definition lets its container do.

    Args:
        context: What holds for its image anyway.
        workload: The workload.
        chart: The chart it is in.
    """
    settings = settings_of(workload)
    if settings.privileged:  # which has all capabilities and no profile, and can't be kept from gaining privileges
        kept = {key: field for key, field in context.items() if key in ("runAsNonRoot", "runAsUser")}
        return {"privileged": True, **kept}
    if settings.added_capabilities or settings.dropped_capabilities:
        return {**context, "capabilities": _capabilities(context.get("capabilities"), settings, chart)}
    return context


def _capabilities(known: Any, settings: ContainerSettings, chart: Chart) -> dict[str, Any]:
    """The capabilities that an image is known to need, without the dropped ones, and the added ones.

    Args:
        known: Those of an image that is known, which drops all others; anything else is not known.
        settings: What the definition adds and drops.
        chart: The chart.
    """
    dropped, added = settings.dropped_capabilities, settings.added_capabilities
    if _ALL in dropped or isinstance(known, dict):
        drop: Any = [_ALL]
    else:
        drop = [*dropped, When((is_restricted(chart),), _ALL)] if dropped else When((is_restricted(chart),), [_ALL])
    needed = known.get("add") if isinstance(known, dict) and _ALL not in dropped else None
    add = _added(needed, added, dropped)
    return {"drop": drop, **({"add": add} if add else {})}


def _added(needed: When | None, added: tuple[str, ...], dropped: tuple[str, ...]) -> Any:
    """What is added: what is needed on its condition, and the rest in any case."""
    if needed is None:
        return list(added)
    names = [name for name in needed.content if name not in (*added, *dropped)]
    if added:
        return [*(When(needed.conditions, name) for name in names), *added]
    return When(needed.conditions, names) if names else []
