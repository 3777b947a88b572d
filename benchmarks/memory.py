"""What the host costs at rest with twenty resources."""

from __future__ import annotations

import time

from benchmarks.apps import services
from benchmarks.measure import Figure
from benchmarks.running import running, scratch

REST_SECONDS = 10


def measure() -> list[Figure]:
    """Memory and processor time of the host alone, ten seconds long, with twenty healthy services."""
    with scratch() as folder, running(services(folder, 20), folder) as app:
        app.until("Running")
        before = app.host.cpu_times()
        time.sleep(REST_SECONDS)
        after = app.host.cpu_times()
        used = (after.user + after.system) - (before.user + before.system)
        memory = app.host.memory_info().rss / 2**20
    return [
        Figure("memory of the host with 20 resources", memory, "MiB", target="< 80 MiB"),
        Figure("processor at rest with 20 resources", 100 * used / REST_SECONDS, "% of a core", target="< 2 %"),
    ]
