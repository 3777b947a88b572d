"""Apps with containers in a test: run isolated on a real engine, with a look at what they leave behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.definitions import Define
from tests.support.engines import EngineHost
from tests.support.waiting import until, until_seen

from fairlead import Apphost
from fairlead.model.endpoints.consumer import Network
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.model.wait import WaitBehavior
from fairlead.testing import Running, testing

BUSYBOX = "busybox:1.35"
PATIENCE = 60.0
# Runs until it is told to end, which a shell alone would not notice; nor does this one before it is "up".
IDLE = "trap 'exit 0' TERM; echo up; sleep 1000 & wait"


@asynccontextmanager
async def containers(
    define: Define,
    folder: Path,
    engine: EngineHost,
    *,
    parameters: Mapping[str, str] | None = None,
    behavior: WaitBehavior = WaitBehavior.KEEP_WAITING,
    left_to_the_watchdog: bool = False,
) -> AsyncIterator[Running]:
    """Run a definition whose relative paths start at the folder; nothing of it may be left in the engine.

    Args:
        define: The definition.
        folder: Where it is.
        engine: The engine of the run.
        parameters: Values of its parameters.
        behavior: What waits do when their target fails.
        left_to_the_watchdog: Whether its end may come without the engine, so that the rest is removed a little later.
    """
    apphost = Apphost(define, "boat", folder / "apphost.py")
    label = ""
    try:
        async with testing(apphost, parameters=parameters, behavior=behavior) as app:
            label = f"dev.fairlead.app={app.host.run.app_id}"
            yield app
        if left_to_the_watchdog:
            await until_seen(lambda: not engine.objects(label), "the watchdog has removed all", within=PATIENCE)
        assert engine.objects(label) == []
    except BaseException:
        if label:  # the watchdog may have lost the engine with the test, and networks are few
            engine.discard(*engine.objects(label))
        raise
    finally:
        engine.remove_images(f"dev.fairlead.app={apphost.build().id}")


def text(app: Running, name: str, *streams: str) -> str:
    """What is in the log of a resource; of some streams only, where they are named."""
    return "\n".join(line.text for line in app.logs(name) if not streams or line.stream in streams)


async def says(app: Running, name: str, words: str) -> str:
    """Wait until some words are in the log of a resource, and return all of it."""
    try:
        await until(lambda: words in text(app, name), f"{name} says {words!r}", within=PATIENCE)
    except AssertionError:
        raise AssertionError(f"{words!r} is not in the log of {app.snapshot(name)}:\n{text(app, name)}") from None
    return text(app, name)


async def reach(app: Running, name: str, *states: State) -> Snapshot:
    """Wait until a resource is in one of some states."""
    try:
        await until(lambda: app.snapshot(name).state in states, f"{name} is {states}", within=PATIENCE)
    except AssertionError:
        raise AssertionError(f"{app.snapshot(name)}:\n{text(app, name)}") from None
    return app.snapshot(name)


def container_of(app: Running, name: str) -> str:
    """The id that the engine gave to a resource's container."""
    return str(app.host.run.outputs.get(name, "container", Network.HOST))
