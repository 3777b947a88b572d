"""An app that runs inside a test or a program."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fairlead.engines.services.http import ClientSession, ServiceClients
from fairlead.errors import ResourceFailed, UsageError, WaitError, WaitTimeout
from fairlead.model.app import App
from fairlead.model.composition.providers import awaited_leaves, awaits_any_of, provider_of
from fairlead.model.endpoints.consumer import Network
from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.names import listing
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.resource import Resource
from fairlead.model.values.value import Value
from fairlead.runtime.host import Host
from fairlead.runtime.lifecycle.context import host_consumer
from fairlead.runtime.lifecycle.external_waits import Condition, wait_for_condition
from fairlead.runtime.lifecycle.waits import Unsatisfiable, judge
from fairlead.runtime.logs.book import LogLine, is_observed
from fairlead.runtime.logs.demand import CATCH_UP_SECONDS
from fairlead.runtime.logs.text import without_colors
from fairlead.runtime.plan import planned_value
from fairlead.testing.evidence import concerned, note

if TYPE_CHECKING:
    from fairlead.testing.kubernetes.clusters import Cluster

T = TypeVar("T")


class Running:
    """A running app; made by :class:`testing`. Resources are named regardless of case, observed children by their ids.

    Args:
        host: Its host.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self._clients: ServiceClients | None = None
        self._clusters: dict[str, Cluster] = {}
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    @property
    def app(self) -> App:
        """The model."""
        return self.host.run.app

    def snapshot(self, name: str) -> Snapshot:
        """How a resource is now.

        Raises:
            UsageError: There is no such resource in this run.
        """
        return self.host.run.bus.current(self._running(name))

    async def wait_for(self, name: str, condition: Condition, timeout: float = 60) -> Snapshot:  # noqa: ASYNC109
        """Return when a resource is ``running``, ``healthy`` or ``completed``.

        An observed child that is not there yet is waited for, too. The notes of the error tell the states of the
        resource and of what it waits for in vain, and the last lines of their logs.

        Args:
            name: The resource.
            condition: What to wait for; ``healthy`` means that its ``on_ready`` hooks are done as well.
            timeout: Seconds.

        Raises:
            ResourceFailed: It will not come to that.
            WaitTimeout: It has not come to that in time; the message says what it waits for.
            UsageError: There is no such resource in this run, or no such condition.
        """
        self._check_loop()
        if is_observed(name):
            await self._until_observed(name, timeout)
        name = self._running(name)
        once = not is_observed(name) and self.app[name].ready_when_finished
        try:
            return await wait_for_condition(self.host.run.bus, name, condition, timeout, ready_when_finished=once)
        except WaitError as error:
            error.remedy = None  # it names a command for an app that has a host of its own
            self._add_notes(error, name)
            raise

    async def wait_healthy(self, name: str, timeout: float = 60) -> Snapshot:  # noqa: ASYNC109
        """Return when a resource is healthy; see :meth:`wait_for`.

        Args:
            name: The resource.
            timeout: Seconds.
        """
        return await self.wait_for(name, "healthy", timeout)

    def endpoint(self, name: str, endpoint: str | None = None) -> str:
        """The address of an endpoint as this machine sees it, such as ``http://localhost:10123``.

        Addresses are settled before anything starts, so there is nothing to wait for. A resource that is excluded has
        addresses too, for a test to put something else there.

        Args:
            name: The resource.
            endpoint: The endpoint's name; by default the only one, or ``http``.

        Raises:
            UsageError: There is no such resource or endpoint.
        """
        resource = self._resource(name)
        self._spec(resource, endpoint)
        return self.host.run.addresses.text(resource.endpoint(endpoint).url, host_consumer(resource))

    def http(self, name: str, endpoint: str | None = None) -> ClientSession:
        """An HTTP client whose requests start at the address of an endpoint.

        It is a session of aiohttp, with cookies of its own: ``async with app.http("api").get("/orders") as answer``.
        It is closed with the app at the latest. Requests take 30 s at most unless told otherwise.

        Args:
            name: The resource.
            endpoint: The endpoint's name; by default the only one, or ``http``.

        Raises:
            UsageError: There is no such resource or endpoint, or it does not speak HTTP.
        """
        self._check_loop()
        resource = self._resource(name)
        spec = self._spec(resource, endpoint)
        if spec.scheme not in ("http", "https"):
            raise UsageError(
                f"its endpoint {spec.name!r} speaks {spec.scheme}, not HTTP",
                resource=resource.name,
                remedy=f"Connect to {self.endpoint(name, endpoint)} with a client for that.",
            )
        if self._clients is None:
            self._clients = ServiceClients()
        return self._clients.client(self.endpoint(name, endpoint))

    async def connection_string(self, name: str, timeout: float = 60) -> str:  # noqa: ASYNC109
        """What a client on this machine needs to connect to a resource; waits until what is in it is known.

        Args:
            name: The resource, such as a database.
            timeout: Seconds.

        Raises:
            UsageError: There is no such resource, or it has no connection string.
            ResourceFailed: A part of it will not be known.
            WaitTimeout: A part of it is not known in time.
        """
        self._check_loop()
        resource = self._resource(name)
        value = resource.connection_string
        if value is None:
            remedy = f"Its endpoints are {listing(resource.endpoints)}." if resource.endpoints else None
            raise UsageError("it has no connection string", resource=resource.name, remedy=remedy)
        await self._until_known(value, resource, timeout)
        return await self.host.run.resolver.text(value, host_consumer(resource))

    async def cluster(self, name: str, timeout: float = 300) -> Cluster:  # noqa: ASYNC109
        """Return a cluster of the app once it is ready; it is closed with the app.

        ``async with (await app.cluster("k8s")).namespace() as namespace:`` gives a test a place of its own in it.

        Args:
            name: The resource.
            timeout: Seconds.

        Raises:
            UsageError: There is no such resource in this run, or it is no cluster.
            ResourceFailed: It will not be ready.
            WaitTimeout: It is not ready in time.
        """
        from fairlead.testing.kubernetes.clusters import Cluster  # only this needs a client of Kubernetes

        snapshot = await self.wait_healthy(name, timeout)
        kubeconfig = dict(snapshot.properties).get("kubeconfig")
        if not kubeconfig:
            raise UsageError("it is no cluster", resource=snapshot.name)
        cluster = self._clusters.get(kubeconfig)
        if cluster is None:
            cluster = await Cluster.open(snapshot.name, Path(kubeconfig), self.host.run.run_id)
            self._clusters[kubeconfig] = cluster
        return cluster

    def environment(self, name: str) -> dict[str, str]:
        """The variables of a resource's last start; secret ones read ``***``, as a failing test would print them.

        Raises:
            UsageError: There is no such resource in this run.
        """
        return {variable.name: variable.value for variable in self.snapshot(name).environment}

    def logs(self, name: str) -> list[LogLine]:
        """What a resource has written, without colours, and what Fairlead has to say about it; the last 10,000 lines.

        Raises:
            UsageError: There is no such resource in this run.
        """
        lines = self.host.run.logs.log(self._running(name)).lines()
        return [line._replace(text=without_colors(line.text)) if "\x1b" in line.text else line for line in lines]

    async def read_logs(self, name: str) -> list[LogLine]:
        """The same as :meth:`logs`; of an observed child also what its driver reads only while somebody wants it.

        Waits until that is there, for 5 seconds at most.

        Raises:
            UsageError: There is no such resource in this run.
        """
        self._check_loop()
        ids, demand = [self._running(name)], self.host.run.logs.demand
        with demand.reading(ids):
            await demand.wait_until_caught_up(ids, CATCH_UP_SECONDS)
            return self.logs(name)

    async def command(self, name: str, command: str, inputs: Mapping[str, object] | None = None) -> str | None:
        """Give a command to a resource.

        Args:
            name: The resource.
            command: ``start``, ``stop``, ``restart``, or one of its own.
            inputs: Values for the inputs of one of its own.

        Returns:
            What its own command answered, if it did.

        Raises:
            UsageError: There is no such resource in this run, or it has no such command.
            FairleadError: The command raised.
        """
        self._check_loop()
        return (await self.host.supervisor.command(self._running(name), command, inputs)).message

    def read(self, look: Callable[[], T]) -> T:
        """Call a function that looks at the app, in the thread of its event loop while that runs in another one.

        Args:
            look: The function; it must be quick.
        """

        async def call() -> T:
            return look()

        if threading.get_ident() == self._thread or not self._loop.is_running():
            return look()
        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    async def close_clients(self) -> None:
        """Close the clients of services and clusters."""
        for cluster in self._clusters.values():
            await cluster.close()
        if self._clients is not None:
            await self._clients.close()

    def _check_loop(self) -> None:
        """See to it that the app's event loop is the one that runs, as the app stands still otherwise."""
        if asyncio.get_running_loop() is not self._loop:
            raise UsageError(
                "the app was started in another event loop, which does not run now",
                remedy="Give the test the loop scope of the fixture: @pytest.mark.asyncio(loop_scope=…).",
            )

    def _resource(self, name: str) -> Resource:
        try:
            return self.app[name]
        except LookupError as error:
            raise UsageError(str(error.args[0])) from None

    def _running(self, name: str) -> str:
        """The id of what takes part in the run: the name of a resource as the model spells it, or that of its child."""
        if is_observed(name) and name in self.host.run.bus.snapshots:
            return name
        resource = self._resource(name)
        if resource.name in self.host.run.plan.excluded:
            raise UsageError("it is excluded from this run", resource=resource.name, remedy="Take it out of exclude=.")
        if resource.name not in self.host.run.bus.snapshots:
            raise UsageError(f"a {resource.kind} is nothing that runs", resource=resource.name)
        return resource.name

    def _spec(self, resource: Resource, endpoint: str | None) -> EndpointSpec:
        try:
            return resource.endpoint(endpoint).spec
        except LookupError as error:
            raise UsageError(str(error.args[0]), resource=resource.name) from None

    async def _until_observed(self, id: str, seconds: float) -> None:
        owner, bus = self._running(id.partition("/")[0]), self.host.run.bus
        try:
            async with asyncio.timeout(seconds):
                await bus.wait_until(lambda: id in bus.snapshots, [id])
        except TimeoutError:
            error = WaitTimeout(f"{owner} has not observed it within {seconds:g} s", resource=id)
            self._add_notes(error, owner)
            raise error from None

    async def _until_known(self, value: Value, resource: Resource, seconds: float) -> None:
        if awaits_any_of(value, self.host.run.plan.excluded):
            raise UsageError(
                "its connection string has parts that nothing gives in this run, as something is excluded",
                resource=resource.name,
            )
        conditions = [planned_value(leaf, provider_of(leaf), Network.HOST) for leaf in awaited_leaves(value)]
        bus = self.host.run.bus

        def known() -> bool:
            verdicts = [(condition, judge(condition, bus.current(condition.target))) for condition in conditions]
            for condition, verdict in verdicts:
                if isinstance(verdict, Unsatisfiable):
                    raise ResourceFailed(verdict.cause, resource=condition.target)
            return all(verdict is None for _, verdict in verdicts)

        try:
            async with asyncio.timeout(seconds):
                await bus.wait_until(known, {condition.target for condition in conditions})
        except TimeoutError:
            error = WaitTimeout(f"its connection string was not known within {seconds:g} s", resource=resource.name)
            for condition in conditions:
                self._add_notes(error, condition.target)
            raise error from None

    def _add_notes(self, error: WaitError, name: str) -> None:
        for each in concerned(self.host, name):
            error.add_note(note(self.host, each))
