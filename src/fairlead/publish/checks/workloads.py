"""What a cluster would refuse of a workload, or run in another way than a run on this machine."""

from __future__ import annotations

import re

from fairlead.model.containers.settings import UNSET
from fairlead.model.names import is_image
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.names import is_variable
from fairlead.publish.chart.pod import Mounts
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.checks.local_names import LocalNames
from fairlead.publish.checks.scaling import check_scaling
from fairlead.publish.checks.texts import UNWRITABLE, with_defaults
from fairlead.publish.checks.unsupported import report_restarts, report_unsupported_by_controller
from fairlead.publish.context import PlanningContext
from fairlead.publish.images.image_names import given_image, has_version
from fairlead.publish.translation.translator import ValueSite
from fairlead.publish.workloads.command_line import endpoints_in_command_line
from fairlead.publish.workloads.container_settings import settings_of
from fairlead.publish.workloads.members import Members
from fairlead.publish.workloads.stopping import report_stop_signal
from fairlead.publish.workloads.workloads import PlannedWorkloads

#: Linux takes no longer string (``MAX_ARG_STRLEN``), zero byte included.
MAX_STRING = 128 * 1024


def check_workloads(context: PlanningContext, planned: PlannedWorkloads) -> None:
    """Report what is wrong with the workloads of a chart.

    Args:
        context: The chart, with its objects.
        planned: The workloads, as they were planned.
    """
    members, report = planned.members, context.report
    for name, member in members.resources.items():
        report_unsupported_by_controller(member, members.controllers[name], report)
        report_restarts(member, members.controllers[name], members.completion_targets, report)
    _report_container_gaps(members, report)
    local_names = LocalNames(context.chart, [workload.name for workload in members.workloads], report)
    for workload in members.workloads:
        inputs = planned.inputs[workload.name]
        _check_ports(workload, context)
        _check_variables(workload, inputs.variables, context.chart, report)
        _check_image(workload, report)
        report_stop_signal(workload, context.files, report)
        local_names.note(workload, inputs.variables, inputs.files)
        _check_mounts(workload, planned.mounts[workload.name], report)
        check_scaling(workload, members.controllers[workload.name], report)


def _report_container_gaps(members: Members, report: Report) -> None:
    containers = [workload for workload in members.workloads if settings_of(workload) is not UNSET]
    if containers:
        from fairlead.publish.checks.container_gaps import report_container_gaps

        report_container_gaps(containers, members.controllers, report)


def _check_ports(workload: Workload, context: PlanningContext) -> None:
    """Report endpoints whose port the program can't know."""
    told = {endpoint for owner, endpoint in context.translator.told_ports if owner == workload.name}
    told |= endpoints_in_command_line(workload)
    for endpoint, port in context.ports[workload.name].items():
        if port.chosen and port.spec.env is None and endpoint not in told:
            context.report.error(
                workload,
                f"endpoint {endpoint!r} has no port in the cluster, because nothing tells the program where to listen",
                "Give target_port=…, or env=… with the variable that it reads the port from.",
                port.spec.where,
            )


def _check_image(workload: Workload, report: Report) -> None:
    """Report an image that no engine could pull, or of which nobody knows what it will be."""
    image = given_image(workload)
    if image is None:
        return
    if not is_image(image):
        report.error(workload, f"{image!r} does not name an image", "Write it as [registry/]repository[:tag][@digest].")
    elif not has_version(image):
        report.warn(
            workload,
            f"its image {image!r} has no tag, so pods run what is called 'latest' when they start",
            f"Say which version: {image}:1.2.3, or a digest.",
        )


def _check_variables(workload: Workload, variables: PodVariables, chart: Chart, report: Report) -> None:
    """Report variables and arguments that no pod can have."""
    for name, entry in {**variables.config, **variables.secret}.items():
        place = variables.places.get(name)
        if not is_variable(name):
            report.error(
                workload,
                f"{name!r} can't be the name of a variable in a pod",
                "Use letters, digits, '_', '-' and '.', with no digit in front; many programs read '__' for ':'.",
                place,
            )
        text = f"{name}={with_defaults(entry, chart)}"
        if not _is_short_and_printable(text):
            _check_text(ValueSite(workload, place or workload.where, f"the variable {name}"), text, report)
    for number, (argument, place) in enumerate(zip(variables.args, variables.argument_places, strict=True), 1):
        _check_text(ValueSite(workload, place, f"argument {number}"), with_defaults(argument, chart), report)


def _is_short_and_printable(text: str) -> bool:
    """Whether nothing can be wrong with a text, as is known at once of most."""
    return len(text) * 4 < MAX_STRING and text.isprintable()


def _check_text(asker: ValueSite, text: str, report: Report) -> None:
    found = re.search(UNWRITABLE, text)
    if found:
        kind = "a zero byte" if found.group() == "\0" else "bytes that are not text (UTF-8)"
        report.error(asker.resource, f"{asker.what} holds {kind}", "Encode it, for example as base64.", asker.where)
    elif len(text) * 4 >= MAX_STRING and (size := len(text.encode()) + 1) > MAX_STRING:
        report.error(
            asker.resource,
            f"{asker.what} has {size:,} bytes, and Linux takes {MAX_STRING:,} at most",
            "Give it in a file: with_container_files().",
            asker.where,
        )


def _check_mounts(workload: Workload, mounts: Mounts, report: Report) -> None:
    seen: set[str] = set()
    for mount in mounts.mounts:
        path = mount["mountPath"]
        if path in seen:
            remedy = "Give each a place of its own, or take one away."
            report.error(workload, f"two things are mounted at {path}", remedy)
        seen.add(path)
