"""A Kubernetes API in memory: objects with versions, owners of fields, watches and finalizers, and nothing that acts.

No controller runs: a Deployment makes no pods, unless the test does. What the API server itself does is done:
namespaces have to be there, a CustomResourceDefinition makes a kind known, a deleted object takes along what it owns.
"""

from __future__ import annotations

import asyncio
import copy
import math
import time
import uuid
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any, Final

from fairlead.engines.kube import (
    ApiRefusal,
    Conflict,
    Expired,
    KubernetesApi,
    LogChunk,
    NotFound,
    Object,
    ObjectKind,
    ObjectList,
    ObjectRef,
    Propagation,
    Token,
    WatchEvent,
)
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.testing.fakes.fake_pod_logs import FakePodLog
from fairlead.testing.fakes.field_owners import FieldOwners
from fairlead.testing.fakes.object_kinds import IN_NAMESPACES, OF_THE_CLUSTER
from fairlead.testing.fakes.object_selection import ObjectSelection

NAMESPACE: Final = ObjectKind("v1", "Namespace")
CUSTOM: Final = ObjectKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")

_SHORTEST_TOKEN: Final = 600
_SERVER_FIELDS: Final = ("resourceVersion", "uid", "generation", "creationTimestamp", "deletionTimestamp")


class FakeKubernetesApi(KubernetesApi):
    """A Kubernetes API in memory, with the namespaces ``default`` and ``kube-system``.

    Attributes:
        refusals: What an operation is refused with, by the name of its method, until it is taken out again.
        called: The operations asked for so far, by the name of their method.
        failing_checks: What :meth:`unready` answers.
        longest_token: Seconds that a token is good for at most, however long it is asked for.
    """

    def __init__(self) -> None:
        self.refusals: dict[str, EngineError] = {}
        self.called: list[str] = []
        self.failing_checks: list[str] = []
        self.longest_token = math.inf
        self._kinds = {
            ObjectKind(version, kind): is_in_namespace
            for is_in_namespace, kinds in ((True, IN_NAMESPACES), (False, OF_THE_CLUSTER))
            for version, names in kinds.items()
            for kind in names.split()
        }
        self._objects: dict[ObjectRef, Object] = {}
        self._owners: dict[ObjectRef, FieldOwners] = {}
        self._changes: list[tuple[int, Object | None, Object | None]] = []  # version, before, after
        self._version = 1
        self._forgotten = 0
        self._changed = asyncio.Event()
        self._away = False
        self._logs: dict[tuple[ObjectRef, str, bool], FakePodLog] = {}
        self._tokens = 0
        for name in ("default", "kube-system"):
            self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    # What a test does to it

    def put(self, obj: Mapping[str, Any]) -> Object:
        """Create or replace an object as a controller would, its status included, and return it as it is then."""
        return self._store(self._checked(obj), copy.deepcopy(dict(obj)))

    def set_status(self, ref: ObjectRef, **status: Any) -> Object:
        """Change fields of an object's status, as its controller would.

        Args:
            ref: The object, which has to be there.
            status: The fields with their values.
        """
        obj = copy.deepcopy(self._objects[ref])
        obj["status"] = {**obj.get("status", {}), **status}
        return self._store(ref, obj)

    def remove_finalizers(self, ref: ObjectRef) -> None:
        """Take the finalizers off an object; one that is being deleted goes with that."""
        obj = copy.deepcopy(self._objects[ref])
        obj["metadata"].pop("finalizers", None)
        self._store(ref, obj)

    def log_of(self, pod: ObjectRef, container: str, *, previous: bool = False) -> FakePodLog:
        """The log of a container of a pod, to write to; from then on it has started.

        Args:
            pod: The pod, which has to be there.
            container: The container.
            previous: The log of the container's last start, instead of this one's.
        """
        self._present(pod)
        return self._logs.setdefault((pod, container, previous), FakePodLog())

    def restart_container(self, pod: ObjectRef, container: str) -> FakePodLog:
        """End the log of a container and begin the one of its next start.

        Args:
            pod: The pod, which has to be there.
            container: The container.

        Returns:
            The log of its next start.
        """
        former = self.log_of(pod, container)
        former.end()
        self._logs[pod, container, True] = former
        self._logs[pod, container, False] = FakePodLog(former.begin + len(former.lines))
        return self._logs[pod, container, False]

    def forget_changes(self) -> None:
        """Forget the changes so far, as an API server does after minutes: watches from before have expired."""
        self._forgotten = self._version
        self._changes.clear()
        self._ring()

    def go_away(self) -> None:
        """Answer no longer, until :meth:`come_back`; watches end with an error."""
        self._away = True
        self._ring()
        for log in self._logs.values():
            log.ring()

    def come_back(self) -> None:
        """Answer again."""
        self._away = False

    # The contract

    async def version(self) -> str:
        """The version of Kubernetes that it claims to be."""
        await self._begin("version")
        return "v1.36.0+k3s1"

    async def unready(self) -> tuple[str, ...]:
        """What a test has put into ``failing_checks``."""
        await self._begin("unready")
        return tuple(self.failing_checks)

    async def is_namespaced(self, kind: ObjectKind) -> bool:
        """Whether objects of a kind are in namespaces."""
        await self._begin("is_namespaced", kind)
        return self._kinds[kind]

    async def get(self, ref: ObjectRef) -> Object | None:
        """An object, or None."""
        await self._begin("get", ref.kind)
        self._check_scope(ref)
        return copy.deepcopy(self._objects.get(ref))

    async def list(
        self,
        kind: ObjectKind,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> ObjectList:
        """The objects of a kind that carry all these labels, by namespace and name."""
        await self._begin("list", kind)
        selection = ObjectSelection(kind, namespace, labels, fields)
        refs = sorted(
            (ref for ref in self._objects if ref.kind == kind), key=lambda ref: (ref.namespace or "", ref.name)
        )
        found = [obj for ref in refs if selection.has(obj := self._objects[ref])]
        return ObjectList(copy.deepcopy(found), str(self._version))

    async def watch(
        self,
        kind: ObjectKind,
        resource_version: str,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[WatchEvent, None]:
        """The changes of such objects after a version, as they come; never ends by itself."""
        await self._begin("watch", kind)
        selection = ObjectSelection(kind, namespace, labels, fields)
        seen = int(resource_version)
        while True:
            if seen < self._forgotten:
                raise Expired(f"too old resource version: {seen} ({self._forgotten})")
            changed = self._changed
            for version, before, after in [change for change in self._changes if change[0] > seen]:
                seen = version
                was, is_now = selection.has(before), selection.has(after)
                if is_now and after is not None:
                    yield WatchEvent("MODIFIED" if was else "ADDED", copy.deepcopy(after))
                elif was and before is not None:
                    yield WatchEvent("DELETED", _at_version(before, version))
            await changed.wait()
            self._check_presence()

    async def apply(self, obj: Mapping[str, Any], *, manager: str = "fairlead", force: bool = False) -> Object:
        """Create an object, or change the fields of it that are given."""
        await self._begin("apply", ObjectKind.of(obj))
        ref = self._checked(obj)
        known = self._objects.get(ref)
        self._check_version(ref, obj["metadata"])
        owners = copy.deepcopy(self._owners.get(ref, FieldOwners()))
        given = _without_server_fields(obj)
        if (rivals := owners.rivals(known or {}, given, manager)) and not force:
            raise Conflict(f"{ref} can't be applied: {rivals[0][1]} owns its field {rivals[0][0]}.")
        merged = owners.apply(copy.deepcopy(known or {}), given, manager)
        self._owners[ref] = owners
        if known is not None and merged == known:
            return copy.deepcopy(known)
        return self._store(ref, merged)

    async def delete(self, ref: ObjectRef, *, propagation: Propagation = "Background") -> bool:
        """Delete an object; one with finalizers is there until they are taken off."""
        await self._begin("delete", ref.kind)
        self._check_scope(ref)
        known = self._objects.get(ref)
        if known is None:
            return False
        if known["metadata"].get("finalizers"):
            if "deletionTimestamp" not in known["metadata"]:
                obj = copy.deepcopy(known)
                obj["metadata"]["deletionTimestamp"] = _now()
                self._store(ref, obj)
            return True
        self._remove(ref, keeps_dependents=propagation == "Orphan")
        return True

    async def logs(
        self,
        pod: ObjectRef,
        *,
        container: str | None = None,
        follow: bool = False,
        since: str | None = None,
        tail: int | None = None,
        previous: bool = False,
    ) -> AsyncGenerator[LogChunk, None]:
        """What a test has written into the log of a container of a pod."""
        await self._begin("logs", pod.kind)
        obj = self._present(pod)
        name = container or obj["spec"]["containers"][0]["name"]
        log = self._logs.get((pod, name, previous))
        if log is None:
            raise ApiRefusal(f"container {name!r} in pod {pod.name!r} has not started", reason="BadRequest")
        async for chunk in log.read(follow=follow, since=since, tail=tail):
            self._check_presence()
            yield chunk
        self._check_presence()

    async def create_token(self, account: ObjectRef, *, seconds: float) -> Token:
        """A token that is no one else's, good for as long as it is asked for and the test allows."""
        await self._begin("create_token", account.kind)
        self._present(account)
        if seconds < _SHORTEST_TOKEN:
            raise ApiRefusal(f"may not specify a duration less than {_SHORTEST_TOKEN} seconds", reason="Invalid")
        self._tokens += 1
        return Token(
            f"token-{self._tokens}-of-{account.namespace}-{account.name}",
            time.time() + min(seconds, self.longest_token),
        )

    async def close(self) -> None:
        """End all watches."""
        self.go_away()

    # What these are made of

    def _check_version(self, ref: ObjectRef, given: Mapping[str, Any]) -> None:
        """Refuse to apply an object in another version than the given one; one that has gone is told by its uid."""
        version, known = given.get("resourceVersion"), self._objects.get(ref)
        is_other = (known["metadata"]["resourceVersion"] != version) if known else "uid" in given
        if version is not None and is_other:
            raise Conflict(f"{ref} has changed since it was read: the object has been modified")

    def _present(self, ref: ObjectRef) -> Object:
        if ref not in self._objects:
            raise NotFound(f"{ref} not found", reason="NotFound")
        return self._objects[ref]

    async def _begin(self, operation: str, kind: ObjectKind | None = None) -> None:
        self.called.append(operation)
        await asyncio.sleep(0)
        self._check_presence()
        if operation in self.refusals:
            raise self.refusals[operation]
        if kind is not None:
            self._check_kind(kind)

    def _check_kind(self, kind: ObjectKind) -> None:
        if kind not in self._kinds:
            raise NotFound(f"no matches for kind {kind.kind!r} in version {kind.api_version!r}", reason="NotFound")

    def _check_scope(self, ref: ObjectRef) -> None:
        is_in_namespace = self._kinds[ref.kind]
        if is_in_namespace != (ref.namespace is not None):
            raise ApiRefusal(f"{ref} {'needs a namespace' if is_in_namespace else 'can not be in a namespace'}")

    def _check_presence(self) -> None:
        if self._away:
            raise EngineUnavailable("the Kubernetes API does not answer (it went away).")

    def _checked(self, obj: Mapping[str, Any]) -> ObjectRef:
        """What an object is called, if there is a place for it."""
        ref = ObjectRef.of(obj)
        self._check_kind(ref.kind)
        self._check_scope(ref)
        if ref.namespace is not None and ObjectRef(NAMESPACE, str(ref.namespace)) not in self._objects:
            raise NotFound(f"namespaces {ref.namespace!r} not found")
        return ref

    def _store(self, ref: ObjectRef, obj: Object) -> Object:
        before = self._objects.get(ref)
        known = before["metadata"] if before else {}
        generation = int(known.get("generation", 0)) + (before is None or before.get("spec") != obj.get("spec"))
        self._version += 1
        obj["metadata"] = {
            **obj["metadata"],
            "uid": known.get("uid") or str(uuid.uuid4()),
            "creationTimestamp": known.get("creationTimestamp") or _now(),
            "generation": generation,
            "resourceVersion": str(self._version),
        }
        self._objects[ref] = obj
        self._note(before, obj)
        if ref.kind == CUSTOM:
            self._kinds.update(_kinds_of(obj["spec"]))
        if "deletionTimestamp" in obj["metadata"] and not obj["metadata"].get("finalizers"):
            self._remove(ref)
        return copy.deepcopy(obj)

    def _remove(self, ref: ObjectRef, *, keeps_dependents: bool = False) -> None:
        obj = self._objects.pop(ref)
        self._owners.pop(ref, None)
        self._version += 1
        self._note(obj, None)
        for other in [] if keeps_dependents else [*self._dependents(ref, obj)]:
            if other in self._objects:
                self._remove(other)
        if ref.kind == CUSTOM:
            for kind in _kinds_of(obj["spec"]):
                del self._kinds[kind]

    def _dependents(self, ref: ObjectRef, obj: Object) -> Iterable[ObjectRef]:
        """What goes with an object: what is in a namespace, and what names it as its owner."""
        for other, candidate in self._objects.items():
            owners = candidate["metadata"].get("ownerReferences", ())
            is_inside = ref.kind == NAMESPACE and other.namespace == ref.name
            is_of_kind = ref.kind == CUSTOM and other.kind in _kinds_of(obj["spec"])
            if is_inside or is_of_kind or any(owner.get("uid") == obj["metadata"]["uid"] for owner in owners):
                yield other

    def _note(self, before: Object | None, after: Object | None) -> None:
        self._changes.append((self._version, before, after))
        self._ring()

    def _ring(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _kinds_of(spec: Mapping[str, Any]) -> dict[ObjectKind, bool]:
    """The kinds that a CustomResourceDefinition makes known, and whether their objects are in namespaces."""
    return {
        ObjectKind(f"{spec['group']}/{version['name']}", spec["names"]["kind"]): spec.get("scope") == "Namespaced"
        for version in spec["versions"]
    }


def _at_version(obj: Object, version: int) -> Object:
    return {**copy.deepcopy(obj), "metadata": {**obj["metadata"], "resourceVersion": str(version)}}


def _without_server_fields(obj: Mapping[str, Any]) -> Object:
    metadata = {name: value for name, value in obj["metadata"].items() if name not in _SERVER_FIELDS}
    return copy.deepcopy({**{name: value for name, value in obj.items() if name != "status"}, "metadata": metadata})


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
