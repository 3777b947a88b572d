"""The process that runs what test processes share: ``python -m fairlead.testing.shared.shared_host DESCRIPTOR``.

It reads its order from standard input, answers on the descriptor once it can be talked to, and runs until no test
process has a lease on it any more. Any of them may end, or be killed, at any time: also the one that has started it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.engines.descriptors import raise_limit
from fairlead.engines.tasks import Interrupted, unless_set
from fairlead.model.app import App
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
from fairlead.runtime.store.files import write_json
from fairlead.runtime.store.folders import runtime_folder
from fairlead.runtime.store.leases import end_if_unused, lease_file
from fairlead.runtime.store.project_settings import TESTS
from fairlead.testing.shared.shared_order import ORDER_FILE, SharedOrder, load_definition

if TYPE_CHECKING:
    from fairlead.dashboard.server import ControlServer

_WAIT_LIMIT = 300.0
_PAUSE = 0.2
"""Seconds between two looks whether a test process is left."""


async def run(order: SharedOrder, app: App, answer: int) -> None:
    """Run the part of an app until no test process is left.

    Args:
        order: What to run.
        app: The app.
        answer: A descriptor to answer on; closed then.

    Raises:
        FairleadError: It can't be started.
    """
    options = RunOptions(
        parameters=order.parameters,
        selected=order.selected,
        excluded=order.excluded,
        behavior=WaitBehavior.FAIL_FAST,
        variant=TESTS,
        wait_limit=_WAIT_LIMIT,
        warn=lambda text: print(text, file=sys.stderr, flush=True),  # noqa: T201  (its log)
    )
    host = await Host.open(app, options)
    try:
        await _serve(host, order, answer)
    finally:
        await host.close()


async def _serve(host: Host, order: SharedOrder, answer: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await host.start()
    server = (await asyncio.to_thread(_control_server_type))(host, stop.set)
    try:
        await server.start(Path(host.record.socket))
        write_json(host.run.state_folder.path() / ORDER_FILE, {"digest": order.digest})
        _answer(answer, {"record": asdict(host.record)})
        leases = lease_file(host.record.app_id, runtime_folder())
        with suppress(Interrupted):
            await unless_set(stop, _until_unused(leases), "leases")
        await host.stop()
    finally:
        await server.close()


def _control_server_type() -> type[ControlServer]:
    """The server, whose libraries take a while to load: the cluster is on its way meanwhile."""
    from fairlead.dashboard.server import ControlServer

    return ControlServer


async def _until_unused(leases: Path) -> None:
    # The descriptor stays open until this process has ended: until then nobody gets a lease.
    while end_if_unused(leases) is None:  # noqa: ASYNC110  (the event is the end of another process)
        await asyncio.sleep(_PAUSE)


def _answer(descriptor: int, content: dict[str, object]) -> None:
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(json.dumps(content).encode())


def main(answer: int) -> int:
    """Be the process.

    Args:
        answer: The descriptor to answer on.

    Returns:
        The exit code.
    """
    os.set_inheritable(answer, False)
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]  # they tell programs that they run inside of a test
    order = SharedOrder.from_json(sys.stdin.buffer.read())
    raise_limit()
    try:
        asyncio.run(run(order, load_definition(order).build(Mode.RUN), answer))
    except Exception as error:
        with suppress(OSError):  # it has answered before
            _answer(answer, {"error": str(error) or type(error).__name__})
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
