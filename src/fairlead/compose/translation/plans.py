"""What the translation makes: the parts of an app file, before they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fairlead.compose.translation.report import Remark
from fairlead.compose.translation.section import Section
from fairlead.compose.translation.variables import ConstantPlan, ParameterPlan
from fairlead.compose.writing.expressions import Call, Code, Expression, name, path_of, quoted


@dataclass(slots=True)
class EndpointPlan:
    """Where a service listens.

    Args:
        name: The endpoint's.
        target: The port of the program.
        published: The port of this machine; None for any.
        scheme: ``http``, ``https``, ``tcp`` or ``udp``.
        is_open: Whether other machines may use it.
        is_published: Whether the file gives it a port of this machine.
        call: What declares it.
    """

    name: str
    target: int
    published: int | None
    scheme: str
    is_open: bool
    is_published: bool
    call: Call


@dataclass(slots=True)
class ServicePlan:
    """A service on its way to a resource.

    Args:
        service: What the compose file calls it.
        name: The resource's name.
        variable: That of Python.
        section: What the compose file says of it.
        start: What adds it to the app.
        calls: What is called on it.
        environment: The anchors whose variables it takes as a whole.
        endpoints: Where it listens.
    """

    service: str
    name: str
    variable: str
    section: Section
    start: Expression = field(default_factory=lambda: Code(""))
    calls: list[Call] = field(default_factory=list)
    endpoints: list[EndpointPlan] = field(default_factory=list)

    def call(self, method: str, *positional: Expression, origin: str, key: str = "", **keywords: Expression) -> None:
        """Add a call.

        Args:
            method: Its name.
            *positional: Its arguments by position.
            origin: The keys that it comes from.
            key: The key of the service that it comes from, for its anchor.
            **keywords: Its arguments by name.
        """
        self.call_with(method, positional, keywords, origin, key)

    def call_with(
        self,
        method: str,
        positional: Sequence[Expression],
        keywords: Mapping[str, Expression],
        origin: str,
        key: str = "",
        beside: Sequence[str] = (),
    ) -> None:
        """Add a call whose arguments are collected already, perhaps from further keys; see :meth:`call`."""
        shared = self.section.shared(key) if key else None
        self.calls.append(Call(method, tuple(positional), tuple(keywords.items()), origin, shared, tuple(beside)))

    def endpoint(self, endpoint: EndpointPlan) -> Code:
        """The code for one of its endpoints."""
        return path_of(self.variable, f".endpoint({quoted(endpoint.name)})")


@dataclass(slots=True)
class ImagePlan:
    """An image that several services share."""

    variable: str
    start: Expression
    path: str


@dataclass(slots=True)
class SharedPlan:
    """What an anchor gives to several services: variables as a dictionary, or calls as a function.

    Args:
        variable: The name of the dictionary or function.
        anchor: The anchor's name.
        environment: The variables; None for a function.
        calls: The calls of a function.
    """

    variable: str
    anchor: str
    environment: tuple[tuple[str, Expression], ...] | None = None
    calls: list[Call] = field(default_factory=list)


@dataclass(slots=True)
class AppPlan:
    """An app file, before it is written.

    Args:
        function: The name of its function, which is the app's.
        sources: The compose files that it comes from.
        constants: Variables whose text the definition has to know.
        parameters: Variables whose value comes later.
        images: Images that several services share.
        services: The resources, each after what it needs.
        routes: Calls on the environment's Ingress; none where there are no routes.
        remarks: What the app file does not say as the compose files do.
        shared: What anchors give to several services.
    """

    function: str
    sources: Sequence[str]
    constants: list[ConstantPlan]
    parameters: list[ParameterPlan]
    images: list[ImagePlan]
    services: list[ServicePlan]
    routes: list[Call]
    remarks: list[Remark]
    shared: list[SharedPlan] = field(default_factory=list)

    def expressions(self) -> Iterator[Expression]:
        """All that is written of services, images and routes."""
        yield from (image.start for image in self.images)
        for service in self.services:
            yield service.start
            yield from (call.expression for call in service.calls)
        yield from (call.expression for call in self.routes)
        for shared in self.shared:
            yield from (expression for _, expression in shared.environment or ())
            yield from (call.expression for call in shared.calls)


def variable_of(plan: ServicePlan) -> Code:
    """The code for a resource."""
    return name(plan.variable)
