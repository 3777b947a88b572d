"""What a container may do: as little as its image is known to need, or as a profile of Pod Security allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import When
from fairlead.publish.chart.open_mapping import SharedEntries
from fairlead.publish.chart.pod import Mounts
from fairlead.publish.chart.ports import Port
from fairlead.publish.images.image_names import USER, ImageName
from fairlead.publish.images.known_images import KnownImage, known_image
from fairlead.publish.workloads.container_settings import safe_sysctls, with_rights
from fairlead.publish.workloads.pod_profile import (
    fixed_id,
    group_of_volumes,
    has_own_ids,
    is_default,
    is_restricted,
    needs_user,
    volume_group,
)

#: The user of what needs none in particular.
NOBODY = 65534
#: The first port that any user may listen on, unless the pod says otherwise.
FIRST_FREE_PORT = 1024
_NO_CAPABILITIES = {"drop": ["ALL"]}
#: What fields of a pod's context are about.
_CONCERNS = {"fsGroup": "volumes", "sysctls": "ports"}
_ANY_PORT = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]


def security_context(chart: Chart, workload: Workload, *, generated: bool = False) -> dict[str, Any]:
    """The security context of a workload's container.

    An image that we make runs as a user and needs nothing. One that we know keeps what its entrypoint needs, or is run
    as the user that it would become. Of any other nothing is known, so only what no program should do is taken away,
    unless the profile asks for more.

    Args:
        chart: The chart it is in.
        workload: The workload.
        generated: Whether its image is one that we make.
    """
    context: dict[str, Any] = {"allowPrivilegeEscalation": False}
    known = known_image(workload)
    if known is not None:
        context["capabilities"] = dict(_NO_CAPABILITIES)
        if known.capabilities:
            context["capabilities"]["add"] = When((is_default(chart),), list(known.capabilities))
        context["runAsNonRoot"] = When((is_restricted(chart),), True)
        if known.user is not None:
            context["runAsUser"] = When((needs_user(chart),), known.user)
    elif generated:
        context["capabilities"] = dict(_NO_CAPABILITIES)
        context["runAsNonRoot"] = True
    else:
        context["capabilities"] = When((is_restricted(chart),), dict(_NO_CAPABILITIES))
        context["runAsNonRoot"] = When((is_restricted(chart),), True)
    context["seccompProfile"] = {"type": "RuntimeDefault"}
    return with_rights(SharedEntries(context, f"container.{_image_kind(workload, known, generated)}"), workload, chart)


def _image_kind(workload: Workload, known: KnownImage | None, generated: bool) -> str:
    """What images are called whose containers may do the same: where one is known, by its repository or its program."""
    if known is None:
        return "generated" if generated else "other"
    if workload.image is None:
        return workload.kind.lower().replace(" ", "-")
    return ImageName.parse(workload.image).repository.rpartition("/")[2]


def client_context(chart: Chart) -> dict[str, Any]:
    """The security context of a container of ours that only asks others, and needs nothing itself."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": dict(_NO_CAPABILITIES),
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsNonRoot": True,
        "runAsUser": fixed_id(chart, NOBODY),
    }


def confined_context(chart: Chart) -> dict[str, Any]:
    """The same for one that writes nothing either."""
    return {**client_context(chart), "readOnlyRootFilesystem": True}


def pod_security_context(
    chart: Chart, workload: Workload, mounts: Mounts, ports: Iterable[Port], *, generated: bool
) -> dict[str, Any]:
    """What holds for all containers of a pod: who can write to its volumes, and who can listen on a low port.

    Args:
        chart: The chart it is in.
        workload: The workload.
        mounts: What its container finds in its file system.
        ports: The ports that its program listens on.
        generated: Whether its image is one that we make.
    """
    context: dict[str, Any] = {}
    known = known_image(workload)
    if generated:
        if mounts.mounts:
            context |= group_of_volumes(USER, has_own_ids(chart))
    elif mounts.has_claims:
        if known is not None and known.user is not None:
            context |= group_of_volumes(known.user, needs_user(chart))
        elif known is None or "CHOWN" not in known.capabilities:
            group = volume_group(chart, USER)
            context |= group_of_volumes(group, group, has_own_ids(chart))
    if not generated and any(port.number < FIRST_FREE_PORT for port in ports):
        context["sysctls"] = When((is_restricted(chart),), list(_ANY_PORT))
    if sysctls := safe_sysctls(workload):
        context["sysctls"] = _sysctls(sysctls, context.get("sysctls"))
        return context
    if not context:
        return context
    words = [_image_kind(workload, known, generated), *(word for key, word in _CONCERNS.items() if key in context)]
    return SharedEntries(context, f"pod.{'-'.join(words)}")


def _sysctls(own: list[dict[str, str]], needed: When | None) -> list[Any]:
    """The kernel parameters that the definition sets, and those that low ports need, unless it sets the same."""
    names = {parameter["name"] for parameter in own}
    more = [] if needed is None else [entry for entry in needed.content if entry["name"] not in names]
    return [*own, *(When(needed.conditions, entry) for entry in more if needed is not None)]
