"""Kubernetes objects that a definition brings along as they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from fairlead.model.locations import Location
from fairlead.records import record

#: An object, YAML with one or several, or the path of a file or folder of such YAML.
ManifestContent: TypeAlias = Mapping[str, Any] | str | Path


@record
class GivenManifest:
    """What one ``add_manifest`` was given. A path is read when the app is published, never before."""

    content: ManifestContent
    where: Location
