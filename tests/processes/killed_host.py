"""A host of an app that is hard to end, to be killed at any moment.

Run as ``python -m tests.processes.killed_host FOLDER``; says on standard output what it is doing.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fairlead import AppBuilder, Apphost
from fairlead.errors import FairleadError
from fairlead.runtime.host import Host

FOREVER = "while :; do sleep 1; done"
STUBBORN = f"trap '' TERM INT HUP; {FOREVER}"
FERTILE = f"trap '' TERM; ({FOREVER}) & ({FOREVER}) & {FOREVER}"
RUNAWAY = f"trap '' TERM; setsid sh -c \"trap '' TERM; {FOREVER}\" & {FOREVER}"


def define(app: AppBuilder) -> None:
    first = app.add_executable("stubborn", "sh", ".", "-c", STUBBORN).with_http_endpoint()
    app.add_executable("fertile", "sh", ".", "-c", FERTILE).with_replicas(2)
    app.add_executable("runaway", "sh", ".", "-c", RUNAWAY).wait_for(first)
    app.add_executable("brief", "sh", ".", "-c", f"({STUBBORN}) & sleep 0.1")
    app.add_executable("polite", "sleep", ".", "1000").wait_for_start(first).with_reference(first)


async def main(folder: Path) -> None:
    try:
        host = await Host.open(Apphost(define, "doomed", folder / "apphost.py").build())
    except FairleadError as error:
        print(f"refused: {error}", flush=True)
        return
    stubborn = host.run.app["stubborn"]
    port = host.run.addresses.host_port(stubborn, stubborn.endpoints["http"])
    print(f"run {host.run.run_id} {port}", flush=True)
    await host.start()
    print("started", flush=True)
    bus = host.run.bus
    names = [name for name in host.run.app.names if name != "brief"]
    await bus.wait_until(lambda: all(bus.current(name).ready for name in names))
    print("up", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print("closing", flush=True)
    await host.close()
    print("closed", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
