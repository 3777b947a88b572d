"""What publishing makes of what is declared in a local cluster (design §5)."""

from __future__ import annotations

from typing import Literal, TypeAlias

#: ``dependency`` of the app's chart, ``template`` in it, ``external`` (it is there by other means), or ``skip``.
PublishAs: TypeAlias = Literal["dependency", "template", "external", "skip"]

#: What a kind may be published as that a chart has no counterpart for.
LOCAL = ("external", "skip")
#: What a Helm release may be published as.
RELEASE = ("dependency", *LOCAL)
#: What a manifest may be published as.
MANIFEST = ("template", *LOCAL)
