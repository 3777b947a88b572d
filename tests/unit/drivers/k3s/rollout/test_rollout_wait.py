"""Waiting for rollouts by watches, on an API in memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.waiting import until

from fairlead import FairleadError
from fairlead.drivers.k3s.rollout import waiting as rollout_wait
from fairlead.drivers.k3s.rollout.reasons import explain_rollouts
from fairlead.drivers.k3s.rollout.waiting import wait_for_rollout
from fairlead.engines.kube import ApiRefusal, ObjectKind, ObjectRef
from fairlead.testing import FakeKubernetesApi

UP = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1}
LONG = 40.0


def workload(name: str, kind: str = "Deployment") -> dict[str, Any]:
    labels = {"app": name}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def pod(name: str, app: str, **waiting: str) -> dict[str, Any]:
    status = {"containerStatuses": [{"name": "web", "state": {"waiting": waiting}}]}
    spec = {"nodeName": "k8s", "containers": [{"name": "web", "image": "web:1"}]}
    metadata = {"name": name, "namespace": "default", "labels": {"app": app}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def put(api: FakeKubernetesApi, *objects: dict[str, Any]) -> list[ObjectRef]:
    return [ObjectRef.of(api.put(obj)) for obj in objects]


async def test_it_returns_when_all_are_rolled_out() -> None:
    """A wait must end when the last object is up, and tell whenever what it waits for changes."""
    api, told = FakeKubernetesApi(), list[str]()
    refs = put(api, workload("a"), workload("b"))
    async with asyncio.TaskGroup() as group:
        wait = group.create_task(wait_for_rollout(api, refs, LONG, told.append))
        await until(lambda: bool(told), "the first is waited for")
        api.set_status(refs[0], **UP)
        await until(lambda: "Deployment default/b:" in told[-1], "the second is waited for")
        assert not wait.done()
        api.set_status(refs[1], **UP)

    assert told[0].startswith("Waiting for Deployment default/a (and 1 more): ")


async def test_the_reason_of_a_pod_is_told_while_it_waits() -> None:
    """A pod that does not come up must be told at once, though its workload does not change by it."""
    api, told = FakeKubernetesApi(), list[str]()
    refs = put(api, workload("a"))
    async with asyncio.TaskGroup() as group:
        group.create_task(wait_for_rollout(api, refs, LONG, told.append))
        await until(lambda: bool(told), "it is waited for")
        api.put(pod("a-1", "a", reason="ImagePullBackOff", message='Back-off pulling image "web:1"'))
        await until(lambda: "pod a-1: " in told[-1], "the pod is told")
        api.set_status(refs[0], **UP)

    assert "web:1" in told[1]


async def test_nothing_is_waited_for_where_all_is_up() -> None:
    """What is there already, or has nothing to roll out, must not be waited for."""
    api = FakeKubernetesApi()
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}
    refs = put(api, {**workload("a"), "status": UP}, config_map)

    await wait_for_rollout(api, refs, LONG, pytest.fail)
    await wait_for_rollout(api, [], LONG, pytest.fail)


@pytest.mark.parametrize("trouble", ["expired", "away"])
async def test_a_watch_that_breaks_off_is_resumed(trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that has expired, or an API server that restarts, must not lose what happens meanwhile."""
    monkeypatch.setattr(rollout_wait, "_RETRY_SECONDS", 0.01)
    api, told = FakeKubernetesApi(), list[str]()
    refs = put(api, workload("a"))
    async with asyncio.TaskGroup() as group:
        group.create_task(wait_for_rollout(api, refs, LONG, told.append))
        await until(lambda: bool(told), "it is waited for")
        if trouble == "away":
            api.go_away()
        api.set_status(refs[0], **UP)
        api.forget_changes()
        await asyncio.sleep(0)
        api.come_back()


