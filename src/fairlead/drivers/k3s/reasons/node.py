"""Why a node is not ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fairlead.drivers.k3s.reasons.conditions import condition, is_true, message_of

_PRESSURES: Final = {
    "MemoryPressure": "it is short of memory, so that it evicts pods and takes no new ones",
    "DiskPressure": "it is short of disk space, so that it evicts pods and takes no new ones. "
    "Remove images and volumes of the engine that nothing uses",
    "PIDPressure": "it is short of process ids, so that it takes no new pods",
    "NetworkUnavailable": "its network is not set up",
}


def reason_of_node(node: Mapping[str, Any]) -> str:
    """Why a node takes no pods, in one sentence; empty when all is well.

    Args:
        node: The node, as the API server returns it.
    """
    ready = condition(node, "Ready")
    if not ready:
        return "its kubelet has not reported yet"
    if ready.get("status") == "Unknown":
        return "its kubelet does not report any more: it has stopped, or can't reach the API server"
    if not is_true(ready):
        return f"it is not ready: {message_of(ready)}"
    pressures = [text for type, text in _PRESSURES.items() if is_true(condition(node, type))]
    if pressures:
        return pressures[0]
    if (node.get("spec") or {}).get("unschedulable"):
        return f"it takes no new pods: it is cordoned (kubectl uncordon {node['metadata']['name']})"
    return ""
