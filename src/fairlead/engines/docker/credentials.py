"""The credentials that the user has stored for registries, where ``docker login`` and ``podman login`` put them.

They are looked up for each pull and kept nowhere. A helper program gets what it is asked on its standard input, so that
nothing secret is on a command line.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fairlead.engines.docker.transport.discovery import docker_folder, read_docker_config, runtime_folder

HUB: Final = "docker.io"
HUB_KEY: Final = "https://index.docker.io/v1/"
"""The name under which ``docker login`` stores what is for the default registry."""
Login = dict[str, str]
"""``username`` and ``password``, or ``identitytoken``, with ``serveraddress``."""
HELPER_TIME: Final = 30.0
"""Seconds that a helper may take; some ask the user."""


async def registry_auth(reference: str, environment: Mapping[str, str]) -> str | None:
    """The value of ``X-Registry-Auth`` for pulling an image.

    Args:
        reference: The image.
        environment: The user's environment, which says where the files are.

    Returns:
        None where nothing is stored for the image's registry, or it can't be had.
    """
    login = await find_login(reference, environment)
    return base64.urlsafe_b64encode(json.dumps(login).encode()).decode() if login else None


async def find_login(
    reference: str, environment: Mapping[str, str], first: Sequence[Mapping[str, Any]] = ()
) -> Login | None:
    """What is stored for the registry of an image or a chart.

    Args:
        reference: The image or chart, without ``oci://``.
        environment: The user's environment, which says where the files are.
        first: The content of files of the same form that come before those of container engines.

    Returns:
        ``username`` and ``password``, or ``identitytoken``; None where nothing is stored, or it can't be had.
    """
    registry = registry_of(reference)
    for config in (*first, *_configs(environment)):
        if found := await _look_up(registry, reference, config, environment):
            return found
    return None


def registry_of(reference: str) -> str:
    """The registry that an image comes from, as ``host`` or ``host:port``."""
    first, slash, _ = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return HUB if first == f"index.{HUB}" else first
    return HUB


def _configs(environment: Mapping[str, str]) -> list[dict[str, Any]]:
    home = docker_folder({**environment, "DOCKER_CONFIG": ""}).parent
    podman: list[str | Path | None] = [
        environment.get("REGISTRY_AUTH_FILE"),
        runtime_folder(environment) / "containers/auth.json",
        Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "containers/auth.json",
    ]
    configs = [read_docker_config(environment)]
    for path in podman:
        if not path:
            continue
        with contextlib.suppress(OSError, ValueError):
            configs.append(json.loads(Path(path).read_bytes()))
    return [config for config in configs if isinstance(config, dict)]


async def _look_up(
    registry: str, reference: str, config: Mapping[str, Any], environment: Mapping[str, str]
) -> Login | None:
    keys = _keys(registry, reference)
    helpers = config.get("credHelpers") or {}
    helper = next((helpers[key] for key in keys if key in helpers), config.get("credsStore"))
    server = HUB_KEY if registry == HUB else registry
    if helper and (found := await _ask(str(helper), server, environment)):
        return found
    stored = config.get("auths") or {}
    for key in keys:
        if entry := stored.get(key):
            return _decoded(entry, key)
    return None


def _keys(registry: str, reference: str) -> list[str]:
    if registry == HUB:
        return [HUB_KEY, HUB, f"index.{HUB}"]
    # Podman also stores credentials for a part of a registry: host/team/app, then host/team, then host
    name = reference.partition("@")[0]
    head, slash, last = name.rpartition("/")
    path = f"{head}{slash}{last.partition(':')[0]}"
    parts = path.split("/")
    paths = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return [*paths, f"https://{registry}", f"http://{registry}"]


def _decoded(entry: dict[str, Any], key: str) -> Login | None:
    if token := entry.get("identitytoken"):
        return {"identitytoken": str(token), "serveraddress": key}
    try:
        text = base64.b64decode(entry.get("auth") or "").decode()
    except ValueError:
        return None
    user, colon, password = text.partition(":")
    if not colon:
        user, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    return {"username": user, "password": password, "serveraddress": key} if user else None


async def _ask(helper: str, key: str, environment: Mapping[str, str]) -> Login | None:
    try:
        process = await asyncio.create_subprocess_exec(
            f"docker-credential-{helper}",
            "get",
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:  # it is not installed; the registry will say what it thinks of an anonymous user
        return None
    try:
        async with asyncio.timeout(HELPER_TIME):
            output, _ = await process.communicate(key.encode())
        answer = json.loads(output)
        user, secret = str(answer["Username"]), str(answer["Secret"])
    except (TimeoutError, ValueError, KeyError, TypeError):
        return None
    finally:
        # Ends it and lets go of its pipes, which whom it has started may keep open: wait() would wait for them too, and
        # there is no other way.
        process._transport.close()  # type: ignore[attr-defined]
        await process.wait()
    if user == "<token>":
        return {"identitytoken": secret, "serveraddress": key}
    return {"username": user, "password": secret, "serveraddress": key}
