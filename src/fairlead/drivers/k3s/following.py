"""The objects of one kind in one namespace, kept as they are in the cluster by a watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from fairlead.engines.kube import Expired, KubernetesApi, Object, ObjectKind
from fairlead.errors import EngineError

RETRY_SECONDS: Final = 1.0
"""After how long an API that did not answer is asked again."""


class FollowedObjects:
    """Objects of a kind, as they are now.

    Args:
        api: The cluster.
        kind: Their kind.
        namespace: Their namespace.
        on_change: Called when they, or what is known of them, have changed.

    Attributes:
        by_name: The objects.
        is_known: Whether they have been listed.
        problem: Why they are not known any more; empty while they are followed.
    """

    def __init__(
        self, api: KubernetesApi, kind: ObjectKind, namespace: str, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._api = api
        self._kind = kind
        self._namespace = namespace
        self._on_change = on_change
        self.by_name: dict[str, Object] = {}
        self.is_known = False
        self.problem = ""

    async def follow(self) -> None:
        """Keep them as they are until cancelled; what was missed while the API was away is listed again."""
        while True:
            try:
                await self._list_and_watch()
            except Expired:
                continue
            except EngineError as error:
                self.problem = error.message
                self._on_change()
                await asyncio.sleep(RETRY_SECONDS)

    async def _list_and_watch(self) -> None:
        objects, version = await self._api.list(self._kind, namespace=self._namespace)
        self.by_name = {obj["metadata"]["name"]: obj for obj in objects}
        self.is_known, self.problem = True, ""
        self._on_change()
        async with aclosing(self._api.watch(self._kind, version, namespace=self._namespace)) as events:
            async for event in events:
                name = event.object["metadata"]["name"]
                if event.type == "DELETED":
                    self.by_name.pop(name, None)
                else:
                    self.by_name[name] = event.object
                self._on_change()
