"""Which images have to be built for a chart, and from what."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fairlead.model.names import normal_form
from fairlead.model.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.publish.context import PlanningContext
from fairlead.publish.images.image_names import image_name, image_owner, is_given
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.resources.container import Container
from fairlead.resources.executable import Executable

_ONLY_NEW = " With new code it needs a new helm_chart_version: a Job runs again only when its image has another name."


def plan_builds(context: PlanningContext, workloads: Iterable[Workload], jobs: Collection[str]) -> list[ImageBuild]:
    """The images that have to be built for a chart; each gets a note.

    Args:
        context: The chart in the making.
        workloads: The programs that are published.
        jobs: The names of those that are Jobs.
    """
    command = "fairlead build --push" if context.chart.registry else "fairlead build --push --registry REGISTRY"
    builds: list[ImageBuild] = []
    owners: set[str] = set()
    for workload in workloads:
        owner = image_owner(workload).name
        if owner in owners:
            continue
        owners.add(owner)
        image = image_name(context.chart, workload)
        build = build_of(workload, f"{image.repository}:{image.tag}", context.files, context.report)
        if build is not None:
            builds.append(build)
            context.report.note(
                workload,
                f"the chart runs the image {build.image}, which has to be built",
                f"Build it, and push it to your registry: {command}." + (_ONLY_NEW if workload.name in jobs else ""),
            )
    return builds


def has_image(workload: Workload, sources: ProjectFiles) -> bool:
    """Whether there is an image for a workload, or it is known how one is made."""
    if is_given(workload) or not isinstance(workload, Executable):
        return True
    return cluster_kind_of(workload).generates_dockerfile or has_dockerfile(workload, sources)


def has_dockerfile(workload: Executable, sources: ProjectFiles) -> bool:
    """Whether its folder has a Dockerfile."""
    return sources.exists(f"{workload.cwd}/Dockerfile")


def is_generated(workload: Workload, sources: ProjectFiles) -> bool:
    """Whether its image is made by a Dockerfile of ours, so that we know what it needs."""
    return (
        isinstance(workload, Executable)
        and not is_given(workload)
        and cluster_kind_of(workload).generates_dockerfile
        and not has_dockerfile(workload, sources)
    )


def build_of(workload: Workload, image: str, sources: ProjectFiles, report: Report) -> ImageBuild | None:
    """How a workload's image is built, or None when it is there already.

    Args:
        workload: The workload.
        image: What the chart calls its image.
        sources: Tells which files there are.
        report: Where it is said what is wrong with a build.
    """
    if is_given(workload):
        return None
    if isinstance(workload, Container) and workload.build is not None:
        build = workload.build
        return ImageBuild(
            workload.name,
            image,
            build.context,
            build.dockerfile,
            target=build.target,
            args=dict(build.args or {}),
            secrets=dict(build.secrets or {}),
            platform=workload.platform,
        )
    assert isinstance(workload, Executable)
    if not is_generated(workload, sources):
        return ImageBuild(workload.name, image, workload.cwd, "Dockerfile")
    place = f"images/{normal_form(workload.name)}/Dockerfile"
    generated = cluster_kind_of(workload).dockerfile(workload, sources, report)
    return ImageBuild(workload.name, image, generated.context, place, generated.text)


def dockerfile_of(workload: Workload, files: ProjectFiles) -> str | None:
    """The Dockerfile that the definition knows of; None for an image that is there, or that we make."""
    if is_given(workload):
        return None
    if isinstance(workload, Container) and workload.build is not None:
        return f"{workload.build.context}/{workload.build.dockerfile}"
    if isinstance(workload, Executable) and not is_generated(workload, files):
        return f"{workload.cwd}/Dockerfile"
    return None
