"""The API of a real cluster, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from fairlead.engines.kube import (
    Conflict,
    Expired,
    KubernetesApi,
    LogChunk,
    Object,
    ObjectKind,
    ObjectList,
    ObjectRef,
    Propagation,
    Token,
    WatchEvent,
)
from fairlead.engines.kube.answers import is_about_an_object, unready_checks, without_managed_fields
from fairlead.engines.kube.connection import Connection, Params, Refusal, error_from
from fairlead.engines.kube.discovery import Discovery
from fairlead.engines.kube.kubeconfig import Kubeconfig, credentials
from fairlead.engines.kube.pod_log import LogReader
from fairlead.engines.kube.times import seconds_since_epoch
from fairlead.engines.kube.watching import watch
from fairlead.errors import EngineError

PAGE: Final = 250
"""Objects that are asked for at once: a list of any length costs the memory of its objects, and of one page's text."""
_APPLY: Final = "application/apply-patch+yaml"  # of which JSON is a part
_SERVER_FIELDS: Final = ("generation", "creationTimestamp", "deletionTimestamp", "managedFields")


async def connect(kubeconfig: Kubeconfig) -> KubernetesApi:
    """The API of a kubeconfig's current context; nothing is asked yet, so it may still be coming up.

    Args:
        kubeconfig: The kubeconfig as data, with its certificates in it.

    Raises:
        EngineError: It lacks something, or its certificates can't be used.
    """
    return HttpKubernetesApi(Connection(credentials(kubeconfig)))


