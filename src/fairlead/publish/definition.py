"""Building a definition for publishing, with all that is wrong with either reported at once."""

from __future__ import annotations

from fairlead.definition import Definition
from fairlead.errors import DefinitionError
from fairlead.model.app import App
from fairlead.model.endpoints.consumer import Mode
from fairlead.publish.publisher import further_errors


def build_for_publishing(definition: Definition, target: str | None) -> App:
    """Build an app for publishing.

    Args:
        definition: The definition.
        target: The environment that it is published for; None for all of them.

    Raises:
        DefinitionError: The definition has mistakes; the publish errors that don't follow from them come with them.
    """
    try:
        return definition.build(Mode.PUBLISH)
    except DefinitionError as error:
        raise DefinitionError([*error.errors, *further_errors(error, target)]) from error
