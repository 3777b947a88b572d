"""What an engine says that a container uses, in the forms of both versions of cgroups and of both engines."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.engines.containers import ContainerUsage
from fairlead.engines.docker.responses import container_usage

READ = "2026-11-26T13:13:20.5Z"
AT = 1795698800.5
CPU = {"cpu_usage": {"total_usage": 1_500_000_000}}
V1 = {"usage": 5000, "limit": 9000, "stats": {"inactive_file": 10, "total_inactive_file": 2000}}
V2 = {"usage": 5000, "limit": 9000, "stats": {"inactive_file": 2000, "active_file": 1}}
PODMAN = {"usage": 3000, "limit": 9000}


@pytest.mark.parametrize("memory", [V1, V2, PODMAN])
def test_a_running_container(memory: dict[str, Any]) -> None:
    """Files in the cache that nothing uses must not count, and a node's pods must be among what it uses."""
    use = container_usage({"read": READ, "cpu_stats": CPU, "memory_stats": memory})
    assert use == ContainerUsage(1.5, 3000.0, 9000.0, AT)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"read": "0001-01-01T00:00:00Z", "cpu_stats": {}, "memory_stats": {}},
        {"read": READ, "cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {}},
    ],
)
def test_one_that_does_not_run(raw: dict[str, Any]) -> None:
    """A container that does not run has no memory, and then nothing must be told."""
    assert container_usage(raw) is None
