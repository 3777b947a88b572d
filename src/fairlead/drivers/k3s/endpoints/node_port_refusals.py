"""Why a cluster refuses the Service that is kept beside a declared one, and what to do: texts of its API server."""

from __future__ import annotations

from fairlead.drivers.k3s.endpoints.node_port_service import Problem, Wanted


def is_port_taken(message: str) -> bool:
    """Whether a refusal says that another Service has the node port."""
    # Service "fairlead-ui" is invalid: spec.ports[0].nodePort: Invalid value: 30012: provided port is already allocated
    return "provided port is already allocated" in message


def refusal_problem(message: str, wanted: Wanted) -> Problem:
    """The reason of a refusal, with the remedy.

    Args:
        message: What the API server says.
        wanted: The endpoint.
    """
    whole = f"the cluster refuses the Service {wanted.name}, which it is reached through: {message.rstrip('.')}"
    return Problem(whole, _remedy(message, wanted))


def _remedy(message: str, wanted: Wanted) -> str:
    where = f"namespace {wanted.namespace}"
    if "exceeded quota" in message:
        return f"Let the ResourceQuota of {where} have one more of services and services.nodeports."
    if "admission webhook" in message or "ValidatingAdmissionPolicy" in message:
        return f"Let the policy allow Services of type NodePort with the label {_LABEL} in {where}."
    if "not in the valid range" in message or "is not in the valid range" in message:
        return f"Let service-node-port-range have the port {wanted.node_port}."
    return f"Let Services of type NodePort be created in {where}, or reach Service {wanted.service} by an Ingress."


_LABEL = "app.kubernetes.io/managed-by=fairlead"
