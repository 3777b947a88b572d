"""One-off jobs in a cluster: a Job made from the CronJob that a chart has as its template, followed to its end."""

from __future__ import annotations

import asyncio
import copy
import secrets
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol

from fairlead.drivers.k3s.reasons.pod import reason_of_pod
from fairlead.engines.kube import ApiRefusal, KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.errors import UsageError
from fairlead.model.names import listing
from fairlead.publish.chart.names import object_name, suffixed

CRON_JOB = ObjectKind("batch/v1", "CronJob")
JOB = ObjectKind("batch/v1", "Job")
POD = ObjectKind("v1", "Pod")
EVENT = ObjectKind("v1", "Event")
#: The label by which the pods of a Job are found, in all versions of Kubernetes.
_JOB_NAME = "job-name"
#: As ``kubectl create job --from`` marks what it makes.
_BY_HAND = {"cronjob.kubernetes.io/instantiate": "manual"}
_PAUSE_SECONDS = 0.5
_NAME_BYTES = 4


class JobOutput(Protocol):
    """Where the output of a job goes."""

    def lines(self, lines: Sequence[bytes]) -> None:
        """Print what the job has written, without line ends."""

    def notice(self, text: str) -> None:
        """Say something about the job."""


def job_from_template(cron_job: Mapping[str, Any], container: str, arguments: Sequence[str], suffix: str) -> Object:
    """A Job that runs the pods of a CronJob once. Pure.

    Args:
        cron_job: The CronJob as the cluster has it.
        container: The name of the container that gets the arguments; the first one where there is none of that name.
        arguments: What it is given beyond its own arguments, as it is: no variable in it is expanded.
        suffix: What tells this Job from others of the same template.
    """
    metadata, template = cron_job["metadata"], copy.deepcopy(cron_job["spec"]["jobTemplate"])
    labelled = template.get("metadata") or {}
    spec = template["spec"]
    containers = spec["template"]["spec"]["containers"]
    chosen = next((each for each in containers if each["name"] == container), containers[0])
    if arguments:
        chosen["args"] = [*(chosen.get("args") or ()), *(argument.replace("$", "$$") for argument in arguments)]
    owner = {"name": metadata["name"], "uid": metadata["uid"], "controller": True}
    return {
        "apiVersion": JOB.api_version,
        "kind": JOB.kind,
        "metadata": {
            "name": f"{metadata['name']}-{suffix}",
            "namespace": metadata["namespace"],
            "labels": {**labelled.get("labels", {})},
            "annotations": {**labelled.get("annotations", {}), **_BY_HAND},
            "ownerReferences": [{"apiVersion": CRON_JOB.api_version, "kind": CRON_JOB.kind, **owner}],
        },
        "spec": spec,
    }


async def run_cluster_job(
    api: KubernetesApi,
    namespace: str,
    name: str,
    arguments: Sequence[str],
    output: JobOutput,
    *,
    pause: float = _PAUSE_SECONDS,
) -> int:
    """Run a job of the app in a cluster, and print what it writes. If this is cancelled, the Job is deleted.

    Args:
        api: The cluster.
        namespace: Where the app is installed.
        name: The name of the job in the definition.
        arguments: What it is given beyond its own arguments.
        output: Where its output goes.
        pause: Seconds between two looks at the Job.

    Returns:
        The exit code of its program.

    Raises:
        UsageError: There is no such job in the namespace.
        EngineError: The cluster refuses or does not answer.
    """
    cron_job = await _template(api, namespace, name)
    job = job_from_template(cron_job, object_name(name), arguments, secrets.token_hex(_NAME_BYTES))
    ref = ObjectRef.of(job)
    container = object_name(name)
    try:
        await api.apply(job)
        output.notice(f"{ref} was created in {namespace}")
        return await _follow(api, ref, container, output, pause)
    except asyncio.CancelledError:
        await api.delete(ref)
        output.notice(f"{ref} was deleted")
        raise


