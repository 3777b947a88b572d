"""The resource: a name, and what the definition said about it.

What all kinds have is here: waits, health, hooks, commands, links, endpoints to refer to, and what a resource gives to
those that refer to it. What only kinds with a program have (environment, arguments, …) is in ``programs.workload``.

Below it stand the types that a resource has and that point at resources themselves: no two modules need each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self, TypeAlias, TypeVar

from fairlead.model.argument_checks import kind_of
from fairlead.model.command import LIFECYCLE_COMMANDS, Command, CommandInput, sound_inputs
from fairlead.model.endpoints.consumer import Contribution, Mode, Network
from fairlead.model.endpoints.endpoint import EndpointHandle, EndpointOwner, EndpointSpec
from fairlead.model.endpoints.placement import NeededPort, Placement
from fairlead.model.endpoints.reference import reference_variables
from fairlead.model.groups import GroupMember
from fairlead.model.health import FunctionCheck, HealthAnswer, HealthCheck, TcpCheck
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.names import NAME_REMEDY, listing, name_problem
from fairlead.model.older_names import accept_older_names
from fairlead.model.publishing import Publishable
from fairlead.model.user_functions import Hook
from fairlead.model.values.value import Output, Value, ValueLike
from fairlead.model.wait import WaitKind
from fairlead.records import record

C = TypeVar("C", bound="Resource")


@accept_older_names
class Resource(Publishable, GroupMember, EndpointOwner):
    """Anything an app consists of. Subclass it to add a kind of your own, and add it with ``app.add(...)``.

    Args:
        name: 1 to 64 letters, digits, ``-`` and ``_``; unique in the app regardless of case.

    Raises:
        ModelError: Outside a definition, for a bad name.
    """

    #: What the kind is called in tables.
    kind: ClassVar[str] = "Resource"
    #: What it looks like on the dashboard, unless ``with_icon`` says otherwise: such as ``process``, ``container``,
    #: ``database``, ``parameter``, ``external``, ``endpoint``, ``cluster``, ``node``, ``manifest``, ``release``.
    default_icon: ClassVar[str] = "process"
    #: ``"package.module:Class"`` of the driver that brings it up; None for what needs none.
    driver: ClassVar[str | None] = None
    #: ``"package.module:Class"`` of its cluster half (``fairlead.publish.cluster_kind.ClusterKind``); None for what is
    #: published as its class attributes and its definition say.
    cluster_kind: ClassVar[str | None] = None
    #: Whether publishing creates it by a Job against its parent, as a database on its server.
    created_by_job: ClassVar[bool] = False
    #: Whether it is ready once it has ended well, and not before (for one-shot kinds such as a Helm release).
    ready_when_finished: ClassVar[bool] = False
    #: Whether nothing of it runs, so that it does not keep a run going by itself.
    passive: ClassVar[bool] = False
    #: Whether it ends and starts again with its parent, as a database does with its server.
    follows_parent: ClassVar[bool] = True
    #: Whether a run that is to start its parent starts it as well, as a cluster is not complete without its agents.
    starts_with_parent: ClassVar[bool] = False
    #: Whether ``run`` shows Fairlead's lines alone of its log, and leaves the rest to ``logs``.
    quiet_log: ClassVar[bool] = False
    #: Whether a reference to it may say as which ServiceAccount its consumer acts.
    accepts_service_account: ClassVar[bool] = False
    #: What stays of it in its parent once it is no longer in the definition, in words; empty where nothing does.
    left_behind: ClassVar[str] = ""
    #: Whether it is a cluster of the app: its pods may reach any resource, and the definition does not show which.
    has_pods: ClassVar[bool] = False

    def __init__(self, name: str) -> None:
        Publishable.__init__(self)
        GroupMember.__init__(self)
        # Messages need a name also for what was given none.
        self.name = name if isinstance(name, str) and name.strip() else f"<{self.kind}>"
        problem = name_problem(name)
        if problem:
            mistake(problem, resource=self.name, remedy=NAME_REMEDY)
        #: The line that declared it.
        self.where: Location = user_location()
        self.parent: Resource | None = None
        self.children: list[Resource] = []
        self.display_parent: Resource | None = None
        self.endpoints: dict[str, EndpointSpec] = {}
        self._endpoint_handles: list[Endpoint] = []
        self.waits: list[Wait] = []
        # Whether another resource waits for it to complete.
        self._is_completion_target = False
        self.health_checks: list[HealthCheck] = []
        self.before_start_hooks: list[Hook] = []
        self.ready_hooks: list[Hook] = []
        self.stopped_hooks: list[Hook] = []
        self.commands: dict[str, Command] = {}
        self.urls: list[tuple[str | Value, str | None]] = []
        self.icon: str | None = None
        self.explicit_start = False
        self.external_http = False

    @property
    def made_from(self) -> str:
        """What it is made from, for a table: an image, a program, a chart, an address; empty for none."""
        return ""

    # What it offers to others

    @property
    def connection_string(self) -> Value | None:
        """What a client needs to connect, or None when the kind has no such thing."""
        return None

    @property
    def connection_properties(self) -> Mapping[str, ValueLike]:
        """The parts of the connection string by their property names (``HOST``, ``PORT``, ``URI``, …)."""
        return {}

    def contribute(self, consumer: Consumer) -> Contribution:
        """What a consumer gets that refers to this resource.

        The default gives the variables that Aspire gives: service discovery for each endpoint, and the connection
        string with its properties.

        Args:
            consumer: Who refers to it, where that runs, and whether the app runs or is published.
        """
        name = consumer.connection_name or self.name
        endpoints = [self.endpoint(key) for key in self.endpoints]
        connection_string = self.connection_string
        properties = {} if connection_string is None else self.connection_properties
        return Contribution(env=reference_variables(name, endpoints, connection_string, properties))

    def endpoint(self, name: str | None = None) -> Endpoint:
        """A handle on an endpoint; it may be declared later in the definition.

        Args:
            name: Its name; by default the only endpoint, or else ``http``.
        """
        name = self._optional_text("endpoint", "name", name)
        for handle in self._endpoint_handles:
            if handle.requested == name:
                return handle
        handle = Endpoint(self, name, user_location())
        self._endpoint_handles.append(handle)
        return handle

    @property
    def placement(self) -> Placement:
        """Where it runs on this machine; its network, addresses and ports follow from that."""
        return Placement.PROCESS

    def _driver_at(self, placement: Placement) -> str | None:
        """The driver that brings it up at a place, ``"package.module:Class"``; by default the kind's :attr:`driver`."""
        return self.driver

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        """The ports that it needs on the containers of other resources, or beside its endpoints on its own.

        They are known before the container is created, which then publishes them on this machine.
        """
        yield from ()

    def output(self, name: str, *, secret: bool = False) -> Output:
        """A value that this resource's driver makes known when it starts.

        Args:
            name: What the driver calls it.
            secret: Whether it must never be shown.
        """
        self._text("output", "name", name)
        self._flag("output", "secret", secret)
        return Output(self, name, secret=secret)

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """What it was given that may be deferred, with the lines that gave it.

        It does not start before those values are known. A kind that takes values of its own overrides this, and adds
        them to what ``super()._given_values()`` has.
        """
        yield self.connection_string, self.where
        for url, _ in self.urls:
            yield url, self.where

    # What the definition says about it

    def adopt(self, child: C) -> C:
        """Make another resource a part of this one (a database of its server); it joins the app with it."""
        self._declare("adopt")
        if not isinstance(child, Resource) or child is self or child.parent is not None:
            mistake("adopt() needs a resource of no other", resource=self.name, remedy="Make one for this resource.")
        else:
            child.parent = self
            self.children.append(child)
        return child

    def wait_for(self, other: Resource, *, optional: bool = False) -> Self:
        """Start only when the other is Running, healthy, and its ``on_ready`` hooks are done.

        Args:
            other: What to wait for.
            optional: Don't wait where the other is in groups that nobody asked for, instead of failing.
        """
        return self._wait("wait_for", other, WaitKind.READY, optional=optional)

    def wait_for_start(self, other: Resource, *, optional: bool = False) -> Self:
        """Start only when the other is Running, healthy or not.

        Args:
            other: What to wait for.
            optional: Don't wait where the other is in groups that nobody asked for, instead of failing.
        """
        return self._wait("wait_for_start", other, WaitKind.STARTED, optional=optional)

    def wait_for_completion(self, other: Resource, exit_code: int = 0, *, optional: bool = False) -> Self:
        """Start only when the other has ended by itself with this exit code.

        Args:
            other: What to wait for, such as a migration.
            exit_code: The code it has to end with; another one fails this resource.
            optional: Don't wait where the other is in groups that nobody asked for, instead of failing.
        """
        valid = self._number("wait_for_completion", "exit_code", exit_code, 0, 255)
        code = exit_code if valid else 0
        return self._wait("wait_for_completion", other, WaitKind.COMPLETED, code, optional=optional)

    def _wait(
        self, method: str, other: Resource, kind: WaitKind, exit_code: int = 0, *, optional: bool = False
    ) -> Self:
        self._declare(method)
        may_lack = self._flag(method, "optional", optional)
        if not isinstance(other, Resource):
            mistake(
                f"{method}() needs a resource, not {kind_of(other)}",
                resource=self.name,
                remedy="Pass what an add_…() returned.",
            )
        elif other is self:
            mistake(f"{method}() makes it wait for itself", resource=self.name, remedy="Name another resource.")
        else:
            self.waits.append(Wait(other, kind, user_location(), exit_code, may_lack))
            other._is_completion_target |= kind is WaitKind.COMPLETED
        return self

    def with_health_check(self, check: HealthCallback, *, name: str | None = None) -> Self:
        """Ask a function whether the resource is healthy.

        Args:
            check: ``def`` or ``async def``, of no argument or of an ``ActionContext``. Returns a ``Health``, or None or
                True for healthy, False for unhealthy; an exception is unhealthy with its text.
            name: What the check is called in reports; by default the function's name.
        """
        self._declare("with_health_check")
        label = self._optional_text("with_health_check", "name", name)
        if self._callable("with_health_check", check):
            self.health_checks.append(FunctionCheck(label or str(getattr(check, "__name__", "health check")), check))
        return self

    def with_tcp_health_check(self, endpoint: str | None = None) -> Self:
        """Healthy when a connection to the endpoint is accepted.

        Args:
            endpoint: Name of the endpoint; by default the only one, or ``http``.
        """
        self._declare("with_tcp_health_check")
        self.health_checks.append(TcpCheck(self.endpoint(endpoint)))
        return self

    def with_explicit_start(self) -> Self:
        """Leave it NotStarted until somebody starts it."""
        self._declare("with_explicit_start")
        self.explicit_start = True
        return self

    def with_url(self, url: str | Value, display: str | None = None) -> Self:
        """Show another link for it.

        Args:
            url: The address; may be deferred.
            display: What to call it.
        """
        self._declare("with_url")
        label = self._optional_text("with_url", "display", display)
        if isinstance(url, Value) or self._text("with_url", "url", url):
            self.urls.append((url, label))
        return self

    def with_icon(self, name: str) -> Self:
        """Show it with the icon of that name on the dashboard."""
        self._declare("with_icon")
        if self._text("with_icon", "name", name):
            self.icon = name
        return self

    def with_command(
        self,
        name: str,
        function: ActionCallback,
        *,
        display: str | None = None,
        confirm: str | None = None,
        inputs: Sequence[CommandInput] = (),
    ) -> Self:
        """Give the user a command for it.

        Args:
            name: How the command line and the API call it; follows the rules of resource names.
            function: ``def`` or ``async def``, of no argument or of an ``ActionContext``. Text it returns is shown; a
                ``CommandResult`` has data for programs too.
            display: The label of its button; by default the name.
            confirm: A question to ask before it runs.
            inputs: What to ask for before it runs; the function finds the values in ``context.inputs``.
        """
        self._declare("with_command")
        label = self._optional_text("with_command", "display", display)
        question = self._optional_text("with_command", "confirm", confirm)
        asked = sound_inputs(self.name, inputs)
        if not self._name("with_command", name):
            return self
        if name in LIFECYCLE_COMMANDS or name in self.commands:
            mistake(
                f"with_command(): there is a command {name!r} already",
                resource=self.name,
                remedy=f"Choose another name than {listing([*LIFECYCLE_COMMANDS, *self.commands])}.",
            )
        elif self._callable("with_command", function):
            self.commands[name] = Command(name, function, label or name, question, asked)
        return self

    def with_parent_relationship(self, parent: Resource) -> Self:
        """Show it below another resource. That is all it does: no wait, no shared lifetime."""
        self._declare("with_parent_relationship")
        if not isinstance(parent, Resource) or parent is self:
            mistake("with_parent_relationship() needs another resource", resource=self.name, remedy="Pass the parent.")
        else:
            self.display_parent = parent
        return self

    def on_before_start(self, hook: ActionCallback) -> Self:
        """Call a function before each start, after the waits; when it raises, the start fails."""
        return self._hook("on_before_start", hook, self.before_start_hooks)

    def on_ready(self, hook: ActionCallback) -> Self:
        """Call a function once per start, when it is healthy for the first time; who waits for it waits for it too."""
        return self._hook("on_ready", hook, self.ready_hooks)

    def on_stopped(self, hook: ActionCallback) -> Self:
        """Call a function each time it has ended."""
        return self._hook("on_stopped", hook, self.stopped_hooks)

    def _hook(self, method: str, hook: ActionCallback, hooks: list[Hook]) -> Self:
        self._declare(method)
        if self._callable(method, hook):
            hooks.append(hook)
        return self

    def _finish(self) -> None:
        """Complete the declaration when the app is built; a kind may override it to report what only shows then."""

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


