"""Images from registries: progress in a few lines, and what it means when one can't be had."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Final

from fairlead.engines.container_command import Content, pieces
from fairlead.engines.containers import ImageInfo
from fairlead.engines.docker import errors
from fairlead.engines.docker.api import Api, Params, Refused
from fairlead.engines.docker.credentials import registry_auth, registry_of
from fairlead.engines.docker.responses import image_info
from fairlead.errors import EngineError

INTERVAL: Final = 2.0
"""Seconds between two lines about the progress."""
PIECE: Final = 256 * 1024
"""Bytes of an archive that are sent at a time."""
INSPECTS_PLATFORMS: Final = (1, 49)
"""The version of the API from which on an image can be looked at for a platform."""
SAVES_PLATFORMS: Final = (1, 48)
"""The version of the API from which on an image can be saved for a platform; older engines have one for each name."""


class Progress:
    """Sums up the events of a pull, of which there are hundreds for each layer."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._layers: dict[str, str] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._next = time.monotonic() + INTERVAL

    def note(self, event: Mapping[str, Any]) -> str | None:
        """Take an event.

        Returns:
            A line to show, if it is time for one.
        """
        # {"status": "Downloading", "id": "a2abf6c4d29d", "progressDetail": {"current": 310, "total": 31357624}}
        layer, status = str(event.get("id") or ""), str(event.get("status") or "")
        if layer and not status.startswith("Pulling from"):
            self._layers[layer] = status
            detail = event.get("progressDetail") or {}
            if status == "Downloading" and detail.get("total"):
                self._sizes[layer] = int(detail["current"]), int(detail["total"])
            elif layer in self._sizes and status != "Downloading":
                self._sizes[layer] = (self._sizes[layer][1],) * 2
        if time.monotonic() < self._next or not self._layers:
            return None
        self._next = time.monotonic() + INTERVAL
        return self._line()

    def _line(self) -> str:
        done = sum(status in ("Pull complete", "Already exists") for status in self._layers.values())
        current, total = (sum(size[place] for size in self._sizes.values()) / 1e6 for place in (0, 1))
        amount = f", {current:.1f} of {total:.1f} MB" if total else ""
        return f"pulling {self._reference}: {done} of {len(self._layers)} layers{amount}"


async def inspect(api: Api, reference: str, platform: str | None) -> ImageInfo | None:
    """An image that is there, for a platform if one is given, or None.

    An engine may hold one name for several platforms. Newer ones show the image that is asked for; of older ones that
    hold several, only the one for their own machine is seen.
    """
    if platform is not None and api.newest_version >= INSPECTS_PLATFORMS:
        path, params = inspection(reference, platform)
        raw = await api.call_if_there("GET", path, params=params, versioned=False)
    else:
        raw = await api.call_if_there("GET", f"images/{reference}/json")
    found = image_info(raw) if raw else None
    return found if found is None or platform is None or found.is_for(platform) else None


async def pull(
    api: Api,
    reference: str,
    platform: str | None,
    environment: Mapping[str, str],
    on_progress: Callable[[str], None],
) -> None:
    """Fetch an image.

    Args:
        api: The engine.
        reference: The image.
        platform: What it has to be for, such as ``linux/amd64``; None for what the engine runs on.
        environment: The user's environment, which says where credentials are stored.
        on_progress: Gets a line now and then.

    Raises:
        EngineError: It can't be had: there is no such image, its registry can't be reached or refuses the user, or it
            is for another kind of machine.
    """
    auth = await registry_auth(reference, environment)
    begin = time.monotonic()
    on_progress(f"pulling {reference}{f' for {platform}' if platform else ''}")
    try:
        await _receive(api, reference, platform, auth, on_progress)
    except Refused as refused:
        wanted = platform or f"this machine's architecture ({await api.architecture()})"
        raise explain_pull(reference, refused.message, wanted, bool(auth)) from refused
    on_progress(f"pulled {reference} in {time.monotonic() - begin:.1f} s")


