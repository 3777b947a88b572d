"""Applies the objects of a manifest: wave by wave, several at once, and again where something is not there yet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from fairlead.drivers.k3s.manifests.objects import ManifestObject
from fairlead.drivers.k3s.manifests.order import CRD, Wave, plan_waves
from fairlead.drivers.k3s.manifests.retry import (
    Retry,
    is_missing_namespace,
    needs_new_object,
    retry_of,
    takeover_text,
)
from fairlead.drivers.k3s.rollout.waiting import wait_for_rollout
from fairlead.engines.kube import ApiRefusal, Conflict, KubernetesApi, NotFound, Object, ObjectKind, ObjectRef
from fairlead.errors import EngineError, StartError

AT_ONCE: Final = 8
"""Objects that are applied at the same time."""
ESTABLISHED_SECONDS: Final = 60.0
"""Seconds that a definition of a kind may take to be established; it takes a tenth of one."""
_LONGEST_PAUSE: Final = 2.0


class Applier:
    """Applies objects to a cluster.

    Args:
        api: The cluster's API.
        namespace: For objects that name none.
        labels: What all of them get beside their own labels.
        log: Takes a line about what has been done.

    Attributes:
        waiting: What is tried again, with the reason.
    """

    def __init__(
        self, api: KubernetesApi, namespace: str, labels: Mapping[str, str], log: Callable[[str], None]
    ) -> None:
        self._api = api
        self._namespace = namespace
        self._labels = labels
        self._log = log
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.waiting: dict[ObjectRef, str] = {}

    async def refs(self, objects: Iterable[ManifestObject]) -> list[ObjectRef]:
        """What refers to objects in the cluster, as far as their kinds are known there; else in the namespace."""
        return [(await self._placed(each, is_guess=True)).ref for each in objects]

    async def apply(self, objects: Sequence[ManifestObject]) -> list[Object]:
        """Apply objects, and return them as they are then.

        Raises:
            StartError: One is refused; what comes later is not applied then.
        """
        applied: list[Object] = []
        for wave, members in plan_waves(objects):
            applied += await self._apply_wave(members)
            if wave is Wave.DEFINITIONS:
                refs = [each.ref for each in members if each.ref.kind == CRD]
                await wait_for_rollout(self._api, refs, ESTABLISHED_SECONDS, _say_nothing)
        return applied

    async def _apply_wave(self, members: Sequence[ManifestObject]) -> list[Object]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._outcome(each)) for each in members]
        outcomes = [task.result() for task in tasks]
        errors = [outcome for outcome in outcomes if isinstance(outcome, StartError)]
        if errors:
            for error in errors[1:]:
                self._log(error.explanation)
            others = (
                f"{len(errors) - 1} more {'object was' if len(errors) == 2 else 'objects were'} refused, see its log"
            )
            more = f"; {others}" if len(errors) > 1 else ""
            raise StartError(f"{errors[0].message}{more}", remedy=errors[0].remedy)
        return [outcome for outcome in outcomes if isinstance(outcome, dict)]

    async def _outcome(self, each: ManifestObject) -> Object | StartError:
        outcome: Object | StartError
        try:
            outcome = await self._apply_until_accepted(each)
        except StartError as error:  # the others of the wave go on
            outcome = error
        self.waiting.pop(each.ref, None)
        return outcome

    async def _apply_until_accepted(self, each: ManifestObject) -> Object:
        first_refusal = time.monotonic()
        for pause in _pauses():
            try:
                async with self._turns:
                    applied = await self._apply_once(await self._placed(each))
                if "deletionTimestamp" not in applied["metadata"]:
                    self._log(f"Applied {ObjectRef.of(applied)}")
                    return applied
                self._note(each, "the former one is still being deleted")
            except EngineError as error:
                retry = retry_of(error, each.ref.kind)
                if retry is None or time.monotonic() - first_refusal > retry.seconds:
                    raise _failure(each, error, retry) from error
                self._note(each, retry.reason)
            await asyncio.sleep(pause)
        raise AssertionError("pauses do not end")

    def _note(self, each: ManifestObject, reason: str) -> None:
        if self.waiting.get(each.ref) != reason:
            self.waiting[each.ref] = reason
            self._log(f"Trying {each.ref} again: {reason}")

    async def _apply_once(self, each: ManifestObject) -> Object:
        try:
            return await self._api.apply(each.body)
        except Conflict as conflict:
            applied = await self._api.apply(each.body, force=True)
            self._log(f"Took fields of {each.ref} over from other managers: {takeover_text(conflict)}")
            return applied
        except ApiRefusal as refusal:
            if not needs_new_object(refusal, each.ref.kind):
                raise
            await self._api.delete(each.ref)
            self._log(f"Recreating {each.ref}: what it runs has changed, and a Job runs once")
            return await self._api.apply(each.body)

    async def _placed(self, each: ManifestObject, *, is_guess: bool = False) -> ManifestObject:
        """The object with its labels, and with a namespace exactly where its kind has one.

        Raises:
            NotFound: There is no such kind, and it is no guess.
        """
        try:
            is_namespaced = await self._api.is_namespaced(each.ref.kind)
        except NotFound:
            if not is_guess:
                raise
            is_namespaced = True
        placed = each.in_namespace(self._namespace) if is_namespaced else each.without_namespace()
        return placed.with_labels(self._labels)


def _say_nothing(_: str) -> None:
    """Establishing a definition takes a moment that is not worth a line."""


def _pauses() -> Iterator[float]:
    pause = 0.05
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)


def _failure(each: ManifestObject, error: EngineError, retry: Retry | None) -> StartError:
    remedy = _remedy(each.ref.kind, error)
    tried = f" (tried for {retry.seconds:g} s)" if retry else ""
    return StartError(f"{each.ref} ({each.origin}) can't be applied{tried}: {error.message}", remedy=remedy)


def _remedy(kind: ObjectKind, error: EngineError) -> str:
    if isinstance(error, NotFound) and is_missing_namespace(error):
        return "Add a Namespace object to the manifest, or wait_for_completion() of what creates it."
    if isinstance(error, NotFound):
        return f"Correct {kind.api_version} {kind}, or wait_for_completion() of what brings its definition."
    if isinstance(error, ApiRefusal) and "field is immutable" in error.message:
        return "Delete the object in the cluster, so that it is created again."
    return "Correct the object."
