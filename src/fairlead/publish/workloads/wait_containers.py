"""Containers that run before a workload's own, and end when what it waits for is there.

They have images of their own, small ones from values.yaml: the workload's image may have no shell, let alone a client
of the cluster. Each waits for one thing, so ``kubectl get pods`` shows how far a pod has come.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import Text
from fairlead.publish.chart.names import OBJECT, cut
from fairlead.publish.chart.ports import Port
from fairlead.publish.chart.sections import Section
from fairlead.publish.images.image_names import PULL_POLICIES

SERVICE_IMAGE = "busybox:1.35"
JOB_IMAGE = "alpine/kubectl:1.36.0"
#: The volume with what it takes to talk to the API server; only the containers that wait for Jobs have it.
API_ACCESS = "fairlead-api-access"

_SERVICE_SCRIPT = """\
until nc -w 2 "$1" "$2" -e true 2>/dev/null; do
  echo "waiting for $1:$2"
  sleep 1
done
"""
_JOB_SCRIPT = """\
until kubectl wait "job/$1" --for=condition=Complete --timeout=30s; do
  if kubectl get "job/$1" --output='jsonpath={.status.conditions[?(@.status=="True")].type}' | grep -q Failed; then
    echo "the job $1 has failed" >&2
    exit 1
  fi
  sleep 2
done
"""
_NOT_EMPTY = {"type": "string", "minLength": 1}


def wait_for_service(chart: Chart, name: str, host: str, port: Port) -> dict[str, Any]:
    """A container that ends when a Service has a pod that is ready.

    Args:
        chart: The chart it is in.
        name: What the container is called.
        host: The name of the Service.
        port: A TCP port of it.
    """
    image = chart.values.declare(
        Section.WAITS.value("serviceImage"),
        SERVICE_IMAGE,
        schema=_NOT_EMPTY,
        comment="Waits for a Service; has sh and nc.",
    )
    return _waiting(chart, name, image, _SERVICE_SCRIPT, [host, str(port.number)])


def wait_for_job(chart: Chart, name: str, job: Text) -> dict[str, Any]:
    """A container that ends when a Job is complete, and fails when the Job has failed.

    Args:
        chart: The chart it is in.
        name: What the container is called.
        job: The name of the Job.
    """
    image = chart.values.declare(
        Section.WAITS.value("jobImage"),
        JOB_IMAGE,
        schema=_NOT_EMPTY,
        comment="Waits for a Job; has sh, grep and kubectl.",
    )
    container = _waiting(chart, name, image, _JOB_SCRIPT, [job])
    folder = "/var/run/secrets/kubernetes.io/serviceaccount"
    container["volumeMounts"] = [{"name": API_ACCESS, "mountPath": folder, "readOnly": True}]
    return container


def _waiting(chart: Chart, name: str, image: Text, script: str, arguments: list[Text]) -> dict[str, Any]:
    policy = chart.values.declare(
        Section.WAITS.value("pullPolicy"), "IfNotPresent", schema={"type": "string", "enum": list(PULL_POLICIES)}
    )
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": policy,
        "command": ["sh", "-c", script, "wait", *arguments],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def container_name(target: str, taken: Collection[str]) -> str:
    """What the container that waits for a target is called, unlike all others of its pod."""
    name = cut(f"wait-for-{target}", OBJECT)
    while name in taken:
        name = cut(f"{name}-wait", OBJECT)
    return name


def api_access() -> dict[str, Any]:
    """The volume with a token for the API server, made as the cluster makes it for pods that mount one.

    The pod itself mounts none, so the program in it does not get to see the token.
    """
    sources: list[dict[str, Any]] = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
    ]
    return {"name": API_ACCESS, "projected": {"sources": sources}}