# What Fairlead asks of a resource. Users have no use for it, so it is not among the methods that an editor offers them.


def given_values(resource: Resource) -> Iterator[tuple[object, Location]]:
    """What a resource was given that may be deferred, with the lines that gave it."""
    return resource._given_values()


def driver_at(resource: Resource, placement: Placement) -> str | None:
    """The driver that brings a resource up at a place, ``"package.module:Class"``."""
    return resource._driver_at(placement)


def ports_on_containers(resource: Resource) -> Iterator[NeededPort]:
    """The ports that a resource needs on containers."""
    return resource._ports_on_containers()


def published_address(resource: Resource, endpoint: EndpointSpec) -> tuple[str, int | str] | None:
    """Where pods reach an endpoint in the cluster that the app is published to; None if the app has to publish it."""
    return resource._published_address(endpoint)


def endpoint_handles(resource: Resource) -> Sequence[Endpoint]:
    """The handles that were asked for, of endpoints that a resource may lack."""
    return resource._endpoint_handles


def is_completion_target(resource: Resource) -> bool:
    """Whether another resource waits for a resource to complete."""
    return resource._is_completion_target


def finish(resource: Resource) -> None:
    """Complete the declaration of a resource when its app is built."""
    resource._finish()


class Endpoint(EndpointHandle):
    """A handle on an endpoint of a resource; used as a value it is the endpoint's URL."""

    @property
    def resource(self) -> Resource:
        """Whose endpoint it is."""
        assert isinstance(self._resource, Resource)
        return self._resource


