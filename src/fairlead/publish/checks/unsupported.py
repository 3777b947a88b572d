"""What the model can say and a chart cannot yet: each gets a warning, so that nothing is dropped in silence.

Whoever translates one of these removes its function here: the warning goes away with the gap it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from fairlead.model.app import App
from fairlead.model.lifetime import Lifetime
from fairlead.model.programs.program import RestartPolicy
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.model.wait import WaitKind
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.names import object_name, suffixed
from fairlead.publish.chart.ports import plan_ports
from fairlead.publish.workloads.controllers import RETRIES, RUN_ONCE_KINDS, SCALABLE_KINDS, pods_of
from fairlead.resources.container import Container
from fairlead.resources.kubernetes import HelmChart

#: When a controller that keeps pods running starts a program again and a run with this policy does not.
_ALSO: dict[RestartPolicy, tuple[str, ...]] = {
    "no": ("whatever it ends with",),
    "on-failure": ("also when it ends with 0",),
    "always": (),
}
_NOT_HELD_BACK = "with_explicit_start() has no counterpart: it starts with the rest"


def report_unsupported(app: App, resources: Collection[Resource], report: Report) -> None:
    """Warn of everything that a published app lacks of what its definition says.

    Args:
        app: The app.
        resources: What is to be published of it.
        report: Where to.
    """
    engine_options: dict[Resource, str] = {}
    for resource in resources:
        if isinstance(resource, Container) and resource.runtime_args:
            engine_options[resource] = " ".join(resource.runtime_args)
    for resource in resources:
        for look in _CHECKS:
            look(resource, report)
        if resource is next(iter(engine_options), None):
            _report_engine_options(engine_options, report)
    if app.before_start_hooks:
        report.note(None, "functions of on_before_start are only called in a run", "Nothing has to be done.")


def _report_engine_options(options: Mapping[Resource, str], report: Report) -> None:
    """One warning for all containers, with the options of each."""
    first, *others = options
    remedy = "Say it by a call that reaches the cluster, such as with_memory(), or set it in values.yaml."
    if not others:
        report.warn(first, f"the options {options[first]!r} of the container engine are left out", remedy)
        return
    listed = ", ".join(f"{resource.name!r} ({texts})" for resource, texts in options.items())
    report.warn(None, f"the options of the container engine are left out of {listed}", remedy, first.where)


def completion_targets(resources: Iterable[Resource]) -> set[str]:
    """The names of the workloads that others wait to see complete: they end, so a Deployment can't run them."""
    return {
        wait.target.name
        for resource in resources
        if not resource.excluded_from_manifest
        for wait in resource.waits
        if wait.kind is WaitKind.COMPLETED
    }


def _other_kinds(resource: Resource, report: Report) -> None:
    if isinstance(resource, Workload) or resource.created_by_job or resource.driver is None:
        return
    if _is_value(resource) or resource.publish_choices:  # of which publishing says more elsewhere
        return
    report.warn(
        resource,
        f"it is left out, because a {resource.kind} has no counterpart in the chart",
        "Exclude it with exclude_from_manifest(), or install it in the cluster by other means.",
    )


def _is_value(resource: Resource) -> bool:
    """Whether it is nothing but what its consumers are given, such as a parameter or an external service."""
    return resource.passive and (not resource.endpoints or resource.connection_string is not None)


def _options_of_a_run(resource: Resource, report: Report) -> None:
    """One note for all that a cluster has no use for, so that what matters is not lost among notes."""
    hooks = resource.before_start_hooks or resource.ready_hooks or resource.stopped_hooks
    ports = plan_ports(resource)
    local = [spec.port for name, spec in resource.endpoints.items() if spec.port not in (None, ports[name].number)]
    found = [
        *(["with_lifetime()"] if isinstance(resource, Container) and resource.lifetime is Lifetime.PERSISTENT else []),
        *(["with_url()"] if resource.urls else []),
        *(["with_icon()"] if resource.icon is not None else []),
        *(["with_command()"] if resource.commands else []),
        *(["with_otlp_exporter()"] if isinstance(resource, Workload) and resource.otlp_exporter else []),
        *(f"port={port}" for port in dict.fromkeys(local)),
        *(["with_explicit_start()"] if resource.explicit_start and not _starts(resource) else []),
        *(["its hooks"] if hooks else []),
    ]
    if found:
        report.note(resource, f"only a run takes notice of {', '.join(found)}", "Nothing has to be done.")


def _starts(resource: Resource) -> bool:
    """Whether it starts something in the cluster, so that an explicit start gets a warning of its own."""
    return isinstance(resource, (Workload, HelmChart)) or resource.created_by_job