async def test_what_fails_ends_it_early() -> None:
    """A Deployment that makes no progress any more must not be waited for until the time is up."""
    api, told = FakeKubernetesApi(), list[str]()
    refs = put(api, workload("a"), workload("b"), pod("b-1", "b", reason="ErrImageNeverPull", message="never"))
    stuck = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    with pytest.raises(FairleadError, match=r"^Deployment default/b: it has made no progress for .*pod b-1: "):
        async with asyncio.timeout(LONG):
            api.set_status(refs[1], observedGeneration=1, conditions=[stuck])
            await wait_for_rollout(api, refs[:2], LONG, told.append)


async def test_what_is_deleted_meanwhile_is_an_error() -> None:
    """An object that somebody deletes will never be up."""
    api, told = FakeKubernetesApi(), list[str]()
    refs = put(api, workload("a"))

    async def delete() -> None:
        await until(lambda: bool(told), "it is waited for")
        await api.delete(refs[0])

    with pytest.raises(FairleadError, match="Deployment default/a was deleted while it was waited for"):
        await asyncio.gather(wait_for_rollout(api, refs, LONG, told.append), delete())


async def test_a_refusal_is_the_error() -> None:
    """An API that refuses must not be waited for."""
    api = FakeKubernetesApi()
    refs = put(api, workload("a"))
    api.refusals["list"] = ApiRefusal("deployments is forbidden")

    with pytest.raises(ApiRefusal, match="forbidden"):
        await wait_for_rollout(api, refs, LONG, print)


async def test_the_time_limit_tells_the_first_few_with_their_reasons() -> None:
    """A time-out must say which objects are not up and why, and count the rest."""
    api = FakeKubernetesApi()
    refs = put(api, *(workload(name) for name in "abcde"), workload("up"))
    api.set_status(refs[-1], **UP)
    api.put(pod("a-1", "a", reason="CreateContainerConfigError", message='secret "key" not found'))

    with pytest.raises(FairleadError) as caught:
        await wait_for_rollout(api, refs, 0.1, lambda _: None)

    message = caught.value.message
    assert message.startswith("not ready after 0.1 s: Deployment default/a: ")
    assert "pod a-1: its container needs the Secret key, which does not exist" in message
    assert "Deployment default/c: " in message
    assert message.endswith("; and 2 more")


async def test_an_api_that_never_answers_is_told_as_such() -> None:
    """Where nothing is known of an object, no reason may be made up."""
    api = FakeKubernetesApi()
    refs = put(api, workload("a"))
    api.go_away()

    with pytest.raises(FairleadError, match=r"Deployment default/a: not ready after 0\.1 s: the API has not answered"):
        await wait_for_rollout(api, refs, 0.1, print)


async def test_a_warning_is_the_reason_where_there_are_no_pods() -> None:
    """A controller that can't create pods tells so in an event, which must be told."""
    api = FakeKubernetesApi()
    [ref] = put(api, workload("db", "StatefulSet"))
    involved = {"kind": "StatefulSet", "name": "db", "namespace": "default"}
    words = 'create Pod db-0 in StatefulSet db failed: pods "db-0" is forbidden: exceeded quota: small'
    metadata = {"name": "e", "namespace": "default"}
    event = {"apiVersion": "v1", "kind": "Event", "metadata": metadata, "type": "Warning", "message": words}
    api.put({**event, "involvedObject": involved, "reason": "FailedCreate"})

    [reason] = await explain_rollouts(api, [ref, ObjectRef(ObjectKind("apps/v1", "Deployment"), "none", "default")])

    assert reason.startswith("StatefulSet default/db: ")
    assert reason.endswith(words)


async def test_the_last_words_of_a_crash_are_told() -> None:
    """A container that ends at once must be explained by what it wrote last."""
    api = FakeKubernetesApi()
    [ref, crashing] = put(api, workload("a"), pod("a-1", "a", reason="CrashLoopBackOff", message="back-off 10s"))
    ended = {"exitCode": 1, "reason": "Error"}
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 10s"}
    status = {"name": "web", "restartCount": 2, "state": {"waiting": waiting}, "lastState": {"terminated": ended}}
    api.set_status(crashing, containerStatuses=[status])
    api.log_of(crashing, "web").write("starting", "no configuration found")

    [reason] = await explain_rollouts(api, [ref])

    assert "no configuration found" in reason
