"""What runs have created inside a container that stays, such as objects in a cluster.

The watchdog removes it when the host dies: the driver says how by ``Guard.add_cleanup``. What host and watchdog leave
together is removed at the next start. The container itself tells how, by a label, so that nothing else need be known of
it: a command that removes the objects of every run but one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

from fairlead.engines.containers import ContainerEngine, ContainerInfo
from fairlead.errors import EngineError

CLEANUP = "dev.fairlead.cleanup"
KEEP_RUN = "{keep_run}"
CLEANUP_SECONDS = 30.0
"""How long the command may take, before the run goes on without its end."""


def cleanup_label(argv: Sequence[str]) -> dict[str, str]:
    """The label by which a container that stays tells how runs' objects are removed from it.

    Args:
        argv: A command that removes the objects of all runs but one, whose id takes the place of ``{keep_run}``, as in
            ``("kubectl", "delete", "pods", "-A", "-l", "dev.fairlead.run,dev.fairlead.run!={keep_run}")``.
    """
    return {CLEANUP: json.dumps(list(argv))}


async def remove_inner_leftovers(engine: ContainerEngine, container: ContainerInfo, keep_run: str) -> None:
    """Remove what other runs have left inside a container. Nothing happens where it does not run, or has no such label.

    Raises:
        EngineError: The command fails, or does not end in ``CLEANUP_SECONDS``.
    """
    argv = cleanup_command(container, keep_run)
    if not argv or container.state != "running":
        return
    try:
        async with asyncio.timeout(CLEANUP_SECONDS):
            code, output = await engine.exec(container.id, argv)
    except TimeoutError:
        took = f"more than {CLEANUP_SECONDS:.0f} s"
        raise EngineError(f"'{argv[0]}' in the container {container.name} takes {took}.") from None
    if code:
        last_words = output.decode(errors="replace").strip()[-200:]
        raise EngineError(f"'{argv[0]}' in the container {container.name} ended with exit code {code}: {last_words}")


def cleanup_command(container: ContainerInfo, keep_run: str) -> tuple[str, ...]:
    """The command that a container's label gives; empty where it has none that can be understood."""
    with suppress(ValueError):
        argv = json.loads(container.labels.get(CLEANUP, ""))
        if isinstance(argv, list) and all(isinstance(argument, str) for argument in argv):
            return tuple(argument.replace(KEEP_RUN, keep_run) for argument in argv)
    return ()