def _held_back_charts(resource: Resource, report: Report) -> None:
    if isinstance(resource, HelmChart) and resource.explicit_start:
        way = f"Set charts.{resource.name}.enabled: false in the values"
        if resource.is_separate:
            way = "Don't run its command"
        report.warn(resource, _NOT_HELD_BACK, f"{way}, or leave it out with exclude_from_manifest().")


def report_unsupported_by_controller(member: Resource, kind: str, report: Report) -> None:
    """Warn of what something with pods asks for and does not get from what keeps them.

    Args:
        member: What has the pods.
        kind: What keeps them, such as ``Deployment``.
        report: Where to.
    """
    if member.explicit_start and not (isinstance(member, Workload) and member.is_job):
        report.warn(member, _NOT_HELD_BACK, _way_to_hold_back(member, kind))
    if isinstance(member, Workload):
        _report_count(member, kind, report)
        if kind not in SCALABLE_KINDS and member.disruption_budget is not None:
            report.warn(
                member,
                f"with_disruption_budget() is left out: nodes are emptied without regard to the pods of a {kind}",
                "Take it away, or ask for a Deployment.",
            )
        if kind in RUN_ONCE_KINDS and member.health_checks:
            report.warn(
                member,
                f"its health checks and probes are left out: of a {kind} only counts that it ends well",
                "Let it end with another code than 0 when something is wrong, or ask for a Deployment.",
            )


def report_restarts(member: Resource, kind: str, targets: Collection[str], report: Report) -> None:
    """Say where a controller starts a program again in another way than a run does.

    Args:
        member: What has the pods.
        kind: Its controller, such as ``Deployment``.
        targets: The names of those that others wait to see complete.
        report: Collects errors, warnings and notes.
    """
    if not isinstance(member, Workload) or (member.restart == "no" and member.max_restarts is None):
        return
    asked = f"with_restart({member.restart!r})"
    if kind in RUN_ONCE_KINDS:
        if member.restart == "always":
            report.warn(
                member,
                f"{asked} is published as 'on-failure': a {kind} that ends well is complete",
                "Say so, or ask for a Deployment.",
            )
        if member.max_restarts is None and member.name not in targets:
            report.note(
                member,
                f"a {kind} starts it again {RETRIES[kind]} times at most, and a run without limit",
                "Say how often: max_restarts=….",
            )
        return
    differences = list(_ALSO[member.restart])
    if member.restart != "no" and member.max_restarts is not None:
        differences.append("without limit")
    if differences:
        report.note(
            member,
            f"a {kind} starts it again {', '.join(differences)}; a run does as {asked} says",
            'If it runs to its end, ask for a Job: with_workload("Job").',
        )


def _way_to_hold_back(member: Resource, kind: str) -> str:
    """How something is installed and does not start."""
    otherwise = "leave it out with exclude_from_manifest()."
    if kind in RUN_ONCE_KINDS and isinstance(member, Workload):
        return f'Let with_kubernetes_objects() set objects.workload["spec"]["suspend"] = True, or {otherwise}'
    if kind not in SCALABLE_KINDS or not isinstance(member, Workload):
        return otherwise.capitalize()
    if member.autoscaling is None:
        return f"Set replicas.{member.name}: 0 in the values, or {otherwise}"
    name = object_name(member.name)
    target = suffixed(name) if kind == "StatefulSet" else name
    return (
        f"Stop it, and its scaling, once it is installed: kubectl scale {kind.lower()}/{target} --replicas=0; or "
        f"{otherwise}"
    )


def _report_count(workload: Workload, kind: str, report: Report) -> None:
    count, scaling = workload.replicas, workload.autoscaling
    if count > 1 and kind not in SCALABLE_KINDS:
        reason = "it has a pod on each node" if kind == "DaemonSet" else "it has one pod at a time"
        report.warn(
            workload,
            f"with_replicas({count}) has no counterpart in a {kind}: {reason}",
            "Take it away, or ask for a Deployment.",
        )
    elif count > 1 and scaling is not None:
        report.note(
            workload,
            f"only a run takes notice of with_replicas({count}): with_autoscaling() asks for {scaling.minimum} to "
            f"{scaling.maximum} pods",
            "Nothing has to be done.",
        )
    if workload.keeps_own_data and kind in SCALABLE_KINDS and pods_of(workload) > 1:
        report.warn(
            workload,
            f"each of its {pods_of(workload)} pods is a {workload.kind} with data of its own, and callers get any of "
            "them",
            "Let it have one pod; for a database with replicas install a chart that is made for it: add_helm_chart().",
        )


_CHECKS: tuple[Callable[[Resource, Report], None], ...] = (
    _other_kinds,
    _options_of_a_run,
    _held_back_charts,
)
