"""Containers that run before a workload's own, and end when what it waits for is there.

They have images of their own, small ones from values.yaml: the workload's image may have no shell, let alone a client
of the cluster. Each waits for one thing, so ``kubectl get pods`` shows how far a pod has come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.jobs import JobIdentity
from fairlead.publish.chart.leaves import ChartValue, Mirrored, Text, encode
from fairlead.publish.chart.names import OBJECT, cut
from fairlead.publish.chart.pod import OBJECT_SCHEMA, SMALL, SMALL_WITH_DISK
from fairlead.publish.chart.ports import Port
from fairlead.publish.chart.sections import Section
from fairlead.publish.images.image_names import PULL_POLICIES, image_mirror
from fairlead.publish.workloads.security import confined_context
from fairlead.publish.workloads.waiting.job_scripts import WAIT_FOR_JOB

SERVICE_IMAGE = "busybox:1.35"
JOB_IMAGE = "alpine/kubectl:1.36.0"
#: The volume with what it takes to talk to the API server; only the containers that wait for Jobs have it.
API_ACCESS = "fairlead-api-access"

_SERVICE_SCRIPT = """\
set -eu
trap 'exit 143' TERM
until nc -w 2 "$1" "$2" -e true 2>/dev/null; do
  echo "waiting for $1:$2"
  sleep 1
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


def wait_for_job(chart: Chart, name: str, notes: Text, job: JobIdentity, run: Text) -> dict[str, Any]:
    """A container that ends when a Job is complete or was completed before, and fails when the Job has failed.

    Args:
        chart: The chart it is in.
        name: What the container is called.
        notes: The ConfigMap in which it is noted that a Job was completed.
        job: The Job.
        run: Whether the Job runs: ``auto``, ``always`` or ``never``.
    """
    return kubectl_container(chart, name, WAIT_FOR_JOB, [job.name, notes, job.work, job.image, job.workload, run])


def kubectl_container(chart: Chart, name: str, script: str, arguments: list[Text]) -> dict[str, Any]:
    """A container that runs a script with kubectl, and may do what its pod may.

    Args:
        chart: The chart it is in.
        name: What the container is called.
        script: The script.
        arguments: The arguments of the script.
    """
    image = chart.values.declare(
        Section.WAITS.value("jobImage"),
        JOB_IMAGE,
        schema=_NOT_EMPTY,
        comment="Waits for a Job; has kubectl, and sh with sleep, head, tr, date and sha256sum.",
    )
    container = _waiting(chart, name, image, script, arguments)
    folder = "/var/run/secrets/kubernetes.io/serviceaccount"
    container["volumeMounts"] = [{"name": API_ACCESS, "mountPath": folder, "readOnly": True}]
    return container


def _waiting(chart: Chart, name: str, image: Text, script: str, arguments: list[Text]) -> dict[str, Any]:
    policy = chart.values.declare(
        Section.WAITS.value("pullPolicy"), "IfNotPresent", schema={"type": "string", "enum": list(PULL_POLICIES)}
    )
    return {
        "name": name,
        "image": Mirrored(image, image_mirror(chart)),
        "imagePullPolicy": policy,
        "command": ["sh", "-c", encode(script, "dollars"), "wait", *arguments],
        "securityContext": confined_context(chart),
    }


def wait_resources(chart: Chart, workloads: Iterable[Workload]) -> ChartValue:
    """What each container that waits requests and may use.

    Kubernetes takes the largest limit of ephemeral storage among the containers of a pod for that of the whole pod,
    even if its program has none. So the default has such a limit only if the definition gives one to every program.

    Args:
        chart: The chart it is in.
        workloads: All programs of the chart.
    """
    is_bounded = all("ephemeral-storage" in workload.resource_needs.get("limits", {}) for workload in workloads)
    return chart.values.declare(
        Section.WAITS.value("resources"),
        SMALL_WITH_DISK if is_bounded else SMALL,
        kind="object",
        schema=OBJECT_SCHEMA,
        comment="Of each of them; a namespace with a quota on limits asks for limits. "
        "A limit of ephemeral-storage counts for the whole pod.",
    )


def container_name(name: str, taken: Collection[str]) -> str:
    """The name of a container, unlike those of all others of its pod."""
    name = cut(name, OBJECT)
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
