"""A driver that has its resource restarted."""

from __future__ import annotations

from tests.support.kinds import Odd
from tests.support.stage import stage

from fairlead import DriverContext
from fairlead.model.observation.state import State


async def test_a_driver_can_have_its_resource_restarted() -> None:
    """It must be stopped and started again as by its user, though the driver that asks ends with that."""
    contexts: list[DriverContext] = []

    async def note(context: DriverContext) -> None:
        contexts.append(context)

    async with stage(lambda app: app.add(Odd("k8s", start=note))) as shown:
        await shown.reach("k8s", State.RUNNING)
        contexts[0].restart()
        await shown.until("k8s", lambda snapshot: snapshot.starts == 2 and snapshot.state is State.RUNNING)

        assert shown.states("k8s")[-3:] == ["Stopping", "Starting", "Running"]
        assert len(contexts) == 2