def inspection(reference: str, platform: str) -> tuple[str, Params]:
    """The path and the parameters by which an image for a platform is looked at.

    Args:
        reference: The image.
        platform: Such as ``linux/arm/v7``.
    """
    return f"{_version(INSPECTS_PLATFORMS)}/images/{reference}/json", {"platform": _platform(platform)}


def archive_of(references: Sequence[str], platform: str) -> tuple[str, Params]:
    """The path and the parameters by which images are saved for a platform.

    With the image store of containerd an engine may know of an image for several platforms and have the layers of one:
    an archive of all would lack layers (kubernetes-sigs/kind#3795).

    Args:
        references: The images.
        platform: Such as ``linux/arm/v7``.
    """
    return f"{_version(SAVES_PLATFORMS)}/images/get", {"names": list(references), "platform": _platform(platform)}


def _version(version: tuple[int, int]) -> str:
    return f"v{version[0]}.{version[1]}"


def _platform(platform: str) -> str:
    return json.dumps(dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False)))


async def _receive(
    api: Api, reference: str, platform: str | None, auth: str | None, on_progress: Callable[[str], None]
) -> None:
    progress = Progress(reference)
    headers = {"X-Registry-Auth": auth} if auth else {}
    params = {**_where(reference), **({"platform": platform} if platform else {})}
    async with api.stream("POST", "images/create", params=params, headers=headers) as answer:
        async for line in answer.content:
            if not line.strip():
                continue
            event = json.loads(line)
            if failure := event.get("error") or (event.get("errorDetail") or {}).get("message"):
                raise Refused(0, str(failure))
            if text := progress.note(event):
                on_progress(text)


def _where(reference: str) -> dict[str, str]:
    name, at, digest = reference.partition("@")
    if at:
        return {"fromImage": name, "tag": digest}
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return {"fromImage": f"{head}{slash}{last}", "tag": tag or "latest"}


async def push(api: Api, reference: str, environment: Mapping[str, str], on_progress: Callable[[str], None]) -> None:
    """Send an image to its registry.

    Args:
        api: The engine.
        reference: The image, with its registry and tag.
        environment: The user's environment, which says where credentials are stored.
        on_progress: Gets a line at the beginning and at the end.

    Raises:
        EngineError: There is no such image here, or its registry can't be reached or refuses it.
    """
    auth = await registry_auth(reference, environment)
    begin = time.monotonic()
    on_progress(f"pushing {reference}")
    where = _where(reference)
    # The engine wants the header also where there is nothing to say in it.
    headers = {"X-Registry-Auth": auth or "e30="}
    try:
        path, params = f"images/{where['fromImage']}/push", {"tag": where["tag"]}
        async with api.stream("POST", path, params=params, headers=headers) as answer:
            async for line in answer.content:
                event = json.loads(line) if line.strip() else {}
                if failure := event.get("error") or (event.get("errorDetail") or {}).get("message"):
                    raise Refused(0, str(failure))
    except Refused as refused:
        raise EngineError(
            f"the image '{reference}' can't be pushed: {errors.short(_last(refused.message))}.",
            remedy=f"Log in by docker login {registry_of(reference)}, or podman login, and see that it takes images.",
        ) from refused
    on_progress(f"pushed {reference} in {time.monotonic() - begin:.1f} s")


async def tag(api: Api, reference: str, name: str) -> None:
    """Give an image another name.

    Raises:
        EngineError: There is no such image.
    """
    where = _where(name)
    try:
        params = {"repo": where["fromImage"], "tag": where["tag"]}
        await api.call("POST", f"images/{reference}/tag", params=params)
    except Refused as refused:
        raise errors.explain(refused, f"the image '{reference}' can't be called '{name}'") from refused


async def save(api: Api, references: Sequence[str], platform: str | None = None) -> AsyncGenerator[bytes, None]:
    """The archive of images, piece by piece.

    Args:
        api: The engine.
        references: The images.
        platform: Only what is for this one; None for all that the engine has.

    Raises:
        EngineError: There is no such image.
    """
    names = ", ".join(references)
    params: Params = {"names": list(references)}
    path, is_plain = "images/get", platform is None or api.newest_version < SAVES_PLATFORMS
    if platform is not None and not is_plain:
        path, params = archive_of(references, platform)
    try:
        async with api.stream("GET", path, params=params, versioned=is_plain) as answer:
            async for piece in answer.content.iter_any():
                yield piece
    except Refused as refused:
        raise errors.explain(refused, f"the image {names} can't be saved") from refused


