"""Which images have to be built for a chart, and from what."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fairlead.model.names import normal_form
from fairlead.model.programs.image import DOCKERFILE, Build, Image
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.publish.context import PlanningContext
from fairlead.publish.images.image_names import image_name, image_owner, is_given
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.records import replaced
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
    builds = []
    for owner, programs in _by_owner(workloads):
        name = image_name(context.chart, programs[0])
        build = build_of(programs[0], f"{name.repository}:{name.tag}", context.files, context.report)
        if build is None:
            continue
        if isinstance(owner, Image):
            build = replaced(build, programs=[program.name for program in programs])
            if build.text is not None:
                from fairlead.publish.images.project_image import check_programs

                check_programs(owner, programs, context.report)
        builds.append(build)
        is_of_job = any(program.name in jobs for program in programs)
        context.report.note(
            owner,
            f"the chart runs the image {build.image}, which has to be built",
            f"Build it, and push it to your registry: {command}." + (_ONLY_NEW if is_of_job else ""),
        )
    return builds


def _by_owner(workloads: Iterable[Workload]) -> Iterable[tuple[Resource, list[Workload]]]:
    """The programs of each image, with the resource that it is named after."""
    programs: dict[str, tuple[Resource, list[Workload]]] = {}
    for workload in workloads:
        owner = image_owner(workload)
        programs.setdefault(owner.name, (owner, []))[1].append(workload)
    return programs.values()


def has_image(workload: Workload, sources: ProjectFiles) -> bool:
    """Whether there is an image for a workload, or it is known how one is made."""
    if is_given(workload) or workload.built_image is not None or not isinstance(workload, Executable):
        return True
    return cluster_kind_of(workload).generates_dockerfile or has_dockerfile(workload, sources)


def has_dockerfile(workload: Executable, sources: ProjectFiles) -> bool:
    """Whether its folder has a Dockerfile."""
    return sources.exists(f"{workload.cwd}/{DOCKERFILE}")


def is_generated(workload: Workload, sources: ProjectFiles) -> bool:
    """Whether its image is made by a Dockerfile of ours, so that we know what it needs."""
    if workload.built_image is not None:
        return is_generated_image(workload.built_image, sources)
    return (
        isinstance(workload, Executable)
        and not is_given(workload)
        and cluster_kind_of(workload).generates_dockerfile
        and not has_dockerfile(workload, sources)
    )


def is_generated_image(image: Image, sources: ProjectFiles) -> bool:
    """Whether an image that programs share is made by a Dockerfile of ours."""
    return image.may_be_generated and not sources.exists(f"{image.build.context}/{image.build.dockerfile}")


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
    if workload.built_image is not None:
        return build_of_image(workload.built_image, image, sources, report)
    if isinstance(workload, Container):
        return build_of_image(workload, image, sources, report)
    assert isinstance(workload, Executable)
    if not is_generated(workload, sources):
        return ImageBuild(workload.name, image, workload.cwd, DOCKERFILE)
    kind = cluster_kind_of(workload)
    generated = kind.dockerfile(workload, sources, report)
    path, args = _generated_path(workload), dict(kind.build_arguments(workload))
    return ImageBuild(workload.name, image, generated.context, path, generated.text, args=args)


def build_of_image(builder: Container | Image, image: str, sources: ProjectFiles, report: Report) -> ImageBuild:
    """How an image is built that several programs share, or that is built for one container.

    Args:
        builder: The image, or the container that has a build.
        image: What it is to be called.
        sources: Tells which files there are.
        report: Where it is said what is wrong with the build.
    """
    assert builder.build is not None
    generated = None
    if isinstance(builder, Image) and is_generated_image(builder, sources):
        # What makes Dockerfiles is loaded for the apps that need one.
        from fairlead.publish.images.project_image import project_dockerfile

        generated = project_dockerfile(builder, sources, report)
    build = builder.build
    return ImageBuild(
        builder.name,
        image,
        build.context if generated is None else generated.context,
        build.dockerfile if generated is None else _generated_path(builder),
        None if generated is None else generated.text,
        target=build.target,
        args=dict(build.args or {}),
        secrets=dict(build.secrets or {}),
        platform=builder.platform,
    )


def _generated_path(owner: Resource) -> str:
    """Where the Dockerfile of an image lies in the output folder."""
    return f"images/{normal_form(owner.name)}/{DOCKERFILE}"


def build_target(workload: Workload) -> str | None:
    """The stage of its Dockerfile that its image is; None for the last."""
    build = _build_of(workload)
    return build.target if build is not None else None


def dockerfile_of(workload: Workload, files: ProjectFiles) -> str | None:
    """The Dockerfile that the definition knows of; None for an image that is there, or that we make."""
    if is_given(workload) or is_generated(workload, files):
        return None
    build = _build_of(workload)
    if build is not None:
        return f"{build.context}/{build.dockerfile}"
    return f"{workload.cwd}/{DOCKERFILE}" if isinstance(workload, Executable) else None


def _build_of(workload: Workload) -> Build | None:
    """How the definition has its image built, for itself or for several; None for a process, and where it does not."""
    if workload.built_image is not None:
        return workload.built_image.build
    return workload.build if isinstance(workload, Container) else None
