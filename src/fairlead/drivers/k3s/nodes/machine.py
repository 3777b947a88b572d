"""What the nodes of a run's clusters run on: the engine, its machine, and its networks. Looked at once in a run."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.engines.containers import ContainerEngine, NetworkInfo
from fairlead.engines.engine_facts import EngineFacts
from fairlead.engines.host_facts import HostFacts, observe_host
from fairlead.engines.tasks import run_together
from fairlead.model.driving.driver_context import DriverContext


@dataclass(frozen=True, slots=True)
class Machine:
    """What nodes run on.

    Args:
        facts: What the engine says.
        host: What this machine has; None where the engine does not run on it.
        networks: The engine's networks.
    """

    facts: EngineFacts
    host: HostFacts | None
    networks: tuple[NetworkInfo, ...]

    async def close(self) -> None:
        """Nothing of it is open."""


async def machine_of(context: DriverContext, engine: ContainerEngine) -> Machine:
    """The machine of the run's engine; nodes that start at the same time ask for it once."""
    return await context.shared(Machine, lambda: observe_machine(engine))


async def observe_machine(engine: ContainerEngine) -> Machine:
    """Look at an engine and its machine, which takes Docker about a tenth of a second.

    Raises:
        EngineUnavailable: It does not answer.
    """
    facts, networks = await run_together(engine.facts(), engine.networks({}))
    host = observe_host(facts.root_folder) if facts.is_local else None
    return Machine(facts, host, tuple(networks))
