"""Which image a workload runs in the cluster, and the keys of values.yaml that say so."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from fairlead.model.lifetime import PullPolicy
from fairlead.model.names import normal_form
from fairlead.model.programs.image import ImageOptions
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import ChartValue, Mirrored, Text, join
from fairlead.publish.chart.properties import Given, property_value
from fairlead.publish.chart.sections import Section
from fairlead.records import record
from fairlead.resources.container import Container

#: The user, and group, of the images that we make.
USER = 10001
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_POLICY_SCHEMA: dict[str, Any] = {"type": "string", "enum": list(PULL_POLICIES)}
_NOT_EMPTY: dict[str, Any] = {"type": "string", "minLength": 1}
_KUBERNETES_POLICY = {PullPolicy.ALWAYS: "Always", PullPolicy.MISSING: "IfNotPresent", PullPolicy.NEVER: "Never"}
_NOT_IN_NAMES = "[^a-z0-9]+"


@record
class ImageName:
    """``repository[:tag][@digest]``, taken apart."""

    repository: str
    tag: str
    digest: str

    @classmethod
    @lru_cache(maxsize=64)  # it is asked several times for each workload
    def parse(cls, reference: str) -> ImageName:
        """Take a reference apart; one without tag and digest means the tag ``latest``."""
        name, _, digest = reference.partition("@")
        folder, slash, last = name.rpartition("/")
        last, _, tag = last.partition(":")
        return cls(f"{folder}{slash}{last}", tag or ("" if digest else "latest"), digest)


def has_version(reference: str) -> bool:
    """Whether a reference says which version of the image it means, by a tag or a digest."""
    return "@" in reference or ":" in reference.rpartition("/")[2]


def is_given(workload: Workload) -> bool:
    """Whether the definition names the image, so that nobody has to build one."""
    return workload.image is not None


def given_image(workload: Workload) -> str | None:
    """The image that the definition names for a workload."""
    return workload.image_reference if isinstance(workload, Container) else workload.image


def image_owner(workload: Workload) -> Resource:
    """The resource that an image is named after: the image that several programs share, or the program it is made for.

    A job runs the image of its program.
    """
    if workload.job_of is not None:
        from fairlead.model.programs.jobs import image_program  # for apps that have such jobs

        workload = image_program(workload)
    return workload if workload.built_image is None else workload.built_image


def image_options(workload: Workload) -> ImageOptions | None:
    """What says when its image is pulled, and what it is for; None for a program that says neither."""
    if workload.built_image is not None:
        return workload.built_image
    return workload if isinstance(workload, Container) else None


def image_name(chart: Chart, workload: Workload) -> ImageName:
    """The image that the definition names for a workload, else the one that a build will make."""
    given = given_image(workload)
    if given is not None:
        return ImageName.parse(given)
    folder = re.sub(_NOT_IN_NAMES, "-", chart.name.lower()).strip("-")
    registry = f"{chart.registry}/" if chart.registry else ""
    return ImageName(
        f"{registry}{folder}/{normal_form(image_owner(workload).name)}", chart.version.replace("+", "_"), ""
    )


def image_fields(chart: Chart, workload: Workload, default_policy: Given) -> dict[str, Any]:
    """The fields of a container that say what it runs, each part a key of its own under ``images``."""
    name = image_name(chart, workload)
    options = image_options(workload)
    policy = options.pull_policy if options is not None else None
    key = Section.IMAGES.value(image_owner(workload).name)
    parts: list[Text] = [chart.values.declare((*key, "repository"), name.repository, schema=_NOT_EMPTY)]
    if name.tag:
        parts += [":", chart.values.declare((*key, "tag"), name.tag, schema=_NOT_EMPTY)]
    if name.digest:
        parts += ["@", chart.values.declare((*key, "digest"), name.digest, schema=_NOT_EMPTY)]
    pull_policy = property_value(
        chart,
        workload.name,
        (*key, "pullPolicy"),
        _KUBERNETES_POLICY[policy] if policy else default_policy,
        schema=_POLICY_SCHEMA,
    )
    return {"image": Mirrored(join(parts), image_mirror(chart)), "imagePullPolicy": pull_policy}


def image_mirror(chart: Chart) -> ChartValue:
    """The value that names a registry which all images are pulled from, instead of their own."""
    return chart.values.declare(
        Section.GLOBAL.value("imageRegistry"),
        "",
        comment="Such as mirror.example.com/hub; it takes the place of each image's own registry.",
    )
