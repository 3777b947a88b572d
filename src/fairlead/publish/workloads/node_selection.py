"""To which environment a program belongs, on which of its nodes it runs, and how it gets its images."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.model.locations import NOWHERE
from fairlead.model.names import listing
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Concatenated, Text
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.chart.sections import Section
from fairlead.publish.chart.values_yaml import TEXT_SCHEMA
from fairlead.publish.images.image_names import image_options, image_owner
from fairlead.resources.kubernetes import KubernetesEnvironment

_SECRETS_SCHEMA = {
    "type": "array",
    "items": {"type": "object", "properties": {"name": TEXT_SCHEMA}, "required": ["name"]},
}


def environment_code(environment: KubernetesEnvironment) -> str:
    """What a definition writes for an environment; where it has none, what declares one."""
    return 'app.add_kubernetes_environment("k8s")' if environment.where == NOWHERE else environment.name


def is_published_to(
    workload: Workload, environment: KubernetesEnvironment, known: Iterable[KubernetesEnvironment], report: Report
) -> bool:
    """Whether a program is published to an environment: a sole one takes all that say nothing.

    Args:
        workload: The program.
        environment: The environment.
        known: All environments of the app.
        report: Where it is reported that a program does not say to which of several it belongs.
    """
    if workload.compute_environments:
        return any(chosen is environment for chosen in workload.compute_environments)
    names = [other.name for other in known]
    if len(names) > 1:
        report.error(
            workload,
            f"it could be published to any of the environments {listing(names)}",
            f"Say to which, or to several: with_compute_environment({', '.join(names)}).",
        )
    return True


def placement(
    chart: Chart,
    workload: Workload | None,
    environment: KubernetesEnvironment,
    report: Report,
    image_of: Workload | None = None,
) -> dict[str, Any]:
    """The fields of a pod that say where it runs, and with which credentials its images are fetched.

    Args:
        chart: The chart it is in.
        workload: Whose pod it is; None for one that the definition knows nothing about.
        environment: The environment.
        report: Where pools of other environments are reported.
        image_of: Whose image it runs, where that is not its own.
    """
    secrets = chart.values.declare(
        Section.IMAGE_PULL_SECRETS.value(),
        [{"name": name} for name in environment.pull_secrets],
        kind="object",
        schema=_SECRETS_SCHEMA,
    )
    shared = chart.values.declare(Section.GLOBAL.value("imagePullSecrets"), [], kind="object", schema=_SECRETS_SCHEMA)
    fields: dict[str, Any] = {"imagePullSecrets": Concatenated(secrets, shared)}
    if processor := node_labels(chart, image_of or workload):
        fields["nodeSelector"] = OpenMapping(processor)
    for pool, where in workload.node_pools if workload is not None else ():
        if pool.environment is environment:
            labels = chart.values.declare(
                Section.NODE_POOLS.value(pool.name),
                dict(pool.labels),
                kind="object",
                schema={"type": "object", "additionalProperties": TEXT_SCHEMA},
            )
            fields["nodeSelector"] = OpenMapping(processor, labels)
        elif workload is not None and pool.environment not in workload.compute_environments:
            report.error(
                workload,
                f"the node pool {pool.name!r} is one of {pool.environment.name!r}, and this is published to "
                f"{environment.name!r}",
                "Ask for a pool of the same environment.",
                where,
            )
    return fields


def node_labels(chart: Chart, workload: Workload | None) -> dict[str, Text]:
    """The labels of nodes that an image can run on, where it is known to be for one kind of processor."""
    options = image_options(workload) if workload is not None else None
    if workload is None or options is None or options.platform is None:
        return {}
    architecture = options.platform.split("/")[1]  # linux/arm/v7; what follows, nodes don't tell
    key = Section.IMAGES.value(image_owner(workload).name, "architecture")
    value = chart.values.declare(key, architecture, schema={"type": "string", "minLength": 1})
    return {"kubernetes.io/arch": value}