async def load(api: Api, archive: Content) -> list[str]:
    """Take in images from an archive, and return what they are called.

    Raises:
        EngineError: It is no archive of images, or there is no space left.
    """
    loaded: list[str] = []
    try:
        data = pieces(archive, PIECE)
        async with api.stream("POST", "images/load", params={"quiet": True}, data=data) as answer:
            async for line in answer.content:
                event = json.loads(line) if line.strip() else {}
                if failure := event.get("error") or (event.get("errorDetail") or {}).get("message"):
                    raise Refused(0, str(failure))
                loaded += _loaded(str(event.get("stream") or ""))
    except Refused as refused:
        raise errors.explain(refused, "the images can't be loaded") from refused
    return loaded


def _loaded(text: str) -> list[str]:
    # Loaded image: busybox:1.35
    # Loaded image ID: sha256:3f57…
    # Loaded image: localhost/one:1,localhost/two:1       Podman's
    match = re.match(r"Loaded image(?: ID|\(s\))?: (.+)", text.strip())
    return [name.strip() for name in match[1].split(",")] if match else []


def explain_pull(reference: str, text: str, wanted: str, has_auth: bool) -> EngineError:
    """Say why an image can't be had.

    Args:
        reference: The image.
        text: What the engine said.
        wanted: What it should be for, in words.
        has_auth: Whether credentials were sent along.
    """
    registry = registry_of(reference)
    what = f"the image '{reference}' can't be pulled"
    login = f"Log in by docker login {registry}, or podman login {registry}."
    if errors.NOTHING_LEFT.search(text):
        return errors.explain(Refused(0, text), what)
    for pattern, reason, remedy in (
        (
            r"no matching manifest|no image found in (?:manifest list|image index)|not match the specified platform",
            f"it is not made for {wanted}",
            "Use an image that is, or one for several architectures; with_platform() asks for another.",
        ),
        (
            r"toomanyrequests|rate limit",
            f"the registry {registry} refuses further pulls for now",
            f"Wait a while. {login}",
        ),
        (
            r"invalid reference format|repository name must be lowercase|invalid checksum digest",
            "it is no valid name of an image",
            "Write it as [registry/]name[:tag].",
        ),
        (
            r"manifest unknown|manifest for .* not found|name unknown|manifest .*not found",
            f"the registry {registry} has no such image or tag",
            "Correct its name or its tag.",
        ),
        (
            r"\bdenied\b|unauthorized|authentication required|no basic auth",
            f"the registry {registry} "
            + ("refuses the stored credentials" if has_auth else "has no such image, or shows it only to known users"),
            f"Check the image's name. {login}",
        ),
        (
            r"http: server gave HTTP response to HTTPS client|x509:|certificate|tls: ",
            f"there is no trusted TLS connection to the registry {registry} ({errors.short(_last(text))})",
            "Give the engine the registry's certificate, or list it as an insecure registry.",
        ),
        (
            r"no such host|server misbehaving|i/o timeout|connection refused|network is unreachable|no route to host"
            r"|connection reset|Client\.Timeout|request canceled|EOF|name resolution|timeout|deadline exceeded",
            f"the registry {registry} can't be reached ({errors.short(_last(text))})",
            "Check the connection, or get the image in another way (docker load); with the pull policy 'missing' "
            "one that is there is used.",
        ),
    ):
        if re.search(pattern, text):
            return EngineError(f"{what}: {reason}.", remedy=remedy)
    return EngineError(f"{what}: {errors.short(text)}.")


def _last(text: str) -> str:
    # Get "https://registry/v2/": dial tcp: lookup registry on 1.1.1.1:53: no such host
    return text.rpartition('": ')[2] or text
