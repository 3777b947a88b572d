"""Images that an app builds: how one is built, and the resource that several programs can share one by."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Self

from fairlead.model.argument_checks import ArgumentChecks, kind_of
from fairlead.model.lifetime import PullPolicy, PullPolicyText
from fairlead.model.locations import Location, mistake
from fairlead.model.names import PLATFORM_REMEDY, is_platform
from fairlead.model.resource import Resource
from fairlead.model.values.value import Value, ValueLike
from fairlead.model.watch import Watch, Watchable, WatchAction
from fairlead.records import record

#: The Dockerfile of a folder, where nothing else is named.
DOCKERFILE = "Dockerfile"
_SECRET_ID = r"(?a)[A-Za-z0-9][A-Za-z0-9._-]*"


def is_secret_id(text: str) -> bool:
    """Whether a text can name a secret of a build."""
    return re.fullmatch(_SECRET_ID, text) is not None


@record
class Build:
    """How an image is built.

    Args:
        context: Folder that is sent to the engine, relative to the app file's folder.
        dockerfile: The Dockerfile, relative to the context.
        target: The stage to build; None for the last.
        args: Build arguments.
        secrets: What ``RUN --mount=type=secret,id=…`` finds while it is built, by id; no image keeps it.
    """

    context: str
    dockerfile: str = DOCKERFILE
    target: str | None = None
    args: Mapping[str, ValueLike] | None = None
    secrets: Mapping[str, ValueLike] | None = None

    def values(self) -> Iterator[ValueLike]:
        """What it is given that may be deferred."""
        for given in (self.args, self.secrets):
            if isinstance(given, Mapping):  # what else it may be is reported elsewhere
                yield from given.values()

    def differences(self, other: Build) -> list[str]:
        """The arguments of ``add_image`` in which another build differs."""
        pairs = {
            "context": (self.context, other.context),
            "dockerfile": (self.dockerfile, other.dockerfile),
            "target": (self.target, other.target),
            "build_args": (_by_identity(self.args), _by_identity(other.args)),
            "build_secrets": (_by_identity(self.secrets), _by_identity(other.secrets)),
        }
        return [name for name, (mine, theirs) in pairs.items() if mine != theirs]


def _by_identity(given: Mapping[str, ValueLike] | None) -> dict[str, object]:
    """Arguments as something that can be compared; a deferred value is equal to itself alone."""
    entries = given.items() if isinstance(given, Mapping) else ()
    return {name: id(value) if isinstance(value, Value) else value for name, value in entries}


class ImageOptions(ArgumentChecks):
    """Something that has an image: what it is for, when it is pulled, and whether a build of it makes sense."""

    def __init__(self) -> None:
        self.platform: str | None = None
        self.pull_policy: PullPolicy | None = None

    def with_pull_policy(self, policy: PullPolicy | PullPolicyText) -> Self:
        """Say when its image is pulled: ``always``, ``missing`` or ``never``."""
        self._declare("with_pull_policy")
        if self._one_of("with_pull_policy", "policy", policy, [str(entry) for entry in PullPolicy]):
            self.pull_policy = PullPolicy(policy)
        return self

    def with_platform(self, platform: str) -> Self:
        """Use the image for a platform, which this machine may have to emulate.

        It is pulled, built and run for that one, and its pods are placed on nodes with such a processor.

        Args:
            platform: Such as ``linux/amd64`` or ``linux/arm64``.
        """
        self._declare("with_platform")
        if self._text("with_platform", "platform", platform):
            if is_platform(platform):
                self.platform = platform
            else:
                mistake(
                    f"with_platform() got {platform!r}, which no image is for",
                    resource=self.name,
                    remedy=PLATFORM_REMEDY,
                )
        return self

    def _check_build(self, build: Build) -> None:
        method = type(self).__name__
        self._text(method, "context", build.context)
        self._text(method, "dockerfile", build.dockerfile)
        self._text(method, "target", build.target, optional=True)
        for name, value in self._entries(method, "build_args", build.args):
            if self._variable(method, name):
                self._value(method, f"the build argument {name}", value)
        for name, value in self._entries(method, "build_secrets", build.secrets):
            if self._secret_id(method, name):
                self._value(method, f"the build secret {name}", value)

    def _entries(self, method: str, what: str, given: Mapping[str, ValueLike] | None) -> Iterable[tuple[str, object]]:
        if given is None or isinstance(given, Mapping):
            return (given or {}).items()
        mistake(
            f"{method}() needs a mapping as {what}, not {kind_of(given)}",
            resource=self.name,
            remedy="Write {name: value}.",
        )
        return ()

    def _secret_id(self, method: str, name: object) -> bool:
        """Whether something can be the id of a build secret, which is a file's name and stands between commas."""
        if isinstance(name, str) and is_secret_id(name):
            return True
        mistake(
            f"{method}() got {repr(name) if isinstance(name, str) else kind_of(name)} as the id of a build secret",
            resource=self.name,
            remedy="Use letters, digits, '.', '-' and '_', with a letter or digit in front.",
        )
        return False

    def _refuse_secret_build_arguments(self, build: Build | None) -> None:
        """Report secrets among the build arguments."""
        given = build.args if build is not None else None
        for name, value in given.items() if isinstance(given, Mapping) else ():
            if isinstance(value, Value) and value.secret:
                mistake(
                    f"the build argument {name} is secret, and the history of an image shows its build arguments",
                    resource=self.name,
                    remedy="Give it with build_secrets=, or when the container runs, with with_environment() or "
                    "with_container_files().",
                )


