"""The fake Kubernetes API, which has to behave as a real one does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from tests.support import kubernetes_contract as contract
from tests.support.kubernetes_contract import CONFIG, NAMESPACE, POD
from tests.support.waiting import until

from fairlead.engines.kube import (
    ApiRefusal,
    Expired,
    Object,
    ObjectRef,
    WatchEvent,
)
from fairlead.errors import EngineUnavailable
from fairlead.testing import FakeKubernetesApi

SETTINGS = ObjectRef(CONFIG, "settings", "default")


def config(name: str = "settings", namespace: str = "default", **fields: Any) -> Object:
    return contract.config(namespace, name, **fields)


def next_event(api: FakeKubernetesApi, version: str) -> Coroutine[Any, Any, WatchEvent]:
    return contract.next_event(api, version, "default")


@pytest.fixture
def api() -> FakeKubernetesApi:
    return FakeKubernetesApi()


@pytest.fixture
def namespace(api: FakeKubernetesApi) -> str:
    api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "test"}})
    return "test"


class TestFake(contract.KubernetesContract):
    """What every API does."""


async def test_the_generation_counts_changes_of_the_spec(api: FakeKubernetesApi) -> None:
    """A change of a spec must be a new generation, one of labels or status none; both must be a new version."""
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a", "namespace": "default"}}
    versions = [await api.apply({**job, "spec": {"n": 1}})]
    versions.append(api.set_status(ObjectRef.of(job), succeeded=1))
    versions.append(await api.apply({**job, "spec": {"n": 2}}))
    assert [obj["metadata"]["generation"] for obj in versions] == [1, 1, 2]
    assert len({obj["metadata"]["resourceVersion"] for obj in versions}) == 3
    assert versions[-1]["status"] == {"succeeded": 1}, "who applies leaves it alone"


async def test_a_watch_of_long_ago_has_expired(api: FakeKubernetesApi) -> None:
    """Where changes were forgotten, a watch from before must say so, and one from a new list must work."""
    version = (await api.list(CONFIG)).resource_version
    await api.apply(config())
    api.forget_changes()
    with pytest.raises(Expired):
        await next_event(api, version)
    version = (await api.list(CONFIG)).resource_version
    await api.delete(SETTINGS)
    assert (await next_event(api, version)).type == "DELETED"


async def test_what_belongs_to_a_deleted_object_goes_with_it(api: FakeKubernetesApi) -> None:
    """A namespace must take its objects along, an owner what it owns, unless that is to be kept."""
    await api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    await api.apply(config("inside", "shop"))
    owner = await api.apply(config())
    reference = {"ownerReferences": [{"uid": owner["metadata"]["uid"]}]}
    await api.apply(config("owned", metadata=reference))
    await api.delete(ObjectRef(NAMESPACE, "shop"))
    assert await api.get(ObjectRef(CONFIG, "inside", "shop")) is None
    await api.delete(SETTINGS, propagation="Orphan")
    assert await api.get(ObjectRef(CONFIG, "owned", "default"))
    owner = await api.apply(config())
    await api.apply(config("owned", metadata={"ownerReferences": [{"uid": owner["metadata"]["uid"]}]}))
    await api.delete(SETTINGS)
    assert await api.get(ObjectRef(CONFIG, "owned", "default")) is None


async def test_an_api_that_is_away(api: FakeKubernetesApi) -> None:
    """Who asks or watches must be told that it does not answer; when it is back, all must be there."""
    await api.apply(config())
    version = (await api.list(CONFIG)).resource_version
    watching = asyncio.ensure_future(next_event(api, version))
    await until(lambda: "watch" in api.called, "it watches")
    api.go_away()
    for asking in (watching, api.get(SETTINGS)):
        with pytest.raises(EngineUnavailable):
            await asking
    api.come_back()
    assert await api.get(SETTINGS)


async def test_a_refusal_of_the_tests_own(api: FakeKubernetesApi) -> None:
    """An operation must be refused as the test says, until it says so no longer."""
    api.refusals["apply"] = ApiRefusal("exceeded quota")
    with pytest.raises(ApiRefusal, match="exceeded quota"):
        await api.apply(config())
    del api.refusals["apply"]
    await api.apply(config())
    assert api.called == ["apply", "apply"]


async def test_the_log_that_a_test_writes(api: FakeKubernetesApi) -> None:
    """A log must be read from its beginning, from a time or from near its end, and be followed until it ends."""
    pod = ObjectRef(POD, "web", "default")
    api.put(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"containers": [{"name": "main"}, {"name": "proxy"}]},
        }
    )
    with pytest.raises(ApiRefusal, match="has not started"):
        await anext(api.logs(pod))
    log = api.log_of(pod, "main")
    log.write("one", "two", "three")

    async def read(**options: Any) -> list[tuple[str, bytes]]:
        return [(chunk.time, line) async for chunk in api.logs(pod, **options) for line in chunk.lines]

    lines = await read(container="main")
    assert [line for _, line in lines] == [b"one", b"two", b"three"]
    assert await read(since=lines[0][0]) == lines[1:]
    assert await read(tail=1) == lines[2:]
    followed = asyncio.ensure_future(read(follow=True))
    await until(lambda: api.called[-1] == "logs", "it reads")
    log.write("four")
    log.end()
    assert [line for _, line in await followed] == [b"one", b"two", b"three", b"four"]
    with pytest.raises(ApiRefusal):
        await read(container="proxy")
