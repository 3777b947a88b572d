"""What a container may do: as little as its image is known to need."""

from __future__ import annotations

from typing import Any

from fairlead.model.workload import Workload
from fairlead.publish.chart.pod import Mounts
from fairlead.publish.images.image_names import USER, ImageName

#: What the entrypoints of well-known images need before they give up being root.
_NEEDED = {
    "postgres": ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"),
    "redis": ("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"),
    "nginx": ("CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"),
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
    needed = _needed_capabilities(workload)
    if needed is not None:
        context["capabilities"] = {"drop": ["ALL"], **({"add": list(needed)} if needed else {})}
    elif generated:
        context["capabilities"] = {"drop": ["ALL"]}
        context["runAsNonRoot"] = True
    return {**context, "seccompProfile": {"type": "RuntimeDefault"}}


def pod_security_context(mounts: Mounts, *, generated: bool) -> dict[str, Any]:
    """What holds for all containers of a pod: our user has to be able to read and write what the pod mounts."""
    return {"fsGroup": USER, "fsGroupChangePolicy": "OnRootMismatch"} if generated and mounts.mounts else {}


def _needed_capabilities(workload: Workload) -> tuple[str, ...] | None:
    """What its kind says that its image needs, or what a well-known image is known to; None for any other."""
    if workload.capabilities is not None or workload.image is None:
        return workload.capabilities
    repository = ImageName.parse(workload.image).repository
    return _NEEDED.get(repository.removeprefix("docker.io/").removeprefix("library/"))
