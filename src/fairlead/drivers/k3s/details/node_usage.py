"""What the nodes of a cluster use of the machine: they are containers of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fairlead.engines.containers import ContainerEngine, ContainerUsage
from fairlead.engines.tasks import run_all
from fairlead.errors import EngineError

_MEBIBYTE = 2**20


class NodeUse(NamedTuple):
    """What a node uses: per cent of one core, None where that is not known yet, and bytes."""

    cpu: float | None
    memory: float
    memory_limit: float


class NodeUsage:
    """Reads what nodes use; how busy they are it knows from the second time on.

    Args:
        engine: The engine that they run in.
    """

    def __init__(self, engine: ContainerEngine) -> None:
        self._engine = engine
        self._before: dict[str, ContainerUsage] = {}

    async def read(self, containers: Mapping[str, str]) -> dict[str, NodeUse]:
        """Return what some nodes use; those whose engine does not tell are left out.

        Args:
            containers: The nodes' containers by the nodes' names.
        """
        answers = await run_all("usage of nodes", *(self._ask(container) for container in containers.values()))
        usages = {name: usage for name, usage in zip(containers, answers, strict=True) if usage is not None}
        uses = {name: node_use(self._before.get(name), usage) for name, usage in usages.items()}
        self._before = usages
        return uses

    async def _ask(self, container: str) -> ContainerUsage | None:
        try:
            return await self._engine.usage(container)
        except EngineError:
            return None


def node_use(before: ContainerUsage | None, now: ContainerUsage) -> NodeUse:
    """Return what a node uses, in whole per cents and mebibytes, as the last digits change all the time."""
    seconds = now.measured_at - before.measured_at if before is not None else 0.0
    memory = round(now.memory / _MEBIBYTE) * float(_MEBIBYTE)
    if before is None or seconds <= 0:
        return NodeUse(None, memory, now.memory_limit)
    cpu = max(0.0, now.cpu_seconds - before.cpu_seconds) / seconds * 100
    return NodeUse(float(round(cpu)), memory, now.memory_limit)
