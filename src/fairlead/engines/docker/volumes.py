"""Volumes of the engine."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.engines.containers import VolumeInfo
from fairlead.engines.docker import errors
from fairlead.engines.docker.api import Api, Refused, label_filter, segment
from fairlead.engines.docker.creation import create_object
from fairlead.engines.docker.responses import volume_info
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import EngineError


async def ensure_volume(api: Api, guard: Guard | None, name: str, labels: Mapping[str, str]) -> VolumeInfo:
    """A volume of that name, created if it is missing.

    Raises:
        EngineError: It can't be created, or was removed meanwhile.
    """
    found = await api.call_if_there("GET", f"volumes/{segment(name)}")
    if found is None:
        try:
            await create_object(api, guard, "volume", name, {"Name": name, "Labels": dict(labels)})
        except Refused as refused:
            if "already exists" not in refused.message:
                raise errors.explain(refused, f"the volume '{name}' can't be made") from refused
        found = await api.call_if_there("GET", f"volumes/{segment(name)}")
    if found is None:
        raise EngineError(f"the volume '{name}' was removed while it was being made.")
    return volume_info(found)


async def remove_volume(api: Api, name: str) -> None:
    """Remove a volume; one that is not there is fine.

    Raises:
        EngineError: It is in use, by the containers that the message names, or can't be removed.
    """
    try:
        await api.call_if_there("DELETE", f"volumes/{segment(name)}")
    except Refused as refused:
        if refused.status == 409 or "use" in refused.message:
            raise errors.volume_in_use(name, await _users(api, name)) from refused
        raise errors.explain(refused, f"the volume '{name}' can't be removed") from refused


async def list_volumes(api: Api, labels: Mapping[str, str]) -> list[VolumeInfo]:
    """The volumes that carry all these labels."""
    answer = await api.call("GET", "volumes", params=label_filter(labels))
    found = [volume_info(raw) for raw in answer.get("Volumes") or []]
    return [volume for volume in found if labels.items() <= volume.labels.items()]


async def _users(api: Api, name: str) -> list[str]:
    rows = await api.call("GET", "containers/json", params={"all": True, "filters": {"volume": [name]}})
    return sorted(str(row["Names"][0]).removeprefix("/") for row in rows)
