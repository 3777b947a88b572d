"""The engine's own command, which does what no plain request can: BuildKit's builds, and terminals in containers."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from fairlead.engines.docker.transport.discovery import Candidate


def client_command(candidate: Candidate, engine: str, environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """The command that talks to an engine; None if it is not installed.

    Args:
        candidate: Where the engine is.
        engine: Its name.
        environment: The user's environment, for ``PATH``.
    """
    for name in ("podman", "docker") if engine == "podman" else ("docker",):
        if path := shutil.which(name, path=environment.get("PATH")):
            return (path, "--url", candidate.address) if name == "podman" else (path,)
    return None


def client_variables(candidate: Candidate) -> dict[str, str]:
    """What the command has to find in its environment to talk to that engine, whatever else is chosen there."""
    chosen = {"DOCKER_HOST": candidate.address, "DOCKER_CONTEXT": "", "DOCKER_CLI_HINTS": "false"}
    if candidate.certificates:
        chosen |= {"DOCKER_CERT_PATH": str(candidate.certificates)}
        chosen |= {"DOCKER_TLS_VERIFY": "1"} if candidate.verify else {"DOCKER_TLS": "1"}
    return chosen
