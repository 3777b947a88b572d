"""What a container may do: as little as its image is known to need."""

from __future__ import annotations

from typing import Any

from fairlead.model.workload import Workload
from fairlead.publish.images.image_names import ImageName
from fairlead.publish.workloads.pod import Mounts
from fairlead.resources.postgres import Postgres
from fairlead.resources.redis import Redis

#: The user, and group, of the images that we make.
USER = 10001
#: What the entrypoints of well-known images need before they give up being root.
_NEEDED = {
    "postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
    "redis": ["CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"],
    "nginx": ["CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"],
}


def security_context(workload: Workload, *, generated: bool = False) -> dict[str, Any]:
    """The security context of a workload's container.

    An image that we make runs as a user and needs nothing. One that we know keeps what its entrypoint needs. Of any
    other nothing is known, so only what no program should do is taken away.

    Args:
        workload: The workload.
        generated: Whether its image is one that we make.
    """
    context: dict[str, Any] = {"allowPrivilegeEscalation": False}
    known = _known_image(workload)
    if known is not None:
        context["capabilities"] = {"drop": ["ALL"], "add": _NEEDED[known]}
    elif generated:
        context["capabilities"] = {"drop": ["ALL"]}
        context["runAsNonRoot"] = True
    return {**context, "seccompProfile": {"type": "RuntimeDefault"}}


def pod_security_context(mounts: Mounts, *, generated: bool) -> dict[str, Any]:
    """What holds for all containers of a pod: our user has to be able to read and write what the pod mounts."""
    return {"fsGroup": USER, "fsGroupChangePolicy": "OnRootMismatch"} if generated and mounts.mounts else {}


def _known_image(workload: Workload) -> str | None:
    if isinstance(workload, Postgres):
        return "postgres"
    if isinstance(workload, Redis):
        return "redis"
    if workload.image is None:
        return None
    repository = ImageName.parse(workload.image).repository
    official = repository.removeprefix("docker.io/").removeprefix("library/")
    return official if official in _NEEDED else None
