"""What is declared in clusters of this machine: left out with a warning, unless ``publish_as`` says otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.model.resource import Resource
from fairlead.publish.chart.diagnostics import Report


def report_left_out(resources: Iterable[Resource], report: Report) -> None:
    """Warn of each resource of a local cluster of which the definition does not say what publishing makes of it.

    Args:
        resources: All resources of the app.
        report: Collects errors, warnings and notes.
    """
    for resource in resources:
        if resource.publish_choices and not is_said(resource):
            *others, last = (f'"{choice}"' for choice in resource.publish_choices)
            report.warn(
                resource,
                f"it is left out, because a {resource.kind} is for runs on this machine",
                f"Say what publishing makes of it: publish_as={', '.join(others)} or {last}.",
            )


def is_said(resource: Resource) -> bool:
    """Whether the definition says what publishing makes of a resource, or that all around it is for this machine."""
    return resource.publish_as is not None or (resource.parent is not None and _is_skipped(resource.parent))


def _is_skipped(resource: Resource) -> bool:
    return resource.publish_as == "skip" or (resource.parent is not None and _is_skipped(resource.parent))
