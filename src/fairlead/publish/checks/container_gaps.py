"""Settings of containers that a cluster has no counterpart for: each is said once, for all resources concerned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from fairlead.model.containers.configurable import is_annotation_key
from fairlead.model.containers.settings import HOST_GATEWAY, ContainerSettings
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.workloads.container_settings import SAFE_SYSCTLS, settings_of, takes_host_name

_MODES = (None, 0o777, 0o1777)


class Gap(NamedTuple):
    """A setting that pods lack.

    Args:
        call: The call that makes the setting.
        lacks: What of the setting is left out, given the settings and the kind of the pods' controller; empty for none.
        reason: Why.
        remedy: What to do about it.
        is_loss: Whether a program may not work without it.
    """

    call: str
    lacks: Callable[[ContainerSettings, str], Iterable[str]]
    reason: str
    remedy: str
    is_loss: bool = True


def _texts(entry: str | None, *, unless: bool = False) -> list[str]:
    return [] if entry is None or unless else [entry]


_GAPS = (
    Gap(
        "with_user()",
        lambda settings, _: _texts(settings.user, unless=settings.user_ids is not None),
        "a cluster takes users and groups by number",
        "Write the numbers, such as with_user('1000:1000').",
    ),
    Gap(
        "with_ulimit()",
        lambda settings, _: [limit.name for limit in settings.ulimits],
        "the nodes of a cluster set the limits of processes",
        "Have them raised on the nodes where the program needs it.",
    ),
    Gap(
        "with_sysctl()",
        lambda settings, _: [name for name, _ in settings.sysctls if name not in SAFE_SYSCTLS],
        "nodes refuse pods that ask for kernel parameters other than those that Kubernetes calls safe",
        "Where the nodes allow it, set podSecurityContext.sysctls under pods in the values.",
    ),
    Gap(
        "with_device()",
        lambda settings, _: [device.host_path for device in settings.devices],
        "pods get devices from plugins of their nodes",
        "Request what the plugin offers: limits in with_kubernetes_objects(), or under resources in the values.",
    ),
    Gap(
        "with_extra_host()",
        lambda settings, _: [host.name for host in settings.extra_hosts if host.address == HOST_GATEWAY],
        "a pod's node is not this machine",
        "Say what runs there: add_external_service() gives its address to those that refer to it.",
    ),
    Gap(
        "with_host_name()",
        lambda settings, kind: _texts(
            settings.host_name, unless=settings.host_name is None or takes_host_name(settings.host_name, kind)
        ),
        "the pods of a StatefulSet are called after it, and others by lower-case letters, digits and '-'",
        "Let the program use the name that it finds, or choose such a one.",
    ),
    Gap(
        "with_label()",
        lambda settings, _: [name for name, _ in settings.labels if not is_annotation_key(name)],
        "labels become annotations of pods, and these can't be called so",
        "Use up to 63 letters, digits, '-', '_' and '.', with a domain and a slash before them or without.",
    ),
    Gap(
        "with_tmpfs(mode=…)",
        lambda settings, _: [folder.target for folder in settings.tmpfs if folder.mode not in _MODES],
        "every user of a pod may write to its folders in memory",
        "Let the program set the permissions, or use a folder below it.",
    ),
    Gap(
        "with_gpus('all')",
        lambda settings, _: _texts("all of them", unless=settings.gpus != "all"),
        "a pod asks for a number of GPUs, and gets one",
        "Say how many: with_gpus(2), or under resources in the values.",
    ),
    Gap(
        "with_log_options()",
        lambda settings, _: [*_texts(settings.log_driver), *(name for name, _ in settings.log_options)],
        "the nodes of a cluster keep the logs of pods in their own way",
        "Nothing has to be done.",
        is_loss=False,
    ),
)


def report_container_gaps(containers: Iterable[Workload], controllers: Mapping[str, str], report: Report) -> None:
    """Say which settings of containers pods lack.

    Args:
        containers: The containers with settings.
        controllers: The kind of the controller of each one's pods, by name.
        report: Collects errors, warnings and notes.
    """
    containers = list(containers)
    for gap in _GAPS:
        lacking = {
            container: [*gap.lacks(settings_of(container), controllers[container.name])] for container in containers
        }
        concerned = {container: parts for container, parts in lacking.items() if parts}
        if concerned:
            _report(gap, concerned, report)


def _report(gap: Gap, concerned: Mapping[Workload, Iterable[str]], report: Report) -> None:
    say = report.warn if gap.is_loss else report.note
    first = next(iter(concerned))
    if len(concerned) == 1:
        say(first, f"{gap.call} is left out ({_listed(concerned[first])}): {gap.reason}", gap.remedy)
        return
    names = ", ".join(f"{container.name!r} ({_listed(parts)})" for container, parts in concerned.items())
    say(None, f"{gap.call} is left out of {names}: {gap.reason}", gap.remedy, first.where)


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(parts))