class HttpKubernetesApi(KubernetesApi):
    """The API of a real cluster.

    Args:
        connection: Where requests go; closed with it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._discovery = Discovery(connection)

    async def version(self) -> str:
        """The version of Kubernetes."""
        return str((await self._ask("GET", "/version"))["gitVersion"])

    async def unready(self) -> tuple[str, ...]:
        """What the API server itself has not finished yet."""
        try:
            await self._connection.ask("GET", "/readyz", params={"verbose": ""})
        except Refusal as refusal:
            if checks := unready_checks(str(refusal.status.get("message"))):
                return checks
            raise error_from(refusal) from None
        return ()

    async def is_namespaced(self, kind: ObjectKind) -> bool:
        """Whether objects of a kind are in namespaces."""
        return (await self._discovery.path(kind)).is_namespaced

    async def get(self, ref: ObjectRef) -> Object | None:
        """An object, or None."""
        path = (await self._discovery.path(ref.kind)).one(ref)
        try:
            return without_managed_fields(await self._connection.ask_json("GET", path))
        except Refusal as refusal:
            if refusal.status.get("code") == 404 and is_about_an_object(refusal.status):
                return None
            raise self._error(refusal, ref.kind) from None

    async def list(
        self,
        kind: ObjectKind,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> ObjectList:
        """The objects of a kind that carry all these labels, by namespace and name."""
        path = (await self._discovery.path(kind)).all(namespace)
        selection = _selection(labels, fields)
        try:
            return await self._list(kind, path, selection, PAGE)
        except Expired:  # between two pages; one answer can't
            return await self._list(kind, path, selection, 0)

    async def _list(self, kind: ObjectKind, path: str, selection: Params, page: int) -> ObjectList:
        items: list[Object] = []
        version, following = "", ""
        while True:
            params = {**selection, "limit": str(page), **({"continue": following} if following else {})}
            answer = await self._ask("GET", path, kind=kind, params=params)
            version = str(answer["metadata"]["resourceVersion"])
            # built-in kinds leave out in a list what is the same for all
            named = {"apiVersion": kind.api_version, "kind": kind.kind}
            items += [without_managed_fields({**named, **obj}) for obj in answer["items"] or ()]
            following = str(answer["metadata"].get("continue") or "")
            if not following:
                items.sort(key=lambda obj: (obj["metadata"].get("namespace") or "", obj["metadata"]["name"]))
                return ObjectList(items, version)

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
        path = (await self._discovery.path(kind)).all(namespace)
        try:
            changes = watch(self._connection, path, _selection(labels, fields), resource_version)
            async with aclosing(changes) as events:
                async for event in events:
                    yield event
        except Refusal as refusal:
            raise self._error(refusal, kind) from None

    async def apply(self, obj: Mapping[str, Any], *, manager: str = "fairlead", force: bool = False) -> Object:
        """Create an object, or change the fields of it that are given."""
        ref = ObjectRef.of(obj)
        path = (await self._discovery.path(ref.kind)).one(ref)
        params = {"fieldManager": manager, "force": "true" if force else "false"}
        answer = await self._ask(
            "PATCH", path, kind=ref.kind, params=params, body=_given_fields(obj), content_type=_APPLY
        )
        return without_managed_fields(answer)

    async def delete(self, ref: ObjectRef, *, propagation: Propagation = "Background") -> bool:
        """Delete an object; it may take its time to go."""
        path = (await self._discovery.path(ref.kind)).one(ref)
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        try:
            await self._connection.ask("DELETE", path, body=body)
        except Refusal as refusal:
            if refusal.status.get("code") == 404 and is_about_an_object(refusal.status):
                return False
            error = self._error(refusal, ref.kind)
            if isinstance(error, Conflict) and await self._is_going(ref):
                return True  # a namespace that is being deleted already says so
            raise error from None
        return True

    async def _is_going(self, ref: ObjectRef) -> bool:
        obj = await self.get(ref)
        return obj is None or "deletionTimestamp" in obj["metadata"]

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
        """What a container of a pod wrote, in chunks as they come."""
        path = f"{(await self._discovery.path(pod.kind)).one(pod)}/log"
        params = {
            "timestamps": "true",
            **({"container": container} if container is not None else {}),
            **({"follow": "true"} if follow else {}),
            **({"sinceTime": since} if since is not None else {}),
            **({"tailLines": str(tail)} if tail is not None else {}),
            **({"previous": "true"} if previous else {}),
        }
        reader = LogReader(since)
        try:
            async with self._connection.stream("GET", path, params=params) as answer:
                async for data in answer.content.iter_any():
                    if chunk := reader.feed(data):
                        yield chunk
                if chunk := reader.end():
                    yield chunk
        except Refusal as refusal:
            raise self._error(refusal, pod.kind) from None

    async def create_token(self, account: ObjectRef, *, seconds: float) -> Token:
        """Create a token that is a ServiceAccount's."""
        path = f"{(await self._discovery.path(account.kind)).one(account)}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": int(seconds)},
        }
        status = (await self._ask("POST", path, kind=account.kind, body=body))["status"]
        return Token(status["token"], seconds_since_epoch(status["expirationTimestamp"]))

    async def close(self) -> None:
        """Close the connections; watches end with an error."""
        await self._connection.close()

    async def _ask(self, method: str, path: str, *, kind: ObjectKind | None = None, **options: Any) -> dict[str, Any]:
        try:
            return await self._connection.ask_json(method, path, **options)
        except Refusal as refusal:
            raise self._error(refusal, kind) from None

    def _error(self, refusal: Refusal, kind: ObjectKind | None) -> EngineError:
        """The error that a refusal is; a kind that is not served any more has to be looked for again."""
        if kind and refusal.status.get("code") == 404 and not is_about_an_object(refusal.status):
            self._discovery.forget(kind)
        return error_from(refusal)


def _given_fields(obj: Mapping[str, Any]) -> Object:
    """An object without what only the API server sets; the uid matters where a certain version is meant."""
    metadata = {name: value for name, value in obj["metadata"].items() if name not in _SERVER_FIELDS}
    if "resourceVersion" not in metadata:
        metadata.pop("uid", None)
    return {**{name: value for name, value in obj.items() if name != "status"}, "metadata": metadata}


def _selection(labels: Mapping[str, str] | None, fields: Mapping[str, str] | None) -> dict[str, str]:
    selectors = {"labelSelector": labels, "fieldSelector": fields}
    return {
        name: ",".join(f"{key}={value}" for key, value in wanted.items())
        for name, wanted in selectors.items()
        if wanted
    }
