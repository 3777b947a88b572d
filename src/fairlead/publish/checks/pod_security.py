"""What can't run under the profile of Pod Security that the definition chooses: said when the app is published.

The rules are those of Kubernetes' Pod Security Standards, for the profile ``restricted``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.conditions import holds
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import When, look_up
from fairlead.publish.chart.open_mapping import OpenMapping, content_of
from fairlead.publish.chart.properties import default_text
from fairlead.publish.context import PlanningContext
from fairlead.publish.images.builds import dockerfile_of, is_generated
from fairlead.publish.images.known_images import known_image
from fairlead.publish.project.project_files import ProjectFiles, SourceError
from fairlead.publish.workloads.pod_profile import DEFAULT, OPENSHIFT

_VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
)
_ADDABLE = {"NET_BIND_SERVICE"}
_OF_HOST = ("hostIPC", "hostNetwork", "hostPID")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_USER = rb"(?im)^[ \t]*(FROM|USER)[ \t]+(\S+)"


def check_pod_security(context: PlanningContext, workloads: list[Workload]) -> None:
    """Warn of pods that the chosen profile refuses, and note images that may begin as root.

    Args:
        context: The chart, with all its objects.
        workloads: The programs that are published.
    """
    chart, report = context.chart, context.report
    profile = default_text(chart.pod_security)
    if profile in (None, DEFAULT):
        return
    for chart_object in chart.objects:
        for spec in _pod_specs(_resolved(chart_object.body, chart)):
            for problem, remedy in _problems(spec):
                report.warn(
                    chart_object.owner,
                    f"pods of its {chart_object.kind} {chart_object.shown_name!r} can't run under the profile "
                    f"{profile!r}: {problem}",
                    remedy,
                )
    if profile != OPENSHIFT:  # which runs any image as a user of its own choice
        for workload in workloads:
            _check_user(workload, context.files, report)


def _check_user(workload: Workload, files: ProjectFiles, report: Report) -> None:
    """Say which images may begin as root, as the cluster starts none that does."""
    known, chosen = known_image(workload), workload.pod_fields.get("securityContext", {})
    if (known is not None and known.user is not None) or "runAsUser" in chosen or is_generated(workload, files):
        return
    remedy = "Name a user: with_security_context(run_as_user=…), or in its values under pods."
    dockerfile = dockerfile_of(workload, files)
    if dockerfile is None:
        message = "under its profile it runs only if its image has a user other than root, by number"
        report.note(workload, message, remedy)
        return
    user = _user_of(dockerfile, files)
    if not re.fullmatch("[1-9][0-9]*", user):
        found = f"ends with USER {user}" if user else "names no user"
        report.warn(
            workload,
            f"it can't run under its profile: {dockerfile} {found}, and it has to be a number other than 0",
            f"Write USER and a number into the Dockerfile. {remedy}",
        )


def _user_of(dockerfile: str, files: ProjectFiles) -> str:
    """The user that a Dockerfile names in its last stage; empty for none, or where it can't be read."""
    try:
        steps = re.findall(_USER, files.file(dockerfile))
    except SourceError:
        return ""
    user = ""
    for step, word in steps:
        user = "" if step.upper() == b"FROM" else word.decode("utf-8", "replace").partition(":")[0]
    return user


def _resolved(content: Any, chart: Chart) -> Any:
    """A part of an object as it is with the chart's own values; leaves stay what they are."""
    lookup = chart.values.default
    if isinstance(content, dict):
        entries = {
            key: _resolved(content_of(entry), chart)
            for key, entry in content.items()
            if not isinstance(entry, When) or all(holds(condition, lookup) for condition in entry.conditions)
        }
        if isinstance(content, OpenMapping):
            user = {
                key: found for changes in content.changes for key, found in (look_up(changes, lookup) or {}).items()
            }
            fields = content.fields
            entries |= {key: found for key, found in user.items() if fields is None or key in fields}
        return entries
    if isinstance(content, list):
        return [
            _resolved(content_of(entry), chart)
            for entry in content
            if not isinstance(entry, When) or all(holds(condition, lookup) for condition in entry.conditions)
        ]
    return content


def _pod_specs(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The specifications of pods in an object, whatever its kind is."""
    spec = body.get("spec")
    if body.get("kind") == "Pod":
        yield from (spec,) if isinstance(spec, dict) else ()
        return
    if isinstance(spec, dict) and "jobTemplate" in spec:
        spec = _mapping(spec["jobTemplate"]).get("spec")
    inner = _mapping(_mapping(_mapping(spec).get("template")).get("spec"))
    if "containers" in inner:
        yield inner


def _problems(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the profile refuses of a pod, with what to do about it."""
    for volume in _list(spec.get("volumes")):
        for source in _mapping(volume).keys() - {"name"} - _VOLUMES:
            yield f"the volume {volume.get('name')!r} is a {source}", "Use a claim, or leave it out."
    for field in _OF_HOST:
        if spec.get(field) is True:
            yield f"they have {field}", "Leave it out."
    of_pod = _mapping(spec.get("securityContext"))
    for section in _CONTAINERS:
        for container in _list(spec.get(section)):
            for problem, remedy in _problems_of_container(_mapping(container), of_pod):
                yield f"the container {_mapping(container).get('name')!r} {problem}", remedy


def _problems_of_container(container: Mapping[str, Any], of_pod: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    context = _mapping(container.get("securityContext"))
    capabilities = _mapping(context.get("capabilities"))
    both = {**of_pod, **context}
    if context.get("privileged") is True:
        yield "is privileged", "Leave it out."
    if context.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges", "Set allowPrivilegeEscalation: false in its securityContext."
    if "ALL" not in _list(capabilities.get("drop")):
        yield "keeps capabilities", "Set capabilities: {drop: [ALL]} in its securityContext."
    if added := [name for name in _list(capabilities.get("add")) if name not in _ADDABLE]:
        yield f"has the capability {added[0]}", "Leave it out, or run it in a namespace of its own."
    if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
        yield "may run as root", "Set runAsNonRoot: true, and a user other than 0, in its securityContext."
    if _mapping(both.get("seccompProfile")).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "has no seccomp profile", "Set seccompProfile: {type: RuntimeDefault} in its securityContext."
    if any(_mapping(port).get("hostPort") for port in _list(container.get("ports"))):
        yield "listens on a port of its node", "Leave hostPort out."


def _mapping(content: Any) -> Mapping[str, Any]:
    return content if isinstance(content, Mapping) else {}


def _list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []
