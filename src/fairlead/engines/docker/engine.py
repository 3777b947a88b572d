"""The container engine, over the Docker Engine API.

Engines serialise much of what they do, and a flood of starts makes each of them slow enough to time out: creating,
starting and removing is limited to a few calls at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from fairlead.engines.container_sweep import RUN_LABEL
from fairlead.engines.containers import (
    BuildRequest,
    ContainerInfo,
    ContainerSpec,
    ImageInfo,
    NetworkInfo,
    OutputChunk,
    VolumeInfo,
)
from fairlead.engines.docker import build, commands, errors, images, logs
from fairlead.engines.docker.api import Api, Params, Refused, segment
from fairlead.engines.docker.body import create_body
from fairlead.engines.docker.client import client_command, client_variables
from fairlead.engines.docker.discovery import Candidate, candidates
from fairlead.engines.docker.shapes import container_info, image_info, network_info, volume_info
from fairlead.engines.guard import EngineObjectKind, Guard
from fairlead.engines.sockets import port_owner
from fairlead.errors import EngineError, EngineUnavailable

AT_ONCE: Final = 8
"""Containers that are created, started or removed at the same time."""
ANSWER_TIME: Final = 10.0
"""Seconds in which an engine has to answer that it is there."""
REMOVAL_PAUSE: Final = 0.1
"""Seconds between two looks whether a container is gone that somebody else removes."""


class DockerEngine:
    """An engine that answers; made by ``connect``.

    Belongs to the event loop it was made in. See :class:`fairlead.engines.containers.ContainerEngine` for what its
    methods do.
    """

    def __init__(
        self, api: Api, version: dict[str, Any], environment: Mapping[str, str], guard: Guard | None = None
    ) -> None:
        parts = {str(part.get("Name")) for part in version.get("Components") or []}
        self.name = "podman" if "Podman Engine" in parts else "docker"
        self.version = str(version.get("Version") or "")
        self.is_desktop = sys.platform == "darwin" or "Desktop" in str((version.get("Platform") or {}).get("Name"))
        self.architecture = str(version.get("Arch") or "")
        self._api = api
        self._environment = environment
        self._guard = guard
        self._limit = asyncio.Semaphore(AT_ONCE)

    @property
    def address(self) -> str:
        """Where it is, in the form of DOCKER_HOST."""
        return self._api.candidate.address

    @property
    def certificates(self) -> str | None:
        """The folder with the certificates for its address; None for a plain connection."""
        folder = self._api.candidate.certificates
        return str(folder) if folder else None

    @property
    def client(self) -> tuple[tuple[str, ...], Mapping[str, str]] | None:
        """The engine's own command, with the variables that lead it to this engine; None if it is not installed."""
        command = client_command(self._api.candidate, self.name, self._environment)
        return (command, client_variables(self._api.candidate)) if command else None

    @property
    def verifies(self) -> bool:
        """Whether its own certificate is checked, where it has one."""
        return self._api.candidate.certificates is None or self._api.candidate.verify

    async def ping(self) -> None:
        """Return when it answers, which it has to do in ``ANSWER_TIME`` seconds.

        It is asked on a connection of its own, since one that shuts down still answers on those it has.
        """
        fresh = Api(self._api.candidate)
        try:
            async with asyncio.timeout(ANSWER_TIME), fresh.stream("GET", "_ping", versioned=False) as answer:
                await answer.read()
            self._api.note_answer()
        except TimeoutError:
            raise self._api.lost(f"not within {ANSWER_TIME:.0f} s") from None
        finally:
            await fresh.close()

    async def has_restarted(self, since: float) -> bool:
        """Whether the engine was started after a moment: it forgets the events from before its start.

        Podman's containers are no children of its service, and nothing ends with that.
        """
        if self.name == "podman":
            return False
        async with self._api.stream("GET", "events", params={"since": 1, "until": f"{since:.6f}"}) as answer:
            return not (await answer.read()).strip()

    def hurry(self) -> None:
        """Take the engine for lost when it has been silent for less long than usual: somebody waits for the end."""
        self._api.hurry()

    async def close(self) -> None:
        """Close the connection."""
        await self._api.close()

    # Images

    async def image(self, reference: str, platform: str | None = None) -> ImageInfo | None:
        """An image that is there, for a platform if one is given, or None.

        An engine may hold one name for several platforms. Newer ones show the image that is asked for; of older ones
        that hold several, only the one for their own machine is seen.
        """
        if platform is not None and self._api.newest_version >= images.INSPECTS_PLATFORMS:
            path, params = images.inspection(reference, platform)
            raw = await self._unless_gone("GET", path, params=params, versioned=False)
        else:
            raw = await self._get(f"images/{reference}/json")
        found = image_info(raw) if raw else None
        return found if found is None or platform is None or found.is_for(platform) else None

    async def pull(self, reference: str, on_progress: Callable[[str], None], platform: str | None = None) -> None:
        """Fetch an image, with the credentials that the user has stored; progress comes as lines for a log."""
        await images.pull(self._api, reference, platform, self.architecture, self._environment, on_progress)

    async def push(self, reference: str, on_progress: Callable[[str], None]) -> None:
        """Send an image to its registry, with the credentials that the user has stored."""
        await images.push(self._api, reference, self._environment, on_progress)

    async def tag(self, reference: str, name: str) -> None:
        """Give an image another name."""
        await images.tag(self._api, reference, name)

    async def build(self, request: BuildRequest, on_output: Callable[[list[bytes]], None]) -> None:
        """Build an image. The error shows the line that failed."""
        await build.build(self._api, self.name, request, self._environment, on_output, self._guard)

    # Networks and volumes

    async def ensure_network(self, name: str, labels: Mapping[str, str]) -> NetworkInfo:
        """A bridge network of that name, made if it is missing."""
        found = await self._network(name)
        if found is None:
            body = {"Name": name, "Driver": "bridge", "CheckDuplicate": True, "Labels": dict(labels)}
            try:
                await self._create("network", name, body)
            except Refused as refused:
                if "already" not in refused.message:  # somebody else was quicker
                    raise errors.explain(refused, f"the network '{name}' can't be made") from refused
            found = await self._network(name)
        if found is None:
            raise EngineError(f"the network '{name}' was removed while it was being made.")
        return found

    async def remove_network(self, name: str) -> None:
        """Remove a network by name or id, cutting off what is still on it; one that is not there is fine."""
        with self._ending():
            raw = await self._get(f"networks/{segment(name)}")
            if raw is None:
                return
            network = segment(str(raw["Id"]))
            for container in raw.get("Containers") or {}:
                await self._unless_gone(
                    "POST", f"networks/{network}/disconnect", body={"Container": container, "Force": True}
                )
            try:
                await self._unless_gone("DELETE", f"networks/{network}")
            except Refused as refused:
                raise errors.explain(refused, f"the network '{name}' can't be removed") from refused

    async def networks(self, labels: Mapping[str, str]) -> list[NetworkInfo]:
        """The networks that carry all these labels."""
        found = [network_info(raw) for raw in await self._api.call("GET", "networks", params=_having(labels))]
        return [network for network in found if labels.items() <= network.labels.items()]

    async def ensure_volume(self, name: str, labels: Mapping[str, str]) -> VolumeInfo:
        """A volume of that name, made if it is missing."""
        found = await self._get(f"volumes/{segment(name)}")
        if found is None:
            try:
                await self._create("volume", name, {"Name": name, "Labels": dict(labels)})
            except Refused as refused:
                if "already exists" not in refused.message:
                    raise errors.explain(refused, f"the volume '{name}' can't be made") from refused
            found = await self._get(f"volumes/{segment(name)}")
        if found is None:
            raise EngineError(f"the volume '{name}' was removed while it was being made.")
        return volume_info(found)

    async def remove_volume(self, name: str) -> None:
        """Remove a volume; one that is not there is fine, one that is in use is an error that names its users."""
        try:
            with self._ending():
                await self._unless_gone("DELETE", f"volumes/{segment(name)}")
        except Refused as refused:
            if refused.status == 409 or "use" in refused.message:
                raise errors.volume_in_use(name, await self._users_of_volume(name)) from refused
            raise errors.explain(refused, f"the volume '{name}' can't be removed") from refused

    async def volumes(self, labels: Mapping[str, str]) -> list[VolumeInfo]:
        """The volumes that carry all these labels."""
        answer = await self._api.call("GET", "volumes", params=_having(labels))
        found = [volume_info(raw) for raw in answer.get("Volumes") or []]
        return [volume for volume in found if labels.items() <= volume.labels.items()]

    # Containers

    async def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id; a taken name is an error that says who has it.

        A call to the engine can't be taken back: when the caller is cancelled meanwhile, what it made is removed again.
        """
        # Podman's netavark takes 0.0.0.0 for one address, which nobody sends to.
        body = create_body(spec, "" if self.name == "podman" else "0.0.0.0")
        self._check_sources(spec)
        async with self._limit:
            platform = {"platform": spec.platform} if spec.platform else {}
            call = self._create("container", spec.name, body, {"name": spec.name, **platform})
            try:
                answer = await self._unless_cancelled(asyncio.ensure_future(call))
            except Refused as refused:
                if errors.NAME_TAKEN.search(refused.message):
                    raise errors.name_taken(spec, await self.inspect(spec.name)) from refused
                raise errors.explain(refused, f"the container '{spec.name}' can't be created") from refused
        return str(answer["Id"])

    async def start(self, container: str) -> None:
        """Start a created or ended container; a taken port is an error that names it."""
        async with self._limit:
            try:
                await self._api.call("POST", f"containers/{segment(container)}/start")
            except Refused as refused:
                if match := errors.PORT_TAKEN.search(refused.message):
                    port = int(match["port"])
                    owner = await self._owner_of_port(port, match["address"], container)
                    raise errors.port_taken(port, owner) from refused
                raise errors.explain(refused, "the container can't be started") from refused

    async def stop(self, container: str, grace: float) -> None:
        """TERM (or the image's signal), and KILL after so many seconds; one that has ended or is gone is fine."""
        path = f"containers/{segment(container)}/stop"
        with self._ending():
            await self._unless_ended(path, {"t": max(0, round(grace))})

    async def kill(self, container: str) -> None:
        """End it at once; one that has ended or is gone is fine."""
        await self._unless_ended(f"containers/{segment(container)}/kill", {})

    async def remove(self, container: str, *, volumes: bool = True) -> None:
        """Remove it, ending it if need be, with its anonymous volumes; one that is gone is fine."""
        path = f"containers/{segment(container)}"
        with self._ending():
            async with self._limit:
                await self._delete(path, volumes)
            # Somebody else may be removing it, and Podman may answer before it is done.
            while await self._get(f"{path}/json") is not None:  # noqa: ASYNC110  (there is no event to wait for)
                await asyncio.sleep(REMOVAL_PAUSE)

    async def inspect(self, container: str) -> ContainerInfo | None:
        """A container by id or name, or None."""
        raw = await self._get(f"containers/{segment(container)}/json")
        if raw is None:
            return None
        info = container_info(raw)
        if info.state == "exited" and info.exit_code and not info.error:
            return replace(info, error=await self._why_refused(info))
        return info

    async def check_health(self, container: str) -> ContainerInfo | None:
        """The same, with what its image's health check says.

        Podman leaves running it to systemd, which need not be there; it does so when it is asked.
        """
        info = await self.inspect(container)
        if self.name != "podman" or info is None or info.health is None or info.state != "running":
            return info
        path = f"v4.0.0/libpod/containers/{segment(container)}/healthcheck"
        with contextlib.suppress(Refused):  # it has ended meanwhile
            await self._api.call("GET", path, versioned=False)
        return await self.inspect(container)

    async def containers(self, labels: Mapping[str, str]) -> list[ContainerInfo]:
        """The containers in whatever state that carry all these labels."""
        rows = await self._api.call("GET", "containers/json", params={"all": True, **_having(labels)})
        found = []
        for row in rows:  # the rows lack exit codes and much else
            info = await self.inspect(str(row["Id"]))
            if info is not None and labels.items() <= info.labels.items():
                found.append(info)
        return found

    async def put_archive(self, container: str, archive: bytes, path: str = "/") -> None:
        """Unpack a tar archive below a path of a container, which need not run."""
        await commands.put_archive(self._api, container, archive, path)

    async def has_path(self, container: str, path: str) -> bool:
        """Whether a container has a file or folder of that path; it need not run."""
        return await commands.has_path(self._api, container, path)

    async def get_archive(self, container: str, path: str) -> bytes:
        """A file or folder of a container as a tar archive."""
        return await commands.get_archive(self._api, container, path)

    async def logs(
        self, container: str, *, since: float | None = None, follow: bool = True
    ) -> AsyncIterator[OutputChunk]:
        """What a container has written since a moment, and writes until it ends; nothing is lost at its end."""
        podman = self.name == "podman"
        read = logs.read_logs(self._api, container, since=since, follow=follow, follow_loses=podman)
        async with contextlib.aclosing(read):
            async for chunk in read:
                yield chunk

    async def wait(self, container: str) -> int:
        """Wait until a container has ended, and tell its exit code."""
        answer = await self._api.call("POST", f"containers/{segment(container)}/wait")
        if not answer:  # the engine was stopped while it kept us waiting
            raise self._api.lost("it was stopped")
        return int(answer["StatusCode"])

    async def exec(
        self, container: str, argv: tuple[str, ...], *, env: Mapping[str, str] | None = None, user: str | None = None
    ) -> tuple[int, bytes]:
        """Run a command in a running container; its exit code and what it wrote to either stream.

        Not for asking often: Podman keeps a process of its own for five minutes after each.
        """
        return await commands.execute(self._api, container, argv, env or {}, user)

    # What these are made of

    async def _create(
        self, kind: EngineObjectKind, name: str, body: Mapping[str, Any], params: Params | None = None
    ) -> Any:
        """Ask for a new object. Until there is an answer, the watchdog waits for it, if it is one of the run's."""
        guard = self._guard if RUN_LABEL in (body.get("Labels") or {}) else None
        if guard is not None:
            guard.creating(kind, name)
        try:
            answer = await self._api.call("POST", f"{kind}s/create", params=params, body=body)
        except Refused as refused:
            if guard is not None:
                (guard.created if self._is_final(refused) else guard.creation_failed)(kind, name)
            raise
        if guard is not None:
            guard.created(kind, name)
        return answer

    def _is_final(self, refused: Refused) -> bool:
        """Whether a refusal means that nothing will be created.

        Other answers do not: a proxy may have lost patience (504) while the engine is still at it. Podman says 500
        where Docker says 409 or 400.
        """
        return refused.status < 500 or (self.name == "podman" and refused.status == 500)

    @contextlib.contextmanager
    def _ending(self) -> Iterator[None]:
        """What can't be ended or removed, because the engine is away, is left to the watchdog."""
        try:
            yield
        except EngineUnavailable:
            if self._guard is not None:
                self._guard.expect_leftovers()
            raise

    async def _unless_cancelled(self, creating: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        try:
            return await asyncio.shield(creating)
        except asyncio.CancelledError:
            await asyncio.wait([creating])
            if not creating.cancelled() and creating.exception() is None:
                path = f"containers/{creating.result()['Id']}"
                await self._unless_gone("DELETE", path, params={"force": True, "v": True})
            raise

    async def _get(self, path: str) -> dict[str, Any] | None:
        raw: dict[str, Any] | None = await self._unless_gone("GET", path)
        return raw

    async def _unless_gone(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        versioned: bool = True,
    ) -> Any:
        try:
            return await self._api.call(method, path, params=params, body=body, versioned=versioned)
        except Refused as refused:
            if not refused.is_about_something_gone:
                raise
            return None

    async def _unless_ended(self, path: str, params: Params) -> None:
        try:
            await self._unless_gone("POST", path, params=params)
        except Refused as refused:
            info = await self.inspect(path.split("/")[1])
            if info is not None and info.state in ("running", "paused", "restarting"):
                raise errors.explain(refused, "the container can't be ended") from refused

    async def _why_refused(self, info: ContainerInfo) -> str:
        # A program for another processor starts, as far as the engine can tell, and ends with these last words.
        try:
            params: Params = {"stdout": True, "stderr": True, "tail": 1}
            async with self._api.stream("GET", f"containers/{segment(info.id)}/logs", params=params) as answer:
                if b"exec format error" not in await answer.read():
                    return ""
        except Refused:
            return ""
        image = await self.image(info.image_id)
        if image is None or image.architecture in ("", self.architecture):
            return "its program is for another kind of processor, or a script without a #! line"
        return f"its image is for {image.architecture}, and the engine runs on {self.architecture}"

    async def _delete(self, path: str, volumes: bool) -> None:
        for last_try in (False, False, False, True):
            try:
                await self._unless_gone("DELETE", path, params={"force": True, "v": volumes})
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
        if self._api.candidate.socket is None or self.is_desktop:
            return
        for mount in spec.mounts:
            if mount.kind == "bind" and not os.path.lexists(str(mount.source)):
                refusal = EngineError(f"bind source path does not exist: {mount.source}")
                raise errors.explain(refusal, f"the container '{spec.name}' can't be created")

    async def _network(self, name: str) -> NetworkInfo | None:
        raw = await self._get(f"networks/{segment(name)}")
        return network_info(raw) if raw and raw["Name"] == name else None  # an id's beginning is taken for it, too

    async def _users_of_volume(self, name: str) -> list[str]:
        rows = await self._api.call("GET", "containers/json", params={"all": True, "filters": {"volume": [name]}})
        return sorted(str(row["Names"][0]).removeprefix("/") for row in rows)

    async def _owner_of_port(self, port: int, address: str, asking: str) -> str:
        for row in await self._api.call("GET", "containers/json"):
            mine = asking in (row["Id"], *(name.removeprefix("/") for name in row["Names"]))
            if not mine and any(binding.get("PublicPort") == port for binding in row.get("Ports") or []):
                return f"the container {str(row['Names'][0]).removeprefix('/')}"
        return await asyncio.to_thread(port_owner, port, address or "0.0.0.0") or "another process"


async def connect(environment: Mapping[str, str] | None = None, guard: Guard | None = None) -> DockerEngine:
    """Find the container engine and connect to it.

    Args:
        environment: The user's environment, which says where to look; that of this process by default.
        guard: Is told what is being made and built, so that nothing of it is left should this host die.

    Raises:
        EngineUnavailable: None answers; the message tells what was tried.
    """
    environment = dict(os.environ if environment is None else environment)
    tried: list[str] = []
    for candidate in candidates(environment):
        try:
            return await _connect(candidate, environment, guard)
        except EngineUnavailable as error:
            tried.append(_outcome(candidate, error))
    raise EngineUnavailable(
        f"no container engine answers; tried {', '.join(tried)}.",
        remedy="Start Docker or Podman (podman system service), or set DOCKER_HOST to where one is.",
    )


async def _connect(candidate: Candidate, environment: Mapping[str, str], guard: Guard | None) -> DockerEngine:
    api = Api(candidate)
    try:
        async with asyncio.timeout(ANSWER_TIME):
            return DockerEngine(api, await api.negotiate(), environment, guard)
    except BaseException as error:
        await api.close()
        if isinstance(error, TimeoutError):
            raise api.lost(f"not within {ANSWER_TIME:.0f} s") from None
        if isinstance(error, EngineError) and not isinstance(error, EngineUnavailable):
            raise api.lost(f"what answers is no container engine: {error.message}") from error
        raise


def _outcome(candidate: Candidate, error: EngineUnavailable) -> str:
    path = candidate.socket
    if path is None:
        return f"{candidate}: {error.message.rstrip('.')}"
    try:
        if not path.exists():
            return f"{candidate}: there is no such socket"
        if not os.access(path, os.R_OK | os.W_OK):
            return f"{candidate}: this user may not use it (join the group that owns it, then log in again)"
    except OSError:
        return f"{candidate}: this user may not look there"
    return f"{candidate}: {error.message.rstrip('.')}"


def _having(labels: Mapping[str, str]) -> dict[str, Mapping[str, list[str]]]:
    # For less to come: Podman finds volumes with any of the labels, so the answers are looked through as well.
    return {"filters": {"label": [f"{name}={value}" for name, value in labels.items()]}}
