"""What Fairlead asks of a Kubernetes API: objects as plain data, and the operations as an abstract class.

An API does what it is told and decides nothing: what is applied, in which order and what to wait for is the caller's
business. The fake of :mod:`fairlead.testing` behaves in the same way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

from fairlead.errors import EngineError

Object = dict[str, Any]
"""A Kubernetes object as plain data, with ``apiVersion``, ``kind`` and ``metadata``."""

Propagation = Literal["Background", "Foreground", "Orphan"]
"""What happens to the objects that belong to a deleted one: deleted after it, before it, or kept."""


class ApiRefusal(EngineError):
    """The API answered that it won't; the message has its own words.

    Args:
        message: The API's words.
        reason: Its name for the reason, such as ``Forbidden`` or ``Invalid``; empty where it gives none.
    """

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class NotFound(ApiRefusal):
    """There is no such namespace or kind, for example because its CustomResourceDefinition is not there yet."""


class Conflict(ApiRefusal):
    """The object has changed since it was read, or another manager owns a field with another value."""


class Expired(ApiRefusal):
    """The changes since a version are not known any more: list again, and watch from there."""


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """A kind of objects, such as ``ObjectKind("apps/v1", "Deployment")``."""

    api_version: str
    kind: str

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Self:
        """The kind of an object."""
        return cls(str(obj["apiVersion"]), str(obj["kind"]))

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """One object.

    Args:
        kind: Its kind.
        name: Its name.
        namespace: Its namespace; None for an object of the cluster as a whole.
    """

    kind: ObjectKind
    name: str
    namespace: str | None = None

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Self:
        """What refers to an object."""
        metadata = obj["metadata"]
        return cls(ObjectKind.of(obj), str(metadata["name"]), metadata.get("namespace"))

    def __str__(self) -> str:
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


class ObjectList(NamedTuple):
    """Objects, and the version of the cluster's state that shows them: a watch from there misses nothing."""

    items: list[Object]
    resource_version: str


class LogChunk(NamedTuple):
    """Lines that a container of a pod wrote, without line ends.

    ``time`` is that of the last one, as the cluster writes it, such as ``2026-11-20T23:55:56.794128313Z``.
    """

    time: str
    lines: list[bytes]


class Token(NamedTuple):
    """A token of a ServiceAccount, and when it expires in seconds since the epoch."""

    text: str
    expires_at: float

    def __repr__(self) -> str:
        return f"Token('***', expires_at={self.expires_at!r})"


class WatchEvent(NamedTuple):
    """A change of an object; for ``DELETED`` it is the object as it was last."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Object


class KubernetesApi(ABC):
    """The API of one cluster.

    Each operation raises ``EngineUnavailable`` when the API does not answer (any more), ``ApiRefusal`` with its reason
    when it refuses, and ``NotFound`` for a kind that it does not know. Objects that are returned are the caller's; they
    are without ``metadata.managedFields``, which can be most of an object.
    """

    @abstractmethod
    async def version(self) -> str:
        """The version of Kubernetes, such as ``v1.36.0+k3s1``."""

    @abstractmethod
    async def unready(self) -> tuple[str, ...]:
        """What the API server itself has not finished yet (its readiness checks that fail); nothing if it is ready."""

    @abstractmethod
    async def is_namespaced(self, kind: ObjectKind) -> bool:
        """Whether objects of a kind are in namespaces, and not of the cluster as a whole."""

    @abstractmethod
    async def get(self, ref: ObjectRef) -> Object | None:
        """An object, or None."""

    @abstractmethod
    async def list(
        self,
        kind: ObjectKind,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> ObjectList:
        """The objects of a kind that carry all these labels, by namespace and name.

        Args:
            kind: Their kind.
            namespace: Their namespace; None for all.
            labels: Labels with their values.
            fields: Fields with their values, such as ``{"metadata.name": "web"}``; an API server knows few of a kind.
        """

    @abstractmethod
    def watch(
        self,
        kind: ObjectKind,
        resource_version: str,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[WatchEvent, None]:
        """The changes of such objects, as they come; never ends by itself.

        An object that loses one of the labels is seen as deleted, one that gets it as added.

        Args:
            kind: Their kind.
            resource_version: Changes after this version, from :meth:`list` or the last event's object.
            namespace: Their namespace; None for all.
            labels: Labels with their values.
            fields: Fields with their values, as for :meth:`list`.

        Raises:
            Expired: The version is too old; also in the middle, after a pause of the network.
        """

    @abstractmethod
    async def apply(self, obj: Mapping[str, Any], *, manager: str = "fairlead", force: bool = False) -> Object:
        """Create an object, or change the fields of it that are given (server-side apply).

        A field that the manager gave before and gives no longer is removed. Lists are replaced as a whole, except those
        that the API merges by a key of their items.

        Args:
            obj: The object; with ``metadata.resourceVersion`` only that version of it is changed, and with the ``uid``
                beside it nothing is created in its place where it has gone.
            manager: Who owns the given fields from then on.
            force: Whether to take fields that another manager owns.

        Returns:
            The object as it is then.

        Raises:
            Conflict: It has another version, or, without ``force``, another manager owns a field with another value.
            NotFound: Its namespace or its kind is not there.
        """

    @abstractmethod
    async def delete(self, ref: ObjectRef, *, propagation: Propagation = "Background") -> bool:
        """Delete an object; it may take its time to go, as its finalizers and what belongs to it have to go first.

        Returns:
            Whether it was there.
        """

    @abstractmethod
    def logs(
        self,
        pod: ObjectRef,
        *,
        container: str | None = None,
        follow: bool = False,
        since: str | None = None,
        tail: int | None = None,
        previous: bool = False,
    ) -> AsyncGenerator[LogChunk, None]:
        """What a container of a pod wrote, in chunks as they come.

        Args:
            pod: The pod.
            container: The container; needed only where the pod has several.
            follow: Whether to go on with what it writes, until it ends.
            since: Only what it wrote after this time, in the form of a chunk's: going on behind a chunk misses nothing.
            tail: Begin this many lines before the end.
            previous: Read the log of the container's last start instead of this one's.

        Raises:
            NotFound: There is no such pod.
            ApiRefusal: The container has not started, or has never been started again.
        """

    @abstractmethod
    async def create_token(self, account: ObjectRef, *, seconds: float) -> Token:
        """Create a token that is a ServiceAccount's, for the API.

        Args:
            account: The ServiceAccount.
            seconds: How long it is good for; an API server may shorten that, and refuses less than ten minutes.

        Raises:
            NotFound: There is no such account.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close the connection."""
