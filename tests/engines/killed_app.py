"""A host of an app with containers, to be killed at any moment.

Run as ``python -m tests.engines.killed_app FOLDER [WHAT]``; says on standard output what it is doing.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fairlead import AppBuilder, Apphost, Lifetime
from fairlead.runtime.host import Host

IMAGE = "busybox:1.35"
IDLE = ("sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait")


def define(app: AppBuilder) -> None:
    kept = app.add_container("kept", IMAGE, args=[*IDLE]).with_lifetime(Lifetime.PERSISTENT).with_volume("hold", "/d")
    first = app.add_container("first", IMAGE, args=[*IDLE]).with_volume(None, "/scratch")
    for number in range(3):
        app.add_container(f"next{number}", IMAGE, args=[*IDLE]).wait_for(first)
    app.add_container("brief", IMAGE, args=["true"]).wait_for(kept)
    app.add_executable("process", "sleep", ".", "1000").with_http_endpoint()


def define_build(app: AppBuilder) -> None:
    app.add_dockerfile("built", "context")


def define_one(app: AppBuilder) -> None:
    app.add_container("only", IMAGE, args=[*IDLE])


DEFINITIONS = {"all": define, "build": define_build, "one": define_one}


async def main(folder: Path, what: str = "all") -> None:
    host = await Host.open(Apphost(DEFINITIONS[what], "doomed", folder / "apphost.py").build())
    print(f"run {host.record.app_id} {host.run.run_id}", flush=True)
    await host.start()
    bus = host.run.bus
    names = [name for name in host.run.app.names if name != "brief"]
    await bus.wait_until(lambda: all(bus.current(name).ready for name in names))
    print("up", flush=True)
    await host.close()
    print("closed", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
