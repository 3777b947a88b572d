"""Following all objects of a kind: a list, then a watch from there, and again when the watch has expired or broken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Final

from fairlead.engines.kube import Expired, KubernetesApi, Object, ObjectKind, WatchEvent
from fairlead.errors import EngineError, EngineUnavailable

FIRST_PAUSE: Final = 0.5
"""Seconds before the first new try after an API server has not answered; doubled with each further one."""
LONGEST_PAUSE: Final = 5.0
REFUSED_PAUSE: Final = 30.0
"""Seconds before a new try after it has refused, which a person has to change."""


async def follow_objects(
    api: KubernetesApi,
    kind: ObjectKind,
    on_list: Callable[[Sequence[Object]], None],
    on_event: Callable[[WatchEvent], None],
    on_refusal: Callable[[EngineError], None],
) -> None:
    """Follow all objects of a kind, until cancelled.

    Args:
        api: The API. It may go away and come back.
        kind: The kind.
        on_list: Called with all objects: at first, and whenever changes may have been missed.
        on_event: Called with each change from then on.
        on_refusal: Called when the API refuses.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            listed = await api.list(kind)
            on_list(listed.items)
            version = listed.resource_version
            del listed  # a thousand objects would be kept as long as the watch lasts
            async with aclosing(api.watch(kind, version)) as events:
                async for event in events:
                    pause = FIRST_PAUSE
                    on_event(event)
        except Expired:
            pass
        except EngineUnavailable:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        except EngineError as error:
            on_refusal(error)
            await asyncio.sleep(REFUSED_PAUSE)
