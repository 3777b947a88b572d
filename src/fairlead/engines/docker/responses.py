"""What the engine says about its objects, in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from fairlead.engines.containers import (
    ContainerInfo,
    ContainerState,
    ContainerUsage,
    ImageHealth,
    ImageInfo,
    NetworkInfo,
    PublishedPort,
    TransportProtocol,
    VolumeInfo,
)

_STATES: Final = {
    # Podman's own words
    "configured": "created",
    "initialized": "created",
    "stopping": "running",
    "stopped": "exited",
    "unknown": "dead",
}


def container_info(raw: dict[str, Any]) -> ContainerInfo:
    """A container, from ``GET /containers/{id}/json``."""
    state, config = raw.get("State") or {}, raw.get("Config") or {}
    status = str(state.get("Status") or "created")
    ended = status in ("exited", "dead", "stopped")
    health = state.get("Health") or state.get("Healthcheck") or {}
    outputs = [str(entry.get("Output") or "") for entry in health.get("Log") or []]
    return ContainerInfo(
        id=str(raw["Id"]),
        name=str(raw["Name"]).removeprefix("/"),
        image=str(config.get("Image") or ""),
        image_id=str(raw.get("Image") or ""),
        labels=dict(config.get("Labels") or {}),
        state=cast(ContainerState, _STATES.get(status, status)),
        exit_code=_exit_code(state) if ended else None,
        oom_killed=bool(state.get("OOMKilled")),
        memory_limit=int((raw.get("HostConfig") or {}).get("Memory") or 0) or None,
        error=str(state.get("Error") or ""),
        health=cast(ImageHealth, health["Status"])
        if health.get("Status") in ("starting", "healthy", "unhealthy")
        else None,
        health_log=outputs[-1].strip() if outputs else "",
        started_at=timestamp(str(state.get("StartedAt") or "")),
        ended_at=timestamp(str(state.get("FinishedAt") or "")) if ended else None,
        ports=_ports((raw.get("NetworkSettings") or {}).get("Ports") or {}),
        networks={
            name: str(endpoint.get("IPAddress") or "")
            for name, endpoint in ((raw.get("NetworkSettings") or {}).get("Networks") or {}).items()
        },
    )


def _exit_code(state: Mapping[str, Any]) -> int:
    """How a container ended. Podman's -1, for an end that it never learnt, is what its command makes of that: 255."""
    return int(state.get("ExitCode") or 0) & 0xFF


def container_usage(raw: dict[str, Any]) -> ContainerUsage | None:
    """What a container uses, from ``GET /containers/{id}/stats``; None for one that does not run."""
    measured_at = timestamp(str(raw.get("read") or ""))
    memory = raw.get("memory_stats") or {}
    if measured_at is None or not memory.get("usage"):
        return None
    details = memory.get("stats") or {}
    # cgroup v2 has inactive_file; v1 has it too, but without those of cgroups below, such as the pods of a node.
    unused = int(details.get("total_inactive_file", details.get("inactive_file")) or 0)
    cpu = ((raw.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage") or 0
    return ContainerUsage(
        cpu_seconds=int(cpu) / 1e9,
        memory=float(max(0, int(memory["usage"]) - unused)),
        memory_limit=float(memory.get("limit") or 0),
        measured_at=measured_at,
    )


def image_info(raw: dict[str, Any]) -> ImageInfo:
    """An image, from ``GET /images/{name}/json``."""
    config = raw.get("Config") or {}
    health = (config.get("Healthcheck") or {}).get("Test") or []
    return ImageInfo(
        id=str(raw["Id"]),
        user=str(config.get("User") or ""),
        entrypoint=_words(config.get("Entrypoint")),
        command=_words(config.get("Cmd")),
        env=dict(entry.partition("=")[::2] for entry in config.get("Env") or []),
        exposed_ports=tuple(config.get("ExposedPorts") or {}),
        volumes=tuple(config.get("Volumes") or {}),
        has_health_check=bool(health) and health[0] != "NONE",
        os=str(raw.get("Os") or ""),
        architecture=str(raw.get("Architecture") or ""),
        variant=str(raw.get("Variant") or ""),
    )


def network_info(raw: dict[str, Any]) -> NetworkInfo:
    """A network, from ``GET /networks/{id}``."""
    ranges = (raw.get("IPAM") or {}).get("Config") or []
    addresses = [entry.get("Gateway") for entry in ranges]
    gateways = [str(address).partition("/")[0] for address in addresses if address]
    gateways.sort(key=lambda address: ":" in address)  # version 4 first
    return NetworkInfo(
        id=str(raw["Id"]),
        name=str(raw["Name"]),
        gateway=gateways[0] if gateways else None,
        labels=dict(raw.get("Labels") or {}),
        subnets=tuple(str(entry["Subnet"]) for entry in ranges if entry.get("Subnet")),
    )


def volume_info(raw: dict[str, Any]) -> VolumeInfo:
    """A volume, from ``GET /volumes/{name}``."""
    return VolumeInfo(str(raw["Name"]), dict(raw.get("Labels") or {}))


def timestamp(text: str) -> float | None:
    """Seconds since the epoch of an RFC 3339 time with up to nine decimals; None for the engine's "never"."""
    # 2026-11-20T23:55:56.794128313Z, or with +01:00 in place of the Z
    match = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", text)
    if match is None or text.startswith("0001-"):
        return None
    whole = datetime.fromisoformat(match[1] + (match[3] or "Z").replace("Z", "+00:00"))
    return whole.timestamp() + float(match[2] or 0)


def _ports(raw: dict[str, list[dict[str, str]] | None]) -> tuple[PublishedPort, ...]:
    published = []
    for key, bindings in raw.items():
        number, _, protocol = key.partition("/")
        for binding in bindings or []:
            published.append(
                PublishedPort(
                    int(number),
                    int(binding.get("HostPort") or 0),
                    cast(TransportProtocol, protocol or "tcp"),
                    binding.get("HostIp") or "0.0.0.0",
                )
            )
    return tuple(published)


def _words(value: object) -> tuple[str, ...] | None:
    return tuple(str(word) for word in value) if isinstance(value, list) else None
