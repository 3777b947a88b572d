"""Where the objects of a kind are in an API: asked once for each version of a group, again for an unknown kind."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from fairlead.engines.kube import ApiRefusal, NotFound, ObjectKind, ObjectRef
from fairlead.engines.kube.connection import Connection, Refusal, error_from


@dataclass(frozen=True, slots=True)
class KindPath:
    """Where the objects of a kind are.

    Args:
        root: The path of the group's version, such as ``/apis/apps/v1``.
        plural: The kind in paths, such as ``deployments``.
        is_namespaced: Whether its objects are in namespaces.
    """

    root: str
    plural: str
    is_namespaced: bool

    def all(self, namespace: str | None) -> str:
        """The path of the objects of a namespace, or of all."""
        inside = f"/namespaces/{quote(namespace, safe='')}" if namespace is not None and self.is_namespaced else ""
        return f"{self.root}{inside}/{self.plural}"

    def one(self, ref: ObjectRef) -> str:
        """The path of one object.

        Raises:
            ApiRefusal: It lacks a namespace, or has one although its kind is in none.
        """
        if self.is_namespaced != (ref.namespace is not None):
            raise ApiRefusal(f"{ref} {'needs a namespace' if self.is_namespaced else 'can not be in a namespace'}")
        return f"{self.all(ref.namespace)}/{quote(ref.name, safe='')}"


class Discovery:
    """The kinds that an API serves.

    Args:
        connection: The API.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._paths: dict[ObjectKind, KindPath] = {}

    async def path(self, kind: ObjectKind) -> KindPath:
        """Where the objects of a kind are.

        Raises:
            NotFound: The API does not serve it, or not yet.
        """
        if kind not in self._paths:
            self._paths.update(await self._served(kind.api_version))
        if kind not in self._paths:
            raise NotFound(f"no matches for kind {kind.kind!r} in version {kind.api_version!r}", reason="NotFound")
        return self._paths[kind]

    def forget(self, kind: ObjectKind) -> None:
        """Ask for a kind again at the next occasion."""
        self._paths.pop(kind, None)

    async def _served(self, api_version: str) -> dict[ObjectKind, KindPath]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            answer = await self._connection.ask_json("GET", root)
        except Refusal as refusal:
            if refusal.status.get("code") == 404:
                return {}
            raise error_from(refusal) from None
        return {
            ObjectKind(api_version, resource["kind"]): KindPath(root, resource["name"], resource["namespaced"])
            for resource in answer["resources"]
            if "/" not in resource["name"]  # deployments/scale and the like
        }
