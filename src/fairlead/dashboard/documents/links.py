"""The lines of the graph: which resource of a definition needs which, what for, and which line of it says so. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from fairlead.model.composition.dependencies import value_uses, values_of
from fairlead.model.composition.providers import provider_of
from fairlead.model.locations import NOWHERE, Location
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource

Condition = Literal["ready", "started", "completed", "value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLink:
    """What one resource has to do with another that it needs.

    Args:
        provider: The one that is needed.
        consumer: The one that needs it.
        waits: What the provider has to be before the consumer starts; ``value`` for a value that it makes known.
        reference: Whether the consumer has a reference to it.
        values: Whether the consumer gets values of it, such as addresses, by a reference or singly.
        file: The app file.
        line: The line that says so first.
    """

    provider: str
    consumer: str
    waits: tuple[Condition, ...]
    reference: bool
    values: bool
    file: str
    line: int


@dataclass(slots=True)
class _Link:
    where: Location = NOWHERE
    waits: dict[Condition, None] = field(default_factory=dict)
    reference: bool = False
    values: bool = False


def links_of(resources: Iterable[Resource]) -> tuple[ModelLink, ...]:
    """Return all links to the resources, each pair once, in the order of the consumers.

    The waits for the parents of what is waited for are left out: they follow from the parents.
    """
    return tuple(link for resource in resources for link in _links_to(resource))


def _links_to(consumer: Resource) -> Iterator[ModelLink]:
    links: dict[str, _Link] = {}
    for reference in consumer.references if isinstance(consumer, Workload) else ():
        link = _link(links, reference.target, reference.where)
        link.reference = link.values = True
    for wait in consumer.waits:
        _link(links, wait.target, wait.where).waits[wait.kind.value] = None
    for use in value_uses(consumer):
        link = _link(links, use.provider, use.where)
        link.waits["value"] = None
        link.values = True
    for value, where in values_of(consumer):
        for leaf in value.leaves():
            provider = provider_of(leaf)
            if provider is not None:
                _link(links, provider, where).values = True
    links.pop(consumer.name, None)  # its own address among its arguments
    for name, link in links.items():
        yield ModelLink(
            provider=name,
            consumer=consumer.name,
            waits=tuple(link.waits),
            reference=link.reference,
            values=link.values,
            file=link.where.file,
            line=link.where.line,
        )


def _link(links: dict[str, _Link], provider: Resource, where: Location) -> _Link:
    """The link to a provider; it is new if this is the first that is said of it."""
    return links.setdefault(provider.name, _Link(where))
