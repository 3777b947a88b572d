"""Which members of groups a chart leaves out, and who can't do without them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fairlead.errors import UsageError
from fairlead.model.app import App
from fairlead.model.composition.inactive import inactive_members, inactive_uses, requested_groups
from fairlead.model.names import listing
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.translation.addresses import is_excluded
from fairlead.publish.workloads.node_selection import environment_code
from fairlead.resources.kubernetes import KubernetesEnvironment


def groups_to_publish(
    app: App, environment: KubernetesEnvironment, groups: Iterable[str], report: Report
) -> frozenset[str]:
    """The groups whose members are published to an environment.

    Args:
        app: The app.
        environment: The environment, which may ask for groups.
        groups: The groups that the command asks for; they are there, as the caller has checked.
        report: Collects errors, warnings and notes.
    """
    try:
        own = requested_groups(app, environment.published_groups)
    except UsageError as error:
        report.error(environment, error.message.rstrip("."), error.remedy or "")
        own = frozenset()
    return own | requested_groups(app, groups)


def left_out_members(
    app: App, environment: KubernetesEnvironment, groups: Collection[str], report: Report
) -> frozenset[str]:
    """The names of the members of groups that an environment leaves out; who can't do without them is reported.

    Args:
        app: The app.
        environment: The environment.
        groups: The groups whose members are published.
        report: Collects errors, warnings and notes.
    """
    inactive = inactive_members(app, groups)
    programs = [
        resource
        for resource in app
        if isinstance(resource, Workload) and not is_excluded(resource) and resource.name not in inactive
    ]
    for use in inactive_uses(programs, inactive):
        report.error(use.resource, use.message, use.remedy, use.where)
    _note_left_out(app, environment, inactive, report)
    return inactive


def _note_left_out(app: App, environment: KubernetesEnvironment, inactive: Collection[str], report: Report) -> None:
    """One note for all members that are left out, with the routes that lead to them."""
    members = [
        resource for resource in app if resource.groups and resource.name in inactive and not is_excluded(resource)
    ]
    if members:
        group = members[0].groups[0]
        report.note(
            environment if environment in app.resources else None,
            "left out, with the routes to them, because nothing asks for their groups: "
            f"{listing(member.name for member in members)}",
            f'To publish them: {environment_code(environment)}.with_groups("{group}"), or '
            f"fairlead publish --group {group}.",
        )
