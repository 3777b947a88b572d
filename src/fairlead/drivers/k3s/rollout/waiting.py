"""Waits until objects of a cluster are rolled out, by watches, and says for which and why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from typing import Final

from fairlead.drivers.k3s.reasons import reason_of_pod
from fairlead.drivers.k3s.reasons.workload import reason_of_workload
from fairlead.drivers.k3s.rollout.reasons import POD, explain_rollout, has_pods, pods_of
from fairlead.drivers.k3s.rollout.status import Rollout, rollout_of
from fairlead.engines.kube import Expired, KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.engines.tasks import TaskScope
from fairlead.errors import EngineError, EngineUnavailable, StartError

_SHOWN: Final = 3
"""Objects that an error tells about; the others are counted."""
_EXPLAIN_SECONDS: Final = 10.0
"""Seconds that the reasons may take to be asked for, when the time is up."""
_RETRY_SECONDS: Final = 1.0

_Group = tuple[ObjectKind, str | None]
"""A kind in a namespace, which one watch covers."""


async def wait_for_rollout(
    api: KubernetesApi,
    refs: Collection[ObjectRef],
    timeout: float,  # noqa: ASYNC109
    on_progress: Callable[[str], None],
) -> None:
    """Return when objects are rolled out: workloads available, Jobs complete, definitions established.

    An API that does not answer meanwhile is asked again.

    Args:
        api: The cluster's API.
        refs: The objects; those of a kind that has nothing to roll out are done as soon as they are there.
        timeout: Seconds that it may take.
        on_progress: Takes a line about the first object that is waited for, with the reason, each time that changes.

    Raises:
        StartError: One is not rolled out in time, has failed (a Job, a Deployment that makes no progress), or is gone;
            with the reason of its pod.
        EngineError: The API refuses.
    """
    rollouts = _Rollouts(api, frozenset(refs), on_progress)
    try:
        async with asyncio.timeout(timeout):
            await rollouts.wait()
    except TimeoutError:
        raise StartError(await rollouts.explanation(f"not ready after {timeout:g} s")) from None


class _Rollouts:
    """The state of some objects and of their pods, kept by watches."""

    def __init__(self, api: KubernetesApi, refs: Collection[ObjectRef], on_progress: Callable[[str], None]) -> None:
        self._api = api
        self._refs = sorted(refs, key=str)
        self._wanted = frozenset(refs)
        self._on_progress = on_progress
        self._objects: dict[ObjectRef, Object] = {}
        self._pods: dict[ObjectRef, Object] = {}
        self._listed: set[_Group] = set()
        self._changed = asyncio.Event()
        self._error: Exception | None = None
        self._told = ""

    async def wait(self) -> None:
        """Return when all are rolled out."""
        scope = TaskScope("rollout", self._fail)
        try:
            for kind, namespace in self._groups():
                scope.spawn(self._follow(kind, namespace), f"watch of {kind}")
            await self._until_done()
        finally:
            await scope.close()

    async def explanation(self, what: str) -> str:
        """Which objects are not rolled out, and why.

        Args:
            what: What is said of them.
        """
        refs = [ref for ref, _ in self._pending()]
        if not refs:
            return f"{', '.join(map(str, self._refs[:_SHOWN]))}: {what}: the API has not answered"
        reasons = [await self._explain(ref) for ref in refs[:_SHOWN]]
        more = f"; and {len(refs) - _SHOWN} more" if len(refs) > _SHOWN else ""
        return f"{what}: {'; '.join(reasons)}{more}"

    async def _explain(self, ref: ObjectRef) -> str:
        try:
            async with asyncio.timeout(_EXPLAIN_SECONDS):
                reason = await explain_rollout(self._api, self._objects[ref])
        except (EngineError, TimeoutError):
            reason = ""
        return reason or f"{ref}: {self._reason(ref, rollout_of(self._objects[ref]))}"

    def _groups(self) -> list[_Group]:
        groups = {(ref.kind, ref.namespace) for ref in self._refs}
        groups |= {(POD, ref.namespace) for ref in self._refs if has_pods(ref.kind)}
        return sorted(groups, key=str)

    # What the watches tell

    async def _follow(self, kind: ObjectKind, namespace: str | None) -> None:
        while True:
            try:
                listing = await self._api.list(kind, namespace=namespace)
                self._replace((kind, namespace), listing.items)
                events = self._api.watch(kind, listing.resource_version, namespace=namespace)
                async with aclosing(events) as changes:
                    async for change in changes:
                        self._take(change.object, is_there=change.type != "DELETED")
            except Expired:
                continue
            except EngineUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)

    def _replace(self, group: _Group, objects: Sequence[Object]) -> None:
        for known in (self._objects, self._pods):
            for ref in [ref for ref in known if (ref.kind, ref.namespace) == group]:
                del known[ref]
        self._listed.add(group)
        for obj in objects:
            self._take(obj)
        self._changed.set()

    def _take(self, obj: Object, *, is_there: bool = True) -> None:
        ref = ObjectRef.of(obj)
        for known, is_ours in ((self._objects, ref in self._wanted), (self._pods, ref.kind == POD)):
            if not is_ours:
                continue
            if is_there:
                known[ref] = obj
            else:
                known.pop(ref, None)
            self._changed.set()

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        self._changed.set()

    # What becomes of it

    async def _until_done(self) -> None:
        while True:
            if self._error is not None:
                raise self._error
            self._require_presence()
            pending = self._pending()
            if any(rollout.failed for _, rollout in pending):
                ref = next(ref for ref, rollout in pending if rollout.failed)
                raise StartError(await self._explain(ref))
            if not pending and all((ref.kind, ref.namespace) in self._listed for ref in self._refs):
                return
            if pending:
                self._tell(*pending[0], others=len(pending) - 1)
            self._changed.clear()
            await self._changed.wait()

    def _pending(self) -> list[tuple[ObjectRef, Rollout]]:
        rollouts = [(ref, rollout_of(self._objects[ref])) for ref in self._refs if ref in self._objects]
        return [(ref, rollout) for ref, rollout in rollouts if not rollout.done]

    def _require_presence(self) -> None:
        for ref in self._refs:
            if ref not in self._objects and (ref.kind, ref.namespace) in self._listed:
                raise StartError(f"{ref} was deleted while it was waited for")

    def _tell(self, ref: ObjectRef, rollout: Rollout, *, others: int) -> None:
        more = f" (and {others} more)" if others else ""
        text = f"Waiting for {ref}{more}: {self._reason(ref, rollout)}"
        if text != self._told:
            self._told = text
            self._on_progress(text)

    def _reason(self, ref: ObjectRef, rollout: Rollout) -> str:
        workload = self._objects[ref]
        pods = pods_of(workload, self._pods.values()) if has_pods(ref.kind) else []
        reasons = [(str(pod["metadata"]["name"]), reason_of_pod(pod)) for pod in pods]
        return reason_of_workload(workload, reasons) or rollout.reason
