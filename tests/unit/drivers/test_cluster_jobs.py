"""One-off jobs in a cluster: the Job that is made from a CronJob, and how it is followed to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.support.waiting import until

from fairlead import UsageError
from fairlead.drivers.cluster_jobs import CRON_JOB, JOB, POD, job_from_template, run_cluster_job
from fairlead.engines.kube import ObjectRef
from fairlead.testing.fakes.fake_kubernetes import FakeKubernetesApi


def cron_job(name: str = "migrate", *, args: list[str] | None = None) -> dict[str, Any]:
    containers = [
        {"name": "sidecar", "image": "b:1"},
        {"name": name, "image": "a:1", **({"args": args} if args else {})},
    ]
    template = {"spec": {"backoffLimit": 0, "template": {"spec": {"containers": containers}}}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": "default", "uid": "u-1"},
        "spec": {"suspend": True, "schedule": "0 0 31 2 *", "jobTemplate": template},
    }


class Output:
    """What was printed."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.said: list[str] = []

    def lines(self, lines: Sequence[bytes]) -> None:
        self.written += [line.decode() for line in lines]

    def notice(self, text: str) -> None:
        self.said.append(text)


def test_a_job_is_the_template_with_more_arguments() -> None:
    """The arguments must go to the job's own container as they are; template and other containers must stay."""
    template = cron_job(args=["migrate"])
    job = job_from_template(template, "migrate", ["--fake", "$(HOME) $5"], "ab12")
    sidecar, program = job["spec"]["template"]["spec"]["containers"]

    assert program["args"] == ["migrate", "--fake", "$$(HOME) $$5"]
    assert "args" not in sidecar
    assert template["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][1]["args"] == ["migrate"]
    assert job["metadata"]["name"] == "migrate-ab12"
    assert job["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}
    assert [owner["uid"] for owner in job["metadata"]["ownerReferences"]] == ["u-1"]
    assert "args" not in job_from_template(cron_job(), "migrate", [], "x")["spec"]["template"]["spec"]["containers"][1]


class Stand:
    """A cluster with a template, in which the test plays the controllers."""

    def __init__(self) -> None:
        self.api = FakeKubernetesApi()
        self.api.put(cron_job())
        self.output = Output()
        self.run = asyncio.ensure_future(run_cluster_job(self.api, "default", "migrate", [], self.output, pause=0))

    async def job(self) -> ObjectRef:
        """The Job, once it is there."""
        await until(lambda: self.output.said, "the Job was created")
        (job,) = (await self.api.list(JOB, namespace="default")).items
        return ObjectRef.of(job)

    def pod(self, job: ObjectRef, number: int) -> ObjectRef:
        """A pod of it that runs."""
        metadata = {"name": f"p-{number}", "namespace": "default", "labels": {"job-name": job.name}}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"nodeName": "n", "containers": []}}
        self.api.put(pod)
        ref = ObjectRef(POD, f"p-{number}", "default")
        self.state(ref, running={})
        return ref

    def state(self, pod: ObjectRef, **state: Any) -> None:
        self.api.set_status(pod, containerStatuses=[{"name": "migrate", "state": state}])

    def end(self, pod: ObjectRef, code: int, *lines: str) -> None:
        """Let a pod write lines and end with an exit code."""
        self.api.log_of(pod, "migrate").write(*lines)
        self.state(pod, terminated={"exitCode": code})
        self.api.log_of(pod, "migrate").end()

    def finish(self, job: ObjectRef, kind: str) -> None:
        self.api.set_status(job, conditions=[{"type": kind, "status": "True"}])


@pytest.mark.parametrize(
    ("codes", "ended", "expected"),
    [((0,), "Complete", 0), ((3,), "Failed", 3), ((3, 4), "Failed", 4), ((3, 0), "Complete", 0), ((), "Failed", 1)],
)
async def test_a_job_is_followed_to_its_end(codes: tuple[int, ...], ended: str, expected: int) -> None:
    """The logs of all pods must be printed in their order, and the exit code be that of the last."""
    stand = Stand()
    job = await stand.job()
    for number, code in enumerate(codes):
        pod = stand.pod(job, number)
        stand.end(pod, code, f"line {number}")
        await until(lambda number=number: len(stand.output.written) > number, "its log was printed")  # type: ignore[misc]
    stand.finish(job, ended)

    assert await stand.run == expected
    assert stand.output.written == [f"line {number}" for number in range(len(codes))]
    assert stand.output.said[0] == f"{job} was created in default"


async def test_why_a_job_waits_is_said_once() -> None:
    """Why the pod has not started must be said, each reason once."""
    stand = Stand()
    job = await stand.job()
    pod = stand.pod(job, 0)
    waiting = {"reason": "ImagePullBackOff", "message": "not found"}
    stand.state(pod, waiting=waiting)
    await until(lambda: len(stand.output.said) > 1, "the reason was said")
    looks = stand.api.called.count("get")
    await until(lambda: stand.api.called.count("get") > looks + 2, "it was looked at again")
    stand.end(pod, 0)
    stand.finish(job, "Complete")

    assert await stand.run == 0
    assert len(stand.output.said) == 2
    assert stand.output.said[1].startswith("waiting: ")


async def test_an_interrupted_job_is_deleted() -> None:
    """Ctrl+C must delete the Job, and with it what still runs."""
    stand = Stand()
    job = await stand.job()
    stand.run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stand.run

    assert await stand.api.get(job) is None
    assert stand.output.said[-1] == f"{job} was deleted"


async def test_a_job_that_is_not_there() -> None:
    """A job that the namespace does not have must be refused, with those that it has."""
    api = FakeKubernetesApi()
    api.put(cron_job("seed"))
    api.put({**cron_job("nightly"), "spec": {"schedule": "@daily"}})

    with pytest.raises(UsageError, match=r"the namespace 'default' has no job 'migrate'. Its jobs are 'seed'"):
        await run_cluster_job(api, "default", "migrate", [], Output(), pause=0)
    assert (await api.list(CRON_JOB, namespace="default")).items
    assert not (await api.list(JOB, namespace="default")).items
