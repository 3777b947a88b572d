"""The tree of a cluster: its objects as they come -> what is shown, and what has changed of it.

It is told what the watches see, one object at a time, and works out only what that can have changed: a pod concerns its
workload, an event the object that it is about. It touches nothing; the caller takes the changes from time to time.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from fairlead.drivers.k3s.tree.nodes import namespace_child, node_child
from fairlead.drivers.k3s.tree.parents import Origins
from fairlead.drivers.k3s.tree.pods import pod_child
from fairlead.drivers.k3s.tree.slim import slim
from fairlead.drivers.k3s.tree.workloads import workload_child
from fairlead.engines.kube import Object
from fairlead.model.observation.observed import ObservedChild

_EVENTS_OF_AN_OBJECT: Final = 20
_OTHER_OBJECTS_WITH_EVENTS: Final = 200


class Key(NamedTuple):
    """What an object is known by."""

    kind: str
    namespace: str | None
    name: str

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Key:
        """The key of an object."""
        metadata = obj["metadata"]
        return cls(str(obj["kind"]), metadata.get("namespace"), str(metadata["name"]))


class Change(NamedTuple):
    """What has changed of what is shown.

    Args:
        children: Those that are new or different, parents first.
        gone: Those that are not there any more.
    """

    children: list[ObservedChild]
    gone: list[Key]


class ClusterTree:
    """The tree of one cluster.

    Args:
        origins: What the definition brings into the cluster.
    """

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._objects: dict[Key, Object] = {}
        self._shown: dict[Key, ObservedChild] = {}
        self._below: defaultdict[str, set[Key]] = defaultdict(set)  # by the id of the parent
        self._events: dict[Key, deque[Object]] = {}
        self._early_events: dict[Key, deque[Object]] = {}  # of objects that are not there yet, or are not shown
        self._last_logs: dict[Key, str] = {}
        self._dirty: dict[Key, None] = {}

    # What the watches see

    def replace(self, kind: str, objects: Iterable[Mapping[str, Any]]) -> None:
        """Take the objects of a kind as all that there are of it.

        Args:
            kind: The kind.
            objects: As the API server returns them.
        """
        gone = {key for key in self._objects if key.kind == kind}
        for obj in objects:
            gone.discard(Key.of(obj))
            self.put(obj)
        for key in gone:
            self.remove(key)

    def put(self, obj: Mapping[str, Any]) -> None:
        """Take an object that is new or has changed."""
        key = Key.of(obj)
        self._objects[key] = slim(obj)
        if (early := self._early_events.pop(key, None)) is not None:
            self._events[key] = early
        self._touch(key)

    def remove(self, key: Key) -> None:
        """Take out an object that has been deleted."""
        if self._objects.pop(key, None) is not None:
            self._events.pop(key, None)
            self._last_logs.pop(key, None)
            self._touch(key)

    def put_event(self, event: Mapping[str, Any]) -> None:
        """Take an event, new or counted up."""
        event = slim(event)
        involved = event["involvedObject"]
        key = Key(str(involved.get("kind")), involved.get("namespace"), str(involved.get("name")))
        known = self._events_to_add_to(key)
        for other in known:
            if other["metadata"]["name"] == event["metadata"]["name"]:
                known.remove(other)
                break
        known.append(event)
        for concerned in (key, *self._pods_of_claim(key)):
            if concerned in self._objects:
                self._touch(concerned)

    def put_last_log(self, key: Key, text: str) -> None:
        """Take the end of the log of the container of a pod that has crashed."""
        if key in self._objects and self._last_logs.get(key) != text:
            self._last_logs[key] = text
            self._touch(key)

    # What is shown

    def id_of(self, key: Key) -> str:
        """The id of an object as an observed child."""
        return self._origins.id_of(*key)

    def object(self, key: Key) -> Object | None:
        """An object, slimmed; None if it is not there."""
        return self._objects.get(key)

    def events(self, key: Key) -> tuple[Object, ...]:
        """The events of an object, in the order in which they came."""
        return tuple(self._events.get(key, ()))

    def objects(self) -> Iterable[tuple[Key, Object]]:
        """All objects with their keys."""
        return self._objects.items()

    def shown(self, key: Key) -> ObservedChild | None:
        """An object as it is shown; None if it is not."""
        return self._shown.get(key)

    def all_events(self) -> Iterable[Object]:
        """The kept events of all objects, in no order."""
        for events in (*self._events.values(), *self._early_events.values()):
            yield from events

    def pods_below(self, workload: Key) -> list[Key]:
        """The pods of a workload, by name."""
        below = self._below.get(self.id_of(workload), ())
        return sorted(key for key in below if key.kind == "Pod")

    @property
    def has_changes(self) -> bool:
        """Whether there may be something to take."""
        return bool(self._dirty)

    def take_changes(self, limit: int = 100) -> Change:
        """What has changed since the last time, so far as it was worked out.

        Args:
            limit: How many objects to look at: with a thousand, the event loop must not stand still.
        """
        change = Change([], [])
        dirty = list(self._dirty)[:limit]
        for key in sorted(dirty, key=_order):
            del self._dirty[key]
            self._show(key, change)
        change.children.sort(key=lambda child: _LEVELS.get(child.kind, 1))
        return change

    # What these are made of

    def _touch(self, key: Key) -> None:
        self._dirty[key] = None

    def _show(self, key: Key, change: Change) -> None:
        child = self._child(key)
        before = self._shown.get(key)
        if child == before:
            return
        for each in (before, child):
            if each is not None:
                self._touch_parent(each)
        self._file(key, before, child)
        if child is None:
            del self._shown[key]
            change.gone.append(key)
        else:
            self._shown[key] = child
            change.children.append(child)

    def _child(self, key: Key) -> ObservedChild | None:
        """An object as it is shown; None if it is not there, or is shown no more."""
        if key.kind == "Namespace":
            members = [self._shown[member] for member in self._below.get(self.id_of(key), ())]
            return namespace_child(key.name, members) if members else None
        obj = self._objects.get(key)
        if obj is None:
            return None
        if key.kind == "Node":
            return node_child(obj, self._origins.parent_of_node(key.name))
        parent = self._origins.parent_of(obj)
        if key.kind == "Pod":
            return pod_child(obj, parent, self._events_for(obj, key), self._last_logs.get(key, ""))
        pods = [self._shown[pod] for pod in self.pods_below(key)]
        return workload_child(obj, parent, pods, self._events.get(key, ()))

    def _events_for(self, pod: Object, key: Key) -> Iterable[Object]:
        """The events of a pod, and those of its claims."""
        yield from self._events.get(key, ())
        for claim in _claims(pod):
            yield from self._early_events.get(claim, ())

    def _events_to_add_to(self, key: Key) -> deque[Object]:
        events = self._events if key in self._objects else self._early_events
        if key not in events:
            events[key] = deque(maxlen=_EVENTS_OF_AN_OBJECT)
            if len(self._early_events) > _OTHER_OBJECTS_WITH_EVENTS:
                del self._early_events[next(iter(self._early_events))]
        return events[key]

    def _pods_of_claim(self, key: Key) -> Iterable[Key]:
        if key.kind == "PersistentVolumeClaim":
            yield from (pod for pod, obj in self._objects.items() if pod.kind == "Pod" and key in _claims(obj))

    def _touch_parent(self, child: ObservedChild) -> None:
        """What an object is shown below may look different now: its workload, or the group of its namespace."""
        if child.parent and "/" in child.parent:
            _, kind, namespace, name = child.parent.split("/")
            self._touch(Key(_KINDS[kind], None if namespace == "-" else namespace, name))

    def _file(self, key: Key, before: ObservedChild | None, child: ObservedChild | None) -> None:
        if before is not None and before.parent:
            self._below[before.parent].discard(key)
            if not self._below[before.parent]:
                del self._below[before.parent]
        if child is not None and child.parent:
            self._below[child.parent].add(key)


_LEVELS: Final = {"Node": 0, "Namespace": 0, "Pod": 2}
_KINDS: Final = {
    kind.lower(): kind for kind in ("Namespace", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
}


def _order(key: Key) -> tuple[int, Key]:
    """Pods are worked out first, as their workloads read their reasons; the groups last."""
    level = {"Pod": 0, "Job": 1, "Namespace": 3}.get(key.kind, 2)
    return level, Key(key.kind, key.namespace or "", key.name)


def _claims(pod: Object) -> list[Key]:
    """The keys of the PersistentVolumeClaims of a pod."""
    names = (volume["persistentVolumeClaim"]["claimName"] for volume in pod["spec"].get("volumes", ()))
    return [Key("PersistentVolumeClaim", pod["metadata"].get("namespace"), name) for name in names]
