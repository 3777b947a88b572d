"""Containers: an image, or a Dockerfile to build one from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import ClassVar, Self, get_args

from fairlead.container_options import option_problem
from fairlead.model.containers.configurable import ConfigurableContainer
from fairlead.model.endpoints.placement import Placement
from fairlead.model.lifetime import Lifetime, LifetimeText
from fairlead.model.locations import Location, mistake
from fairlead.model.programs.image import Build, Image, ImageOptions, refuse_options_of_image
from fairlead.model.programs.program import JobProgram
from fairlead.model.programs.workload import Workload
from fairlead.model.values.value import Value
from fairlead.model.volume import BindMount, PublishMount
from fairlead.model.watch import WATCH_ACTIONS, WatchAction


class Container(ConfigurableContainer, ImageOptions):
    """A container.

    Args:
        name: The resource's name, which is also its name on the app's network.
        image: ``[registry/]repository[:tag][@digest]``, or an image that the app builds; None when it is built for this
            container alone.
        build: How its image is built.
    """

    kind: ClassVar[str] = "Container"
    default_icon: ClassVar[str] = "container"
    driver: ClassVar[str | None] = "fairlead.drivers.container:ContainerDriver"
    #: Where the kind keeps its data, for ``with_data_volume``.
    data_path: ClassVar[str | None] = None
    #: The folder of a volume at ``data_path`` that a cluster mounts, for a program that takes no folder with
    #: ``lost+found`` in it; None for all of the volume.
    data_subpath: ClassVar[str | None] = None
    #: The variable that names the folder of its data, for a program that has to be the owner of that folder.
    data_variable: ClassVar[str | None] = None
    #: The variables that only its first start over an empty ``data_path`` takes, as the data keep what they say, with
    #: how each is changed in the data later.
    first_start_variables: ClassVar[Mapping[str, str]] = {}
    watch_actions: ClassVar[tuple[WatchAction, ...]] = WATCH_ACTIONS

    def __init__(self, name: str, image: str | Image | None = None, *, build: Build | None = None) -> None:
        ConfigurableContainer.__init__(self, name)
        ImageOptions.__init__(self)
        if build is None:
            self._take_image(type(self).__name__, image)
        if build is not None:
            self._check_build(build)
        self.build = build
        self.image_tag: str | None = None
        self.image_registry: str | None = None
        self.runtime_args: list[str] = []
        self.lifetime = Lifetime.SESSION
        #: The id that the engine gave its container.
        self.container_id = self.output("container")
        self.bind_mounts: list[BindMount] = []

    def _new_job(self, name: str, program: JobProgram) -> Workload:
        """A container of the same image, whatever its kind; a command replaces the image's ENTRYPOINT."""
        program.refuse(name, self.kind, "script", "module")
        image = self.image if self.built_image is None else self.built_image
        job = Container(name, image, build=self.build)
        return job if program.command is None else job.with_entrypoint(program.command)

    @property
    def made_from(self) -> str:
        """Its image, or the Dockerfile and folder of it."""
        if self.built_image is not None:
            return self.built_image.made_from
        if self.build is not None:
            return f"{self.build.dockerfile} in {self.build.context}"
        return self.image_reference or ""

    @property
    def build_files(self) -> tuple[str, str] | None:
        """The context and the Dockerfile of its image, also of one that it shares."""
        if self.built_image is not None:
            return self.built_image.build_files
        return None if self.build is None else (self.build.context, self.build.dockerfile)

    @property
    def placement(self) -> Placement:
        """A container of the app's network."""
        return Placement.CONTAINER

    @property
    def exports_telemetry(self) -> bool:
        """Whether a run tells it where to send telemetry; one that outlives the run only where the definition says so.

        What a container is told is a part of it, and a container that is kept is not recreated for telemetry.
        """
        is_asked = self.otlp_exporter is not None or self.lifetime is Lifetime.SESSION
        return is_asked and super().exports_telemetry

    @property
    def image_reference(self) -> str | None:
        """The image with the registry and tag that ``with_image_registry`` and ``with_image_tag`` asked for."""
        if self.image is None:
            return None
        image = self.image
        if self.image_tag is not None:
            bare, _, last = image.partition("@")[0].rpartition("/")
            image = f"{bare}/" * bool(bare) + f"{last.partition(':')[0]}:{self.image_tag}"
        if self.image_registry is not None:
            first, slash, rest = image.partition("/")
            has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
            image = f"{self.image_registry}/{rest if has_registry else image}"
        return image

    def with_image_tag(self, tag: str) -> Self:
        """Use another tag of its image."""
        self._declare("with_image_tag")
        if self._text("with_image_tag", "tag", tag):
            self.image_tag = tag
        return self

    def with_image_registry(self, registry: str) -> Self:
        """Take its image from another registry."""
        self._declare("with_image_registry")
        if self._text("with_image_registry", "registry", registry):
            self.image_registry = registry.rstrip("/")
        return self

    def with_container_runtime_args(self, *args: str) -> Self:
        """Give more options of ``docker run``.

        Args:
            *args: Each as one text with its value, such as ``--memory=256m``. Everyone who may use the engine can read
                them, so they are no place for a secret.
        """
        self._declare("with_container_runtime_args")
        self.runtime_args += [arg for arg in args if self._is_option(arg)]
        return self

    def with_lifetime(self, lifetime: Lifetime | LifetimeText) -> Self:
        """Keep it after the run (``"persistent"``), or not (``"session"``, the default)."""
        self._declare("with_lifetime")
        if self._one_of("with_lifetime", "lifetime", lifetime, [str(entry) for entry in Lifetime]):
            self.lifetime = Lifetime(lifetime)
        return self

    def with_data_volume(self, name: str | None = None) -> Self:
        """Keep its data in a volume.

        Args:
            name: By default the resource's name with ``-data``.
        """
        self._declare("with_data_volume")
        own_name = self._optional_text("with_data_volume", "name", name)
        if self.data_path is None:
            mistake(
                f"with_data_volume(): a {self.kind} has no folder of its own for data",
                resource=self.name,
                remedy="Say where: with_volume(name, target).",
            )
            return self
        return self.with_volume(own_name or f"{self.name}-data", self.data_path)

    def with_bind_mount(
        self,
        source: str | os.PathLike[str],
        target: str,
        *,
        read_only: bool = False,
        publish_mount: PublishMount | None = None,
    ) -> Self:
        """Mount a file or folder of the host.

        A cluster has no such thing. It gets a copy of read-only text that belongs to the project, and a required value
        for each file that looks secret; anything else is an error unless ``publish_mount`` says what to do.

        Args:
            source: Relative to the app file's folder; ``~/`` is the user's own.
            target: Absolute path in the container.
            read_only: Whether it can only be read there.
            publish_mount: What a cluster gets: ``config`` (a copy that everyone may read), ``secret`` (a value for each
                file, given when it is installed) or ``skip`` (nothing).
        """
        self._declare("with_bind_mount")
        source = os.fspath(source) if isinstance(source, os.PathLike) else source
        there = self._text("with_bind_mount", "source", source)
        protected = self._flag("with_bind_mount", "read_only", read_only)
        there &= publish_mount is None or self._one_of(
            "with_bind_mount", "publish_mount", publish_mount, get_args(PublishMount)
        )
        if self._path("with_bind_mount", "target", target) and self._is_free(target) and there:
            self.bind_mounts.append(BindMount(source, target, protected, publish_mount))
        return self

    def _is_option(self, arg: object) -> bool:
        if isinstance(arg, Value):
            mistake(
                "with_container_runtime_args() needs text, not a value that is only known later"
                + (", and the options of a container can be seen by everyone" if arg.secret else ""),
                resource=self.name,
                remedy="Give it with with_environment() or with_container_files().",
            )
            return False
        if not self._text("with_container_runtime_args", "option", arg):
            return False
        problem = option_problem(str(arg))
        if problem is not None:
            mistake(problem.message, resource=self.name, remedy=problem.remedy)
        return problem is None

    def _refuse_options_of_shared_image(self) -> None:
        """Report what it says of an image that is built for other programs, too."""
        image = self.built_image
        if image is None:
            return
        said = {
            "with_image_tag()": self.image_tag is not None,
            "with_image_registry()": self.image_registry is not None,
            "with_pull_policy()": self.pull_policy not in (None, image.pull_policy),
            "with_platform()": self.platform not in (None, image.platform),
            "build=": self.build is not None,
        }
        refuse_options_of_image(self, image, [option for option, is_said in said.items() if is_said])

    def _mounted_paths(self) -> set[str]:
        return super()._mounted_paths() | {mount.target.rstrip("/") for mount in self.bind_mounts}

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the build arguments and secrets, and the image that it waits for."""
        yield from super()._given_values()
        if self.built_image is not None:
            yield self.built_image.reference, self.where
        if self.build is not None:
            for value in self.build.values():
                yield value, self.where

    def _finish(self) -> None:
        """Report secrets among the build arguments, and endpoints without a port inside the container."""
        super()._finish()
        self._refuse_secret_build_arguments(self.build)
        self._refuse_options_of_shared_image()
        for spec in self.endpoints.values():
            if spec.target_port is None:
                mistake(
                    f"endpoint {spec.name!r} of a container needs a target_port",
                    resource=self.name,
                    where=spec.where,
                    remedy="Say where the program in the container listens: target_port=….",
                )
