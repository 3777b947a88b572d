"""Where a container engine may be: what the user has set, and the usual places.

What is set explicitly is the only candidate, as for the ``docker`` command: an engine that the user did not mean must
not be used in its stead.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairlead.errors import EngineUnavailable


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address at which an engine may answer.

    Attributes:
        address: The address, in the form of DOCKER_HOST.
        source: Who says so, for messages.
        certificates: Folder with ``ca.pem``, ``cert.pem`` and ``key.pem`` for TLS; None for a plain connection.
        verify: Whether the engine's own certificate is checked.
    """

    address: str
    source: str
    certificates: Path | None = None
    verify: bool = True

    @property
    def socket(self) -> Path | None:
        """The path of the Unix socket, if it is one."""
        return Path(self.address.removeprefix("unix://")) if self.address.startswith("unix://") else None

    def __str__(self) -> str:
        return f"{self.address} ({self.source})"


def candidates(environment: Mapping[str, str]) -> list[Candidate]:
    """List where an engine may be, the likeliest first.

    Args:
        environment: The user's environment: ``DOCKER_HOST`` wins over ``DOCKER_CONTEXT``, that over the context chosen
            by ``docker context use``, that over Podman's ``CONTAINER_HOST``, that over the usual sockets.

    Raises:
        EngineUnavailable: A context is chosen that can't be read.
    """
    if host := environment.get("DOCKER_HOST"):
        folder = docker_folder(environment) if not environment.get("DOCKER_CERT_PATH") else None
        certificates = Path(environment.get("DOCKER_CERT_PATH") or folder or "")
        use_tls = bool(environment.get("DOCKER_TLS_VERIFY") or environment.get("DOCKER_TLS"))
        return [
            Candidate(
                host,
                "DOCKER_HOST",
                certificates if use_tls else None,
                verify=bool(environment.get("DOCKER_TLS_VERIFY")),
            )
        ]
    if context := environment.get("DOCKER_CONTEXT"):
        if context != "default":
            return [_of_context(context, "DOCKER_CONTEXT", environment)]
    elif (context := read_docker_config(environment).get("currentContext")) and context != "default":
        return [_of_context(str(context), "docker context use", environment)]
    if host := environment.get("CONTAINER_HOST"):
        return [Candidate(host, "CONTAINER_HOST")]
    return [Candidate(f"unix://{path}", source) for path, source in _usual_sockets(environment)]


def docker_folder(environment: Mapping[str, str]) -> Path:
    """The folder with the settings of the ``docker`` command."""
    return Path(environment.get("DOCKER_CONFIG") or _home(environment) / ".docker")


def read_docker_config(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings of the ``docker`` command; empty where there are none that can be read."""
    try:
        config = json.loads((docker_folder(environment) / "config.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def runtime_folder(environment: Mapping[str, str]) -> Path:
    """The user's folder for sockets."""
    return Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment["HOME"]) if environment.get("HOME") else Path.home()


def _usual_sockets(environment: Mapping[str, str]) -> list[tuple[Path, str]]:
    home, runtime = _home(environment), runtime_folder(environment)
    return [
        (Path("/var/run/docker.sock"), "Docker"),
        (home / ".docker/run/docker.sock", "Docker Desktop"),
        (runtime / "docker.sock", "rootless Docker"),
        (runtime / "podman/podman.sock", "rootless Podman"),
        (Path("/run/podman/podman.sock"), "Podman"),
        (home / ".local/share/containers/podman/machine/podman.sock", "Podman machine"),
    ]


def _of_context(name: str, source: str, environment: Mapping[str, str]) -> Candidate:
    folder = docker_folder(environment) / "contexts"
    key = hashlib.sha256(name.encode()).hexdigest()  # how the docker command names a context's folder
    try:
        endpoint = json.loads((folder / "meta" / key / "meta.json").read_bytes())["Endpoints"]["docker"]
        host = str(endpoint["Host"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = "there is no such context" if isinstance(error, OSError) else "its meta.json can't be understood"
        raise EngineUnavailable(
            f"no container engine: the Docker context '{name}' is chosen (by {source}), but {reason}.",
            remedy="See docker context ls, and choose one by docker context use or DOCKER_CONTEXT.",
        ) from error
    certificates = folder / "tls" / key / "docker"
    return Candidate(
        host,
        f"the Docker context '{name}'",
        certificates if certificates.is_dir() else None,
        verify=not endpoint.get("SkipTLSVerify", False),
    )
