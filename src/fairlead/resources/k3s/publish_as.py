"""What publishing makes of what is declared in a local cluster (design §5)."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

#: What a kind may be published as that a chart has no counterpart for: it is there by other means, or not at all.
PublishLocalAs: TypeAlias = Literal["external", "skip"]
#: What a Helm release may be published as: also as a dependency of the app's chart.
PublishReleaseAs: TypeAlias = Literal["dependency", "external", "skip"]
#: What a manifest may be published as: also as a template of the app's chart.
PublishManifestAs: TypeAlias = Literal["template", "external", "skip"]

LOCAL: tuple[str, ...] = get_args(PublishLocalAs)
RELEASE: tuple[str, ...] = get_args(PublishReleaseAs)
MANIFEST: tuple[str, ...] = get_args(PublishManifestAs)