@record
class Consumer:
    """One reader of values.

    Args:
        resource: The resource whose environment, arguments or files are made.
        network: Where it runs, which decides the addresses it can reach.
        mode: Whether the app runs or is published.
        connection_name: The name it knows the other resource by, when ``with_reference`` gave one.
        service_account: ``namespace/name`` of the ServiceAccount that it acts as in the other resource, a cluster.
    """

    resource: Resource
    network: Network
    mode: Mode
    connection_name: str | None = None
    service_account: str | None = None


@record
class Wait:
    """One wait of a resource; ``exit_code`` counts for ``COMPLETED`` only.

    An ``optional`` one is left out where its target is in groups that nobody asked for.
    """

    target: Resource
    kind: WaitKind
    where: Location
    exit_code: int = 0
    optional: bool = False


class ActionContext(Protocol):
    """What hooks, commands and health checks are called with while the app runs."""

    @property
    def resource(self) -> Resource:
        """The resource it is about."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What a command was given, by the names of its inputs; empty for anything but a command."""

    def log(self, text: str) -> None:
        """Write a line into the resource's log."""

    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this host sees it; waits until it is available."""


ActionCallback: TypeAlias = Callable[[], object] | Callable[[ActionContext], object]
"""A hook, or the function of a command: ``def`` or ``async def``, of no argument or of the context."""
HealthCallback: TypeAlias = Callable[[], HealthAnswer] | Callable[[ActionContext], HealthAnswer]
"""A health check: ``def`` or ``async def``, of no argument or of the context."""
