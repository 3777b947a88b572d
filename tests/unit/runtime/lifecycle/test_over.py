"""Whether a run is over or has failed is a matter of the definition's resources alone."""

from __future__ import annotations

from tests.support.stage import stage

from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.testing import InMemory


async def test_observed_resources_decide_nothing() -> None:
    """An observed resource that runs must not keep a run going, and one that failed must not fail it."""
    async with stage(lambda app: app.add(InMemory("job", exit_code=0))) as shown:
        await shown.reach("job", State.FINISHED)
        for name, state in (("up", State.RUNNING), ("down", State.FAILED_TO_START)):
            shown.host.run.bus.publish(
                Snapshot(name=name, kind="Pod", id=f"job/pod/-/{name}", origin="observed", owner="job", state=state)
            )
        assert shown.host.is_over
        assert shown.host.failures == []
