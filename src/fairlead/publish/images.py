"""Which image a workload runs in the cluster, and the keys of values.yaml that say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fairlead.model.lifetime import PullPolicy
from fairlead.model.names import normal_form
from fairlead.model.workload import Workload
from fairlead.publish.chart import Chart
from fairlead.publish.values import Text, join
from fairlead.resources.container import Container

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_KUBERNETES_POLICY = {PullPolicy.ALWAYS: "Always", PullPolicy.MISSING: "IfNotPresent", PullPolicy.NEVER: "Never"}


@dataclass(frozen=True, slots=True)
class ImageName:
    """``repository[:tag][@digest]``, taken apart."""

    repository: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, reference: str) -> ImageName:
        """Take a reference apart; one without tag and digest means the tag ``latest``."""
        name, _, digest = reference.partition("@")
        folder, slash, last = name.rpartition("/")
        last, _, tag = last.partition(":")
        return cls(f"{folder}{slash}{last}", tag or ("" if digest else "latest"), digest)


def is_given(workload: Workload) -> bool:
    """Whether the definition names the image, so that nobody has to build one."""
    return workload.image is not None


def image_name(chart: Chart, workload: Workload) -> ImageName:
    """The image that the definition names for a workload, else the one that a build will make."""
    given = workload.image_reference if isinstance(workload, Container) else workload.image
    if given is not None:
        return ImageName.parse(given)
    tag = chart.version.replace("+", "_")
    return ImageName(f"{normal_form(chart.name).replace('.', '-')}/{normal_form(workload.name)}", tag, "")


def image_fields(chart: Chart, workload: Workload, default_policy: str) -> dict[str, Any]:
    """The fields of a container that say what it runs, each part a key of its own under ``images``."""
    name = image_name(chart, workload)
    policy = workload.pull_policy if isinstance(workload, Container) else None
    key = "images", workload.name
    not_empty = {"type": "string", "minLength": 1}
    parts: list[Text] = [chart.values.declare((*key, "repository"), name.repository, schema=not_empty)]
    if name.tag:
        parts += [":", chart.values.declare((*key, "tag"), name.tag, schema=not_empty)]
    if name.digest:
        parts += ["@", chart.values.declare((*key, "digest"), name.digest, schema=not_empty)]
    pull_policy = chart.values.declare(
        (*key, "pullPolicy"),
        _KUBERNETES_POLICY[policy] if policy else default_policy,
        schema={"type": "string", "enum": list(PULL_POLICIES)},
    )
    return {"image": join(parts), "imagePullPolicy": pull_policy}
