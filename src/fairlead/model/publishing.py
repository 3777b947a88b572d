"""What publishing makes of a resource: all of it, something else, or nothing. A run takes no notice of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self, TypeAlias, get_args

from fairlead.model.argument_checks import ArgumentChecks
from fairlead.model.endpoints.endpoint import EndpointSpec

#: What a kind may be published as that a chart has no counterpart for: it is there by other means, or not at all.
PublishLocalAs: TypeAlias = Literal["external", "skip"]
#: What a Helm release may be published as: also as a dependency of the app's chart.
PublishReleaseAs: TypeAlias = Literal["dependency", "external", "skip"]
#: What a manifest may be published as: also as a template of the app's chart.
PublishManifestAs: TypeAlias = Literal["template", "external", "skip"]

LOCAL: tuple[str, ...] = get_args(PublishLocalAs)
RELEASE: tuple[str, ...] = get_args(PublishReleaseAs)
MANIFEST: tuple[str, ...] = get_args(PublishManifestAs)


class Publishable(ArgumentChecks):
    """Something that an app is published with, unless the definition says otherwise."""

    #: What ``publish_as`` of it may be; where it may be anything, it is left out of what is published, with a warning.
    publish_choices: ClassVar[Sequence[str]] = ()

    def __init__(self) -> None:
        self.excluded_from_manifest = False
        #: What publishing makes of it, one of ``publish_choices``; None where the definition does not say.
        self.publish_as: str | None = None

    def exclude_from_manifest(self) -> Self:
        """Leave it out of everything that is published."""
        self._declare("exclude_from_manifest")
        self.excluded_from_manifest = True
        if "skip" in self.publish_choices:
            self.publish_as = "skip"
        return self

    def _published_address(self, endpoint: EndpointSpec) -> tuple[str, int | str] | None:
        """Where pods reach an endpoint of it in the cluster that the app is published to: host, and port or its name.

        Args:
            endpoint: One of its endpoints.

        Returns:
            None where it can only be reached if the app publishes it.
        """
        return None
