"""What the model can say and a chart cannot yet: each gets a warning, so that nothing is dropped in silence.

Whoever translates one of these removes its function here: the warning goes away with the gap it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fairlead.model.app import App
from fairlead.model.resource import Resource
from fairlead.model.wait import WaitKind
from fairlead.model.workload import Workload
from fairlead.publish.diagnostics import Report
from fairlead.resources.container import Container
from fairlead.resources.kubernetes import HelmChart, KubernetesEnvironment, Router
from fairlead.resources.postgres import PostgresDatabase

_PUBLISHED = (Workload, KubernetesEnvironment, Router, HelmChart, PostgresDatabase)


def report_untranslated(app: App, resources: Iterable[Resource], report: Report) -> None:
    """Warn of everything that a published app lacks of what its definition says.

    Args:
        app: The app.
        resources: What is to be published of it.
        report: Where to.
    """
    for resource in resources:
        for look in _LOOKS:
            look(resource, report)
    if app.before_start_hooks:
        report.note(None, "functions of on_before_start are only called in a run", "Nothing has to be done.")


def completed(resources: Iterable[Resource]) -> set[str]:
    """The names of the workloads that others wait to see complete: they end, so a Deployment can't run them."""
    return {
        wait.target.name
        for resource in resources
        if not resource.excluded_from_manifest
        for wait in resource.waits
        if wait.kind is WaitKind.COMPLETED
    }


def _other_kinds(resource: Resource, report: Report) -> None:
    if (
        isinstance(resource, (Workload, KubernetesEnvironment, Router, HelmChart, PostgresDatabase))
        or resource.driver is None
    ):
        return
    if (type(resource).__module__ or "").startswith("fairlead.") and not resource.endpoints:
        return  # parameters, connection strings, external services: they are values
    report.warn(
        resource,
        f"it is left out, because a {resource.kind} has no counterpart in the chart",
        "Exclude it with exclude_from_manifest(), or install it in the cluster by other means.",
    )


def _options_of_a_run(resource: Resource, report: Report) -> None:
    if isinstance(resource, Container) and resource.runtime_args:
        report.warn(
            resource,
            f"the options {' '.join(resource.runtime_args)!r} of the container engine are left out",
            "Set what they are for in values.yaml, such as resources.",
        )
    if resource.explicit_start:
        report.warn(
            resource,
            "with_explicit_start() has no counterpart: it starts with the rest",
            f"Install with --set replicas.{resource.name}=0, or leave it out with exclude_from_manifest().",
        )
    if resource.before_start_hooks or resource.ready_hooks or resource.stopped_hooks:
        report.note(resource, "its hooks are only called in a run", "Nothing has to be done.")


_LOOKS: tuple[Callable[[Resource, Report], None], ...] = (
    _other_kinds,
    _options_of_a_run,
)
