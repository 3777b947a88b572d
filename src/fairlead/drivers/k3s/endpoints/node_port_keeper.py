"""Keeps the Service beside a declared one in step with it, by watches, and removes it when there is none any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from fairlead.drivers.k3s.endpoints.node_port_refusals import is_port_taken, refusal_problem
from fairlead.drivers.k3s.endpoints.node_port_service import (
    ENDPOINT_SLICE,
    SERVICE,
    OwnObjects,
    Problem,
    Wanted,
    count_ready,
    is_kept,
    mirrored_slices,
    plan_own_objects,
    slices_of,
)
from fairlead.drivers.k3s.following import FollowedObjects
from fairlead.drivers.k3s.own_labels import is_own
from fairlead.engines.kube import ApiRefusal, KubernetesApi, Object, ObjectRef
from fairlead.errors import EngineError

RETRY_SECONDS: Final = 5.0
"""After how long what was refused is tried again, also when nothing has changed that can be seen."""
REMOVAL_SECONDS: Final = 5.0
"""How long a removal may take whose cluster may be going at the same time."""


class NodePortKeeper:
    """Keeps what a service endpoint needs in its cluster.

    Args:
        api: The cluster.
        wanted: The endpoint.
        on_change: Called when :attr:`problem` or the number of ready endpoints has changed.
        replace_port: Called with the node ports that are in use, when the chosen one is; gives another one, or says
            why there is none.
    """

    def __init__(
        self,
        api: KubernetesApi,
        wanted: Wanted,
        on_change: Callable[[], None],
        replace_port: Callable[[dict[int, str]], int | Problem],
    ) -> None:
        self._api = api
        self.wanted = wanted
        self._on_change = on_change
        self._replace_port = replace_port
        self._changed = asyncio.Event()
        self._services = FollowedObjects(api, SERVICE, wanted.namespace, self._changed.set)
        self._slices = FollowedObjects(api, ENDPOINT_SLICE, wanted.namespace, self._changed.set)
        self._applied: OwnObjects | None = None
        self._problem: Problem | None = None
        self._shown: object = None
        self._turn = asyncio.Lock()
        self._removed = False

    @property
    def problem(self) -> str:
        """Why it can't be reached, if it is not for want of pods; empty when there is no such reason."""
        away = self._services.problem or self._slices.problem
        if away:
            return away
        if self._problem is not None:
            return str(self._problem)
        return "" if self._applied else f"Service {self.wanted.service} is being looked for"

    @property
    def service(self) -> Object | None:
        """The declared Service, if it is there."""
        return self._services.by_name.get(self.wanted.service)

    @property
    def ready_endpoints(self) -> int:
        """How many endpoints get traffic through the node port."""
        return count_ready(self.slices)

    @property
    def slices(self) -> list[Object]:
        """The EndpointSlices of the Service that is kept beside."""
        return slices_of(self._slices.by_name.values(), self.wanted.name)

    async def keep(self) -> None:
        """Keep everything in step until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._services.follow())
            group.create_task(self._slices.follow())
            group.create_task(self._keep_in_step())

    async def remove(self) -> None:
        """Remove what was created, for good; a cluster that does not answer keeps it, or goes as a whole."""
        self._removed = True
        with suppress(EngineError, TimeoutError):
            async with asyncio.timeout(REMOVAL_SECONDS), self._turn:
                await self._withdraw()

    async def _keep_in_step(self) -> None:
        while True:
            refused = False
            async with self._turn:
                if self._services.is_known and self._slices.is_known and not self._removed:
                    refused = not await self._step()
            self._show()
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY_SECONDS if refused else None):
                    await self._changed.wait()
            self._changed.clear()

    async def _step(self) -> bool:
        """Bring the cluster in line with the definition; whether the API has let that happen."""
        plan = plan_own_objects(self._services.by_name, self._slices.by_name, self.wanted)
        try:
            if isinstance(plan, Problem):
                self._problem = plan
                await self._withdraw()
            else:
                await self._apply(plan)
                self._problem = None
        except ApiRefusal as refusal:
            self._problem = await self._refused(refusal)
            return False
        except EngineError as error:  # it does not answer: the watches find out when it does again
            self._problem = Problem(error.message)
            return False
        return True

    def _show(self) -> None:
        shown = (self.problem, self.ready_endpoints)
        if shown != self._shown:
            self._shown = shown
            self._on_change()

    # What is done in the cluster

    async def _apply(self, plan: OwnObjects) -> None:
        known = {obj["metadata"]["name"] for obj in self._applied.slices} if self._applied else set[str]()
        mirrored = mirrored_slices(self._slices.by_name.values(), self.wanted)
        for obj, observed in self._with_observed(plan):
            if observed is None or plan != self._applied or not is_kept(observed, obj):
                await self._api.apply(obj, force=True)
        self._applied = plan
        former = known.union(each["metadata"]["name"] for each in mirrored)
        for name in former - {each["metadata"]["name"] for each in plan.slices}:
            await self._api.delete(ObjectRef(ENDPOINT_SLICE, name, self.wanted.namespace))

    def _with_observed(self, plan: OwnObjects) -> list[tuple[Object, Object | None]]:
        pairs = [(plan.service, self._services.by_name.get(self.wanted.name))]
        return [*pairs, *((each, self._slices.by_name.get(each["metadata"]["name"])) for each in plan.slices)]

    async def _withdraw(self) -> None:
        """Remove the Service, and with it its EndpointSlices, as it owns those."""
        self._applied = None
        own = self._services.by_name.get(self.wanted.name)
        if own is not None and is_own(own, self.wanted.labels):
            await self._api.delete(ObjectRef(SERVICE, self.wanted.name, self.wanted.namespace))

    # Refusals

    async def _refused(self, refusal: ApiRefusal) -> Problem:
        if not is_port_taken(refusal.message):
            return refusal_problem(refusal.message, self.wanted)
        try:
            services = (await self._api.list(SERVICE)).items
        except EngineError as error:
            return Problem(error.message)
        port = self._replace_port(node_ports(services))
        if isinstance(port, Problem):
            return port
        self.wanted = replace(self.wanted, node_port=port)
        self._changed.set()
        return Problem(f"its node port is being replaced by {port}")


def node_ports(services: list[Object]) -> dict[int, str]:
    """The node ports that are in use, with the Services that have them."""
    return {
        port["nodePort"]: f"{service['metadata']['namespace']}/{service['metadata']['name']}"
        for service in services
        for port in service["spec"].get("ports") or ()
        if port.get("nodePort")
    }
