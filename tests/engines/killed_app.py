"""A host of an app with containers, to be killed at any moment.

Run as ``python -m tests.engines.killed_app FOLDER WHAT``; says on standard output what it is doing. It ends when a line
comes on standard input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fairlead import AppBuilder, Apphost, Lifetime
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions

IMAGE = "busybox:1.35"
IDLE = ("sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait")


def define_build(app: AppBuilder) -> None:
    app.add_dockerfile("built", "context")


def define_one(app: AppBuilder) -> None:
    app.add_container("only", IMAGE, args=[*IDLE])


def define_small(app: AppBuilder) -> None:
    first = app.add_container("first", IMAGE, args=[*IDLE]).with_volume(None, "/scratch").with_volume("hold", "/data")
    process = app.add_executable("process", "sleep", ".", "1000").with_http_endpoint()
    app.add_container("second", IMAGE, args=[*IDLE]).wait_for(first).with_reference(process)


def define_kept(app: AppBuilder) -> None:
    define_small(app)
    app.add_container("kept", IMAGE, args=[*IDLE]).with_lifetime(Lifetime.PERSISTENT)


DEFINITIONS = {
    "build": define_build,
    "one": define_one,
    "small": define_small,
    "isolated": define_small,
    "kept": define_kept,
}


async def main(folder: Path, what: str) -> None:
    app = Apphost(DEFINITIONS[what], "doomed", folder / "apphost.py").build()
    host = await Host.open(app, RunOptions(isolated=what == "isolated"))
    print(f"run {host.record.app_id} {host.run.run_id}", flush=True)
    await host.start()
    bus = host.run.bus
    await bus.wait_until(lambda: all(bus.current(name).ready for name in host.run.app.names))
    print("up", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print("closing", flush=True)
    await host.close()
    print("closed", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
