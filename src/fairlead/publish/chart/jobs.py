"""The identity of Jobs: what a Job is named, and what the notes of a release call the work that it does.

The pods of a Job can't be changed, so its name holds a hash of their whole template: an upgrade that changes anything
in it creates a new Job. What the Job *does* is less than that. A pull secret, a limit or a label changes its name and
not its work. So its work has a hash of its own, by which the release notes that it was completed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from fairlead.publish.chart.identity import digest
from fairlead.publish.chart.leaves import ChartValue, Checksum, Mirrored, Named, Part, Text, checksum_parts, join
from fairlead.publish.chart.names import suffixed
from fairlead.publish.chart.open_mapping import OpenMapping, content_of

#: How many digits of a hash tell one version of a Job from another.
NAME_DIGITS = 10
#: And one work from another: more, because of two that were taken for the same, one would never be done.
WORK_DIGITS = 32
#: The fields of a container that say what it does, and those among them to which the chart's user may add.
_OF_WORK = ("image", "command", "args", "workingDir", "env", "envFrom", "volumeMounts")
_OF_USER = ("env", "envFrom", "volumeMounts")


class JobIdentity:
    """The names of one Job and of its work, as leaves for the objects that refer to them.

    The leaves can be put into objects before the pods of the Job are known; :meth:`identify` completes them.

    Args:
        chart: The name of the chart.
        workload: The name of the workload's objects.
    """

    def __init__(self, chart: str, workload: str) -> None:
        self.workload = workload
        self.name = Named(f"{chart}.job.{workload}", "")
        self.work = Named(f"{chart}.work.{workload}", "")
        self.image = Named(f"{chart}.image.{workload}", "")
        #: The names of the containers and volumes of its pods that have no part in its work, as they only wait.
        self.waiting: Collection[str] = ()

    def identify(self, template: Mapping[str, Any]) -> None:
        """Complete the leaves.

        Args:
            template: The template of its pods, which may hold the leaves, except its own name.
        """
        spec = template.get("spec")
        self.image.text = _image(spec, self.workload)
        self.work.text = _with_hash(self.workload, _work(template, self.waiting), WORK_DIGITS)
        self.name.text = _with_hash(suffixed(self.workload), template, NAME_DIGITS)


def identify_again(jobs: Iterable[JobIdentity], bodies: Iterable[Mapping[str, Any]]) -> None:
    """Complete the identities of Jobs once more, as functions of the definition may have changed their pods.

    Args:
        jobs: The identities, each Job before those that wait for it.
        bodies: All objects of the chart. A Job that is not among them by its own name stays what it was.
    """
    by_name = {id(body["metadata"]["name"]): body for body in bodies}
    for job in jobs:
        template = _mapping(_mapping(by_name.get(id(job.name))).get("spec")).get("template")
        if isinstance(template, Mapping):
            job.identify(template)


def _with_hash(name: str, content: Any, digits: int) -> Text:
    """A name and a hash: of the content's fixed part here and now, of the values in it when the chart is rendered."""
    used = dict.fromkeys(checksum_parts(content))
    used = {part: None for part in used if not isinstance(part, Part) or part.value not in used}
    return join([f"{name}-", Checksum((digest(content), *used), digits)])


def _image(spec: Any, workload: str) -> Text:
    for container in _list(_mapping(spec).get("containers")):
        if _mapping(container).get("name") == workload:
            image: Text = container.get("image", "")
            return image
    return ""


def _work(template: Mapping[str, Any], waiting: Collection[str]) -> dict[str, Any]:
    """What defines the work of pods: the images, commands, environments and files of their containers."""
    spec = _mapping(template.get("spec"))
    volumes = _list(spec.get("volumes"))
    left_out = {*waiting, *(_mapping(volume).get("name") for volume in volumes if "emptyDir" in _mapping(volume))}
    containers = [
        container for section in ("initContainers", "containers") for container in _others(spec.get(section), left_out)
    ]
    annotations = _mapping(_mapping(template.get("metadata")).get("annotations"))
    return {
        "containers": [_work_of_container(container, left_out) for container in containers],
        "volumes": [*_others(volumes, left_out), *_of_user(spec, "volumes")],
        "checksums": {key: entry for key, entry in annotations.items() if key.startswith("checksum/")},
    }


def _work_of_container(container: Any, left_out: Collection[Any]) -> Any:
    if not isinstance(container, Mapping):
        return container
    fields = {field: container[field] for field in _OF_WORK if field in container}
    if isinstance(fields.get("image"), Mirrored):  # from wherever it is pulled, it is the same
        fields["image"] = fields["image"].image
    if "volumeMounts" in fields:
        fields["volumeMounts"] = _others(fields["volumeMounts"], left_out)
    return {**fields, "user": _of_user(container, *_OF_USER)}


def _of_user(content: Any, *fields: str) -> list[Part]:
    """What the chart's user adds under these fields."""
    changes = content.changes if isinstance(content, OpenMapping) else ()
    return [Part(value, field) for value in changes if isinstance(value, ChartValue) for field in fields]


def _others(entries: Any, left_out: Collection[Any]) -> list[Any]:
    """The entries of a list that have none of these names."""
    return [entry for entry in _list(entries) if _mapping(entry).get("name") not in left_out]


def _list(content: Any) -> list[Any]:
    """A part of an object as a list, whatever the definition has made of it."""
    return content if isinstance(content, list) else [] if content is None else [content]


def _mapping(content: Any) -> Mapping[str, Any]:
    content = content_of(content)
    return content if isinstance(content, Mapping) else {}
