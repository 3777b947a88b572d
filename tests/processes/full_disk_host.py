"""A host that starts, tells how its resources are, and ends.

Run as ``python -m tests.processes.full_disk_host FOLDER``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from fairlead import AppBuilder, Apphost, Generate
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions


def define(app: AppBuilder) -> None:
    password = app.add_parameter("password", Generate(), secret=True)
    app.add_executable("a", "sleep", ".", "60").with_http_endpoint()
    app.add_executable("b", "sleep", ".", "60").with_environment("PASSWORD", password)


async def main(folder: Path) -> None:
    warnings: list[str] = []
    app = Apphost(define, "shop", folder / "apphost.py").build()
    host = await Host.open(app, RunOptions(warn=warnings.append))
    await host.start()
    bus = host.run.bus
    await bus.wait_until(
        lambda: (
            bus.current("a").ready and (bus.current("b").ready or bool(bus.current("b").waiting_for)) and settled(host)
        )
    )
    snapshots = {snapshot.name: snapshot.to_json() for snapshot in bus.all()}
    await host.close()
    print(json.dumps({"warnings": warnings, "resources": snapshots}))


def settled(host: Host) -> bool:
    state = host.run.bus.current("password").state
    return state.is_terminal or state == "Active"


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
