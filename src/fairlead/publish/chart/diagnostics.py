"""What is said about a definition while it is published: errors, warnings and notes, all of them collected first."""

from __future__ import annotations

from fairlead.errors import ModelError, PublishError
from fairlead.model.locations import NOWHERE, Location
from fairlead.model.resource import Resource
from fairlead.records import record


@record
class Diagnostic:
    """One thing to know about what was published.

    Args:
        message: What it is, as a sentence without the resource's name.
        resource: Name of the resource concerned.
        where: The line that asked for it.
        remedy: What to do about it.
    """

    message: str
    resource: str | None = None
    where: Location = NOWHERE
    remedy: str | None = None

    def as_error(self) -> ModelError:
        """The same as an error."""
        place = self.where
        return ModelError(self.message, resource=self.resource, file=place.file, line=place.line, remedy=self.remedy)

    def __str__(self) -> str:
        return str(self.as_error())


class Report:
    """Collects what there is to say, so that all of it is said at once."""

    def __init__(self) -> None:
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.notes: list[Diagnostic] = []

    def error(self, resource: Resource | None, message: str, remedy: str, where: Location | None = None) -> None:
        """Something that makes it impossible to publish."""
        self._add(self.errors, resource, message, remedy, where)

    def warn(self, resource: Resource | None, message: str, remedy: str, where: Location | None = None) -> None:
        """Something the definition says that does not get into the cluster."""
        self._add(self.warnings, resource, message, remedy, where)

    def note(self, resource: Resource | None, message: str, remedy: str, where: Location | None = None) -> None:
        """Something to know, with nothing lost."""
        self._add(self.notes, resource, message, remedy, where)

    def include(self, other: Report) -> None:
        """Say what the other says too; what both say, once."""
        for mine, theirs in (
            (self.errors, other.errors),
            (self.warnings, other.warnings),
            (self.notes, other.notes),
        ):
            known = set(mine)
            mine += dict.fromkeys(found for found in theirs if found not in known)

    @staticmethod
    def _add(
        kind: list[Diagnostic], resource: Resource | None, message: str, remedy: str, where: Location | None
    ) -> None:
        place = where or (resource.where if resource else NOWHERE)
        kind.append(Diagnostic(message, resource.name if resource else None, place, remedy))

    def settle(self, *, strict: bool = False) -> None:
        """Raise what speaks against publishing.

        Args:
            strict: Whether warnings do.

        Raises:
            PublishError: With all of it in its ``errors``.
        """
        against = [*self.errors, *(self.warnings if strict else ())]
        if against:
            count = len(against)
            raise PublishError(
                f"the app can't be published, for {count} {'reason' if count == 1 else 'reasons'}",
                errors=[found.as_error() for found in against],
            )
