"""Warns of references to objects that a ``publish_as_kubernetes_service`` function removed or renamed.

References to objects that the chart never had get no warning: those may exist in the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.resource import Resource
from fairlead.publish.chart.chart import Chart, ChartObject, placeholder_name
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Leaf, Text, When, WithDefault
from fairlead.publish.chart.names import object_name


class _Reference(NamedTuple):
    """Where an object names another."""

    kind: str
    name: Text
    place: str


#: Where objects name others of the release, by kind; ``*`` stands for each entry of a list.
_OF_OBJECTS = {
    "Ingress": (
        ("Service", "spec.defaultBackend.service.name"),
        ("Service", "spec.rules.*.http.paths.*.backend.service.name"),
    ),
    "HTTPRoute": (("Service", "spec.rules.*.backendRefs.*.name"),),
    "StatefulSet": (("Service", "spec.serviceName"),),
    "Role": (("Job", "rules.*.resourceNames.*"),),
}
#: And where pods do, below their ``spec``.
_OF_PODS = (
    ("ServiceAccount", "serviceAccountName"),
    ("ConfigMap", "volumes.*.configMap.name"),
    ("Secret", "volumes.*.secret.secretName"),
    ("ConfigMap", "volumes.*.projected.sources.*.configMap.name"),
    ("Secret", "volumes.*.projected.sources.*.secret.name"),
    ("PersistentVolumeClaim", "volumes.*.persistentVolumeClaim.claimName"),
    *(
        (kind, f"{containers}.*.{place}")
        for containers in ("initContainers", "containers")
        for kind, place in (
            ("ConfigMap", "envFrom.*.configMapRef.name"),
            ("Secret", "envFrom.*.secretRef.name"),
            ("ConfigMap", "env.*.valueFrom.configMapKeyRef.name"),
            ("Secret", "env.*.valueFrom.secretKeyRef.name"),
        )
    ),
)


def report_broken_names(chart: Chart, connections: Iterable[tuple[str, str, str]], report: Report) -> None:
    """Warn of names of objects that a function took away, and that nothing has been given since.

    Args:
        chart: The chart, with all its objects.
        connections: The (consumer, owner, endpoint) of all endpoints that somebody has the address of.
        report: Where to.
    """
    there = {(made.kind, made.body["metadata"]["name"]) for made in chart.objects}
    gone = {key: owner for key, owner in chart.removed_objects.items() if key not in there}
    if not gone:
        return
    for made in chart.objects:
        said: set[tuple[str, Text]] = set()
        for kind, name, place in _references(made):
            key = kind, name
            if key in gone and key not in said:
                said.add(key)
                _warn(made.owner, f"its {made.kind} names in {place}", key, gone[key], report)
    owners = {made.owner.name: made.owner for made in chart.objects}
    for consumer, owner in dict.fromkeys((consumer, owner) for consumer, owner, _ in connections):
        key = "Service", object_name(owner)
        if key in gone and consumer in owners:
            _warn(owners[consumer], "it waits for, or has the address of,", key, gone[key], report)


def _warn(user: Resource, how: str, gone: tuple[str, Text], owner: CustomizableObjects, report: Report) -> None:
    kind, name = gone
    report.warn(
        user,
        f"{how} the {kind} {placeholder_name(name, shown=True)!r}, which publish_as_kubernetes_service() of "
        f"{owner.name!r} took away or renamed",
        "Let the function keep it, under its name, or change what refers to it as well.",
        owner.customizations[-1].where,
    )


def _references(made: ChartObject) -> Iterator[_Reference]:
    """The objects that an object names."""
    yield from _named_in(made.body, "", _OF_OBJECTS.get(made.kind, ()))
    for target in _at(made.body, ["spec", "scaleTargetRef"]):
        if isinstance(target, dict):
            yield from _named_in(target, "spec.scaleTargetRef.", ((str(target.get("kind")), "name"),))
    for place in ("spec.template.spec", "spec.jobTemplate.spec.template.spec"):
        for pod in _at(made.body, place.split(".")):
            yield from _named_in(pod, f"{place}.", _OF_PODS)


def _named_in(content: Any, above: str, places: Iterable[tuple[str, str]]) -> Iterator[_Reference]:
    for kind, place in places:
        for found in _at(content, place.split(".")):
            name = found.default if isinstance(found, WithDefault) else found
            if isinstance(name, (str, Leaf)):
                yield _Reference(kind, name, f"{above}{place}".replace(".*", "[]"))


def _at(content: Any, steps: list[str]) -> Iterator[Any]:
    """Every value at a path (``*`` is each entry of a list); nothing where the path is missing or has another shape."""
    if isinstance(content, When):
        content = content.content
    if not steps:
        yield content
    elif steps[0] == "*":
        for entry in content if isinstance(content, list) else ():
            yield from _at(entry, steps[1:])
    elif isinstance(content, dict) and steps[0] in content:
        yield from _at(content[steps[0]], steps[1:])