async def _template(api: KubernetesApi, namespace: str, name: str) -> Object:
    """The CronJob that the chart has for a job.

    Raises:
        UsageError: There is none.
    """
    found = await api.get(ObjectRef(CRON_JOB, suffixed(object_name(name)), namespace))
    if found is not None:
        return found
    known = (await api.list(CRON_JOB, namespace=namespace)).items
    jobs = [each["metadata"]["name"] for each in known if each["spec"].get("suspend")]
    raise UsageError(
        f"the namespace {namespace!r} has no job {name!r}",
        remedy=f"Its jobs are {listing(jobs)}. Name another namespace with --namespace, or install the chart there.",
    )


async def _follow(api: KubernetesApi, job: ObjectRef, container: str, output: JobOutput, pause: float) -> int:
    """Print the logs of the pods of a Job, one after the other, until it has ended."""
    read: set[str] = set()
    told = ""
    while True:
        current = await api.get(job)
        if current is None:
            raise UsageError(f"{job} was deleted before it ended")
        pods = await _pods(api, job)
        for pod in pods:
            name = pod["metadata"]["name"]
            if name not in read and _has_started(pod, container):
                await _print_log(api, ObjectRef.of(pod), container, output)
                read.add(name)
        ended = _end(current)
        if ended is not None:
            return _exit_code(await _pods(api, job), container, ended)
        reason = await _reason(api, job, pods, read)
        if reason and reason != told:
            output.notice(f"waiting: {reason}")
            told = reason
        await asyncio.sleep(pause)


async def _pods(api: KubernetesApi, job: ObjectRef) -> list[Object]:
    """The pods of a Job, the oldest first."""
    pods = (await api.list(POD, namespace=job.namespace, labels={_JOB_NAME: job.name})).items
    return sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp", "")))


def _container_state(pod: Mapping[str, Any], container: str) -> Mapping[str, Any]:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    chosen = next((status for status in statuses if status["name"] == container), statuses[0] if statuses else {})
    state: Mapping[str, Any] = chosen.get("state") or {}
    return state


def _has_started(pod: Mapping[str, Any], container: str) -> bool:
    return bool(_container_state(pod, container).keys() & {"running", "terminated"})


async def _print_log(api: KubernetesApi, pod: ObjectRef, container: str, output: JobOutput) -> None:
    """Print the log of a container until that has ended; a connection that breaks off is taken up again."""
    since: str | None = None
    while True:
        try:
            async with aclosing(api.logs(pod, container=container, follow=True, since=since)) as chunks:
                async for chunk in chunks:
                    output.lines(chunk.lines)
                    since = chunk.time
        except ApiRefusal as refusal:  # its pod was deleted, or its node is gone
            output.notice(f"no more of its log: {refusal.message}")
            return
        current = await api.get(pod)
        if current is None or "running" not in _container_state(current, container):
            return


def _end(job: Mapping[str, Any]) -> str | None:
    """``Complete`` or ``Failed``, once a Job has ended."""
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            return str(condition["type"])
    return None


def _exit_code(pods: Sequence[Mapping[str, Any]], container: str, ended: str) -> int:
    """That of the last pod's program; a Job may fail without one, such as by a deadline."""
    if ended == "Complete":
        return 0
    codes = [_container_state(pod, container).get("terminated", {}).get("exitCode") for pod in pods]
    return next((int(code) for code in reversed(codes) if code), 1)


async def _reason(api: KubernetesApi, job: ObjectRef, pods: Sequence[Object], read: set[str]) -> str:
    """Why the last pod has not started yet, if that is known."""
    waiting = [pod for pod in pods if pod["metadata"]["name"] not in read]
    if not waiting:
        return ""
    try:
        events = (await api.list(EVENT, namespace=job.namespace)).items
    except ApiRefusal:  # not everybody who may run a job may read events
        events = []
    return reason_of_pod(waiting[-1], events)
