"""The finished model of an app: what the planner, the runtime and the publisher read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import ClassVar

from fairlead.digests import hex_digest
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.names import listing, nearest, normal_form
from fairlead.model.resource import Resource
from fairlead.model.user_functions import Hook
from fairlead.records import record, replaced


@record
class App:
    """A built app; nothing about it changes any more.

    Args:
        name: The name of the defining function, unless given.
        file: The app file.
        mode: What it was built for.
        resources: All resources in the order of their declaration, parents before their children.
        before_start_hooks: What to call before anything starts.
    """

    name: str
    file: Path
    mode: Mode
    resources: tuple[Resource, ...]
    before_start_hooks: tuple[Hook, ...] = ()
    #: The resources by their names in lower case.
    _by_name: ClassVar[dict[str, Resource]]

    def __post_init__(self) -> None:
        resources = tuple(self.resources)
        vars(self).update(
            resources=resources,
            before_start_hooks=tuple(self.before_start_hooks),
            _by_name={resource.name.lower(): resource for resource in resources},
        )

    @property
    def directory(self) -> Path:
        """The folder of the app file, which relative paths start at."""
        return self.file.parent

    @property
    def id(self) -> str:
        """Tells this checkout's app from all others on the machine: its name and a hash of the app file's path."""
        digest = hex_digest(str(self.file).encode("utf-8", "surrogateescape"))[:8]
        return f"{normal_form(self.name)[:24].strip('-')}-{digest}"

    def __getitem__(self, name: str) -> Resource:
        """The resource of that name, regardless of case.

        Raises:
            LookupError: There is none; the text names the nearest, or all.
        """
        found = self._by_name.get(name.lower())
        if found is None:
            guess = nearest(name.lower(), self._by_name)
            hint = f"did you mean {self._by_name[guess].name!r}?" if guess else f"there are {listing(self.names)}"
            raise LookupError(f"the app has no resource {name!r}; {hint}")
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_name

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def without(self, names: Collection[str]) -> App:
        """The same app without some resources.

        Args:
            names: Their names as they are written in the definition.
        """
        return replaced(self, resources=tuple(resource for resource in self if resource.name not in names))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all resources, in order."""
        return tuple(resource.name for resource in self.resources)
