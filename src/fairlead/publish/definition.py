"""Publishing a definition: building the app for it, and reporting all that is wrong with either at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from fairlead.app import Definition
from fairlead.errors import DefinitionError
from fairlead.model.consumer import Mode
from fairlead.publish.publisher import Published, also_against, publish


def publish_definition(
    definition: Definition,
    path: str | os.PathLike[str] | None = None,
    *,
    target: str | None = None,
    format: str = "helm",
    check: bool = False,
    strict: bool = False,
    values: Mapping[str, Any] | None = None,
) -> Published:
    """Build an app for publishing and publish it; see :func:`fairlead.publish.publisher.publish` for the arguments.

    Raises:
        DefinitionError: The definition has mistakes; the publish errors that don't follow from them come with them.
        PublishError: It can't be published as it stands.
        UsageError: There is no such environment or format, or it takes no values.
    """
    try:
        app = definition.build(Mode.PUBLISH)
    except DefinitionError as error:
        raise DefinitionError([*error.errors, *also_against(error, target)]) from error
    return publish(app, path, target=target, format=format, check=check, strict=strict, values=values)