class Image(Resource, ImageOptions, Watchable):
    """An image that the app builds once, for one or several programs.

    A run builds it where a container needs it; processes run from their folder. A chart has one name and one key of
    values.yaml for it.

    Args:
        name: The resource's name, and in a chart that of the image.
        context: Folder that is sent to the engine, relative to the app file's folder.
        dockerfile: The Dockerfile, relative to the context; None for the folder's ``Dockerfile``, or one that Fairlead
            makes for a Python or Node project that has none.
        target: The stage to build; None for the last.
        build_args: Build arguments.
        build_secrets: What ``RUN --mount=type=secret,id=…`` finds in ``/run/secrets`` while it is built, by id.
    """

    kind: ClassVar[str] = "Image"
    default_icon: ClassVar[str] = "container"
    driver: ClassVar[str | None] = "fairlead.drivers.image:ImageDriver"
    passive: ClassVar[bool] = True
    watch_actions: ClassVar[tuple[WatchAction, ...]] = ("rebuild",)

    def __init__(
        self,
        name: str,
        context: str | os.PathLike[str],
        dockerfile: str | None = None,
        *,
        target: str | None = None,
        build_args: Mapping[str, ValueLike] | None = None,
        build_secrets: Mapping[str, ValueLike] | None = None,
    ) -> None:
        Resource.__init__(self, name)
        ImageOptions.__init__(self)
        folder = os.fspath(context) if isinstance(context, os.PathLike) else context
        #: Whether a Dockerfile is made where its folder has none.
        self.may_be_generated = dockerfile is None
        self.build = Build(folder, DOCKERFILE if dockerfile is None else dockerfile, target, build_args, build_secrets)
        self._check_build(self.build)
        #: What a generated Dockerfile begins with; None for the usual image of the project's language.
        self.base_image: str | None = None
        self.watches: list[Watch] = []
        #: What the engine calls it, once it is built.
        self.reference = self.output("reference")

    @property
    def made_from(self) -> str:
        """Its folder, and its Dockerfile where the definition names one."""
        return self.build.context if self.may_be_generated else f"{self.build.dockerfile} in {self.build.context}"

    @property
    def build_files(self) -> tuple[str, str]:
        """Its context and its Dockerfile."""
        return self.build.context, self.build.dockerfile

    def with_base_image(self, image: str) -> Self:
        """Say what it is made from where Fairlead makes its Dockerfile.

        Args:
            image: ``[registry/]repository[:tag][@digest]``; it has to have the project's language.
        """
        self._declare("with_base_image")
        if self._text("with_base_image", "image", image):
            self.base_image = image.strip()
        return self

    def differences(self, other: Image) -> list[str]:
        """The arguments of ``add_image`` in which another image differs."""
        differences = self.build.differences(other.build)
        differences += ["platform"] if self.platform != other.platform else []
        return differences + (["base_image"] if self.base_image != other.base_image else [])

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the build arguments and secrets."""
        yield from super()._given_values()
        for value in self.build.values():
            yield value, self.where

    def _finish(self) -> None:
        """Report secrets among the build arguments."""
        super()._finish()
        self._refuse_secret_build_arguments(self.build)


def refuse_options_of_image(program: Resource, image: Image, said: Iterable[str]) -> None:
    """Report what a program says of its image that has to be said of the image, since other programs share it.

    Args:
        program: The program.
        image: Its image.
        said: The calls or options that say so.
    """
    for option in said:
        mistake(
            f"{option} is about its image, which {image.name!r} builds for all of its programs",
            resource=program.name,
            remedy=f"Say it of {image.name!r}, where an image has such a call, or add another image for this program.",
        )
