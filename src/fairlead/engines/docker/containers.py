"""Containers of the engine: created, started, looked at, ended and removed.

Engines serialise much of what they do, and a flood of starts makes each of them slow enough to time out: creating,
starting and removing is limited to a few calls at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from fairlead.engines.containers import ContainerInfo, ContainerSpec, ContainerUsage
from fairlead.engines.docker import errors
from fairlead.engines.docker.api import Api, Params, Refused, label_filter, segment
from fairlead.engines.docker.body import create_body
from fairlead.engines.docker.creation import create_object
from fairlead.engines.docker.responses import container_info, container_usage, image_info
from fairlead.engines.sockets import port_owner
from fairlead.engines.tasks import TaskScope
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import EngineError

AT_ONCE: Final = 8
"""Containers that are created, started or removed at the same time."""
REMOVAL_PAUSE: Final = 0.1
"""Seconds between two looks whether a container is gone that another process removes."""
UNKNOWN_END_PAUSE: Final = 0.5
"""Seconds until an engine is asked again that said of a running container that its end is not known."""


@dataclass
class Containers:
    """The containers of one engine.

    Args:
        api: The engine's API.
        engine: The engine's name.
        shares_files: Whether the engine sees the files of this machine.
        guard: Is told what is being created.
    """

    api: Api
    engine: str
    shares_files: bool
    guard: Guard | None
    _limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id; a taken name is an error that says who has it.

        A call to the engine can't be taken back: when the caller is cancelled meanwhile, what it made is removed again.
        """
        # Podman's netavark takes 0.0.0.0 for one address, which nobody sends to.
        body = create_body(spec, "" if self.engine == "podman" else "0.0.0.0")
        self._check_sources(spec)
        async with self._limit:
            platform = {"platform": spec.platform} if spec.platform else {}
            call = create_object(self.api, self.guard, "container", spec.name, body, {"name": spec.name, **platform})
            try:
                creating = TaskScope(f"container {spec.name}").start(call, "create")
                answer = await self._unless_cancelled(creating)
            except Refused as refused:
                if errors.NAME_TAKEN.search(refused.message):
                    raise errors.name_taken(spec, await self.inspect(spec.name)) from refused
                raise errors.explain(refused, f"the container '{spec.name}' can't be created") from refused
        return str(answer["Id"])

    async def start(self, container: str) -> None:
        """Start a created or ended container; a taken port is an error that names it."""
        async with self._limit:
            try:
                await self.api.call("POST", f"containers/{segment(container)}/start")
            except Refused as refused:
                if match := errors.PORT_TAKEN.search(refused.message):
                    port = int(match["port"])
                    owner = await self._owner_of_port(port, match["address"], container)
                    raise errors.port_taken(port, owner) from refused
                raise errors.explain(refused, "the container can't be started") from refused

    async def stop(self, container: str, grace: float) -> None:
        """TERM (or the image's signal), and KILL after so many seconds; one that has ended or is gone is fine."""
        path = f"containers/{segment(container)}/stop"
        await self._unless_ended(path, {"t": max(0, round(grace))})

    async def kill(self, container: str) -> None:
        """End it at once; one that has ended or is gone is fine."""
        await self._unless_ended(f"containers/{segment(container)}/kill", {})

    async def remove(self, container: str, *, volumes: bool = True) -> None:
        """Remove it, ending it if need be, with its anonymous volumes; one that is gone is fine."""
        path = f"containers/{segment(container)}"
        async with self._limit:
            await self._delete(path, volumes)
        # Another process may be removing it, and Podman may answer before it is done.
        while await self.api.call_if_there("GET", f"{path}/json") is not None:  # noqa: ASYNC110  (nobody tells)
            await asyncio.sleep(REMOVAL_PAUSE)

    async def inspect(self, container: str) -> ContainerInfo | None:
        """A container by id or name, or None."""
        raw = await self.api.call_if_there("GET", f"containers/{segment(container)}/json")
        if raw is None:
            return None
        info = container_info(raw)
        if info.state == "exited" and info.exit_code and not info.error:
            return replace(info, error=await self._why_refused(info))
        return info

    async def usage(self, container: str) -> ContainerUsage | None:
        """What a container uses of the machine; None for one that does not run."""
        path, once = f"containers/{segment(container)}/stats", {"stream": False, "one-shot": True}
        try:
            async with self.api.stream("GET", path, params=once) as answer:
                content = await answer.read()
        except Refused as refused:
            if refused.is_about_something_gone:
                return None
            raise
        return container_usage(json.loads(content)) if content.strip() else None  # Podman says nothing of an ended one

    async def check_health(self, container: str) -> ContainerInfo | None:
        """The same, with what its image's health check says.

        Podman leaves running it to systemd, which need not be there; it does so when it is asked.
        """
        info = await self.inspect(container)
        if self.engine != "podman" or info is None or info.health is None or info.state != "running":
            return info
        path = f"v4.0.0/libpod/containers/{segment(container)}/healthcheck"
        with contextlib.suppress(Refused):  # it has ended meanwhile
            await self.api.call("GET", path, versioned=False)
        return await self.inspect(container)

    async def list(self, labels: Mapping[str, str]) -> list[ContainerInfo]:
        """The containers in whatever state that carry all these labels."""
        rows = await self.api.call("GET", "containers/json", params={"all": True, **label_filter(labels)})
        found = []
        for row in rows:  # the rows lack exit codes and much else
            info = await self.inspect(str(row["Id"]))
            if info is not None and labels.items() <= info.labels.items():
                found.append(info)
        return found

    async def wait(self, container: str) -> int:
        """Wait until a container has ended, and tell its exit code.

        On a busy machine Podman gives up waiting, by -1, before it has learnt of a start or an end. It is asked again.
        """
        while (code := await self._wait(container)) < 0:
            info = container_info(await self.api.call("GET", f"containers/{segment(container)}/json"))
            if info.exit_code is not None:
                return info.exit_code
            await asyncio.sleep(UNKNOWN_END_PAUSE)
        return code

    async def _wait(self, container: str) -> int:
        answer = await self.api.call("POST", f"containers/{segment(container)}/wait")
        if not answer:  # the engine was stopped while it kept us waiting
            raise self.api.lost("it was stopped")
        return int(answer["StatusCode"])

    async def _unless_cancelled(self, creating: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        try:
            return await asyncio.shield(creating)
        except asyncio.CancelledError:
            await asyncio.wait([creating])
            if not creating.cancelled() and creating.exception() is None:
                path = f"containers/{creating.result()['Id']}"
                await self.api.call_if_there("DELETE", path, params={"force": True, "v": True})
            raise

    async def _unless_ended(self, path: str, params: Params) -> None:
        try:
            await self.api.call_if_there("POST", path, params=params)
        except Refused as refused:
            info = await self.inspect(path.split("/")[1])
            if info is not None and info.state in ("running", "paused", "restarting"):
                raise errors.explain(refused, "the container can't be ended") from refused

    async def _why_refused(self, info: ContainerInfo) -> str:
        # A program for another processor starts, as far as the engine can tell, and ends with these last words.
        try:
            params: Params = {"stdout": True, "stderr": True, "tail": 1}
            async with self.api.stream("GET", f"containers/{segment(info.id)}/logs", params=params) as answer:
                if b"exec format error" not in await answer.read():
                    return ""
        except Refused:
            return ""
        raw = await self.api.call_if_there("GET", f"images/{info.image_id}/json")
        image = image_info(raw) if raw else None
        architecture = await self.api.architecture()
        if image is None or image.architecture in ("", architecture):
            return "its program is for another kind of processor, or a script without a #! line"
        return f"its image is for {image.architecture}, and the engine runs on {architecture}"

    async def _delete(self, path: str, volumes: bool) -> None:
        for last_try in (False, False, False, True):
            try:
                await self.api.call_if_there("DELETE", path, params={"force": True, "v": volumes})
                return
            except Refused as refused:
                if "already in progress" in refused.message:
                    return
                # Podman, about a container that ended by itself at this very moment: "state improper: stopped"
                if last_try or "state improper" not in refused.message:
                    raise errors.explain(refused, "the container can't be removed") from refused
            await asyncio.sleep(REMOVAL_PAUSE)

    def _check_sources(self, spec: ContainerSpec) -> None:
        # Podman would make an empty folder. Paths of another machine can't be looked at.
        if not self.shares_files:
            return
        for mount in spec.mounts:
            if mount.kind == "bind" and not os.path.lexists(str(mount.source)):
                refusal = EngineError(f"bind source path does not exist: {mount.source}")
                raise errors.explain(refusal, f"the container '{spec.name}' can't be created")

    async def _owner_of_port(self, port: int, address: str, asking: str) -> str:
        for row in await self.api.call("GET", "containers/json"):
            mine = asking in (row["Id"], *(name.removeprefix("/") for name in row["Names"]))
            if not mine and any(binding.get("PublicPort") == port for binding in row.get("Ports") or []):
                return f"the container {str(row['Names'][0]).removeprefix('/')}"
        return await asyncio.to_thread(port_owner, port, address or "0.0.0.0") or "another process"
