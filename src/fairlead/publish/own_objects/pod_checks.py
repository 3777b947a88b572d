"""Whether the pods of an object that a definition brings along fit: labels with selectors, mounts with volumes.

It holds for every kind that has a template of pods, also for those that Kubernetes does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.publish.chart.leaves import Leaf, When
from fairlead.publish.own_objects.field_checks import FieldProblem


def pod_problems(body: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What does not fit in the pods of an object.

    Args:
        body: The object, which may have no pods, or be of any shape.
    """
    kind, spec = body["kind"], _mapping(body.get("spec"))
    if kind == "Pod":
        yield from _mount_problems(spec, set(), "Pod.spec")
    elif "template" in spec:
        template = _mapping(spec["template"])
        yield from _selector_problems(spec, template, kind)
        claims = {_name(_mapping(claim).get("metadata")) for claim in _list(spec.get("volumeClaimTemplates"))}
        yield from _mount_problems(_mapping(template.get("spec")), claims, f"{kind}.spec.template.spec")
    elif "jobTemplate" in spec:
        template = _mapping(_mapping(_mapping(spec["jobTemplate"]).get("spec")).get("template"))
        path = f"{kind}.spec.jobTemplate.spec.template.spec"
        yield from _mount_problems(_mapping(template.get("spec")), set(), path)


def _selector_problems(spec: dict[str, Any], template: dict[str, Any], kind: str) -> Iterator[FieldProblem]:
    wanted = _mapping(_mapping(spec.get("selector")).get("matchLabels"))
    labels = _mapping(_mapping(template.get("metadata")).get("labels"))
    if differing := [repr(key) for key, value in wanted.items() if labels.get(key) != value]:
        yield FieldProblem(
            f"selects pods by {kind}.spec.selector that its own template does not make: {', '.join(differing)} differs",
            "Give selector.matchLabels and template.metadata.labels the same text.",
        )


def _mount_problems(pod: dict[str, Any], claims: set[Any], path: str) -> Iterator[FieldProblem]:
    if not isinstance(pod.get("volumes", []), list):  # a value of the chart, which its user decides
        return
    volumes = claims | {_name(volume) for volume in _list(pod.get("volumes"))}
    for containers in ("initContainers", "containers"):
        for number, container in enumerate(_list(pod.get(containers))):
            for mounts in ("volumeMounts", "volumeDevices"):
                for index, mount in enumerate(_list(_mapping(container).get(mounts))):
                    name = _name(mount)
                    if isinstance(name, (str, Leaf)) and name not in volumes:
                        yield FieldProblem(
                            f"mounts {str(name)!r} in {path}.{containers}[{number}].{mounts}[{index}], and its pods "
                            "have no volume of this name",
                            "Add the volume, or take the mount away.",
                        )


def _mapping(content: Any) -> dict[str, Any]:
    bare = content.content if isinstance(content, When) else content
    return bare if isinstance(bare, dict) else {}


def _list(content: Any) -> list[Any]:
    bare = content.content if isinstance(content, When) else content
    return bare if isinstance(bare, list) else []


def _name(content: Any) -> Any:
    """The name of something; None where it has none, or one of a wrong type."""
    name = _mapping(content).get("name")
    return name if isinstance(name, (str, Leaf)) else None
