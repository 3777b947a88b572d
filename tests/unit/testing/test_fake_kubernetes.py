"""The fake Kubernetes API, which has to behave as a real one does."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from tests.support.waiting import until

from fairlead.engines.kube import (
    ApiRefusal,
    Conflict,
    Expired,
    KubernetesApi,
    NotFound,
    Object,
    ObjectKind,
    ObjectRef,
    WatchEvent,
)
from fairlead.errors import EngineUnavailable
from fairlead.testing import FakeKubernetesApi

CONFIG = ObjectKind("v1", "ConfigMap")
NAMESPACE = ObjectKind("v1", "Namespace")
SETTINGS = ObjectRef(CONFIG, "settings", "default")
WIDGET_CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [{"name": "v1", "served": True, "storage": True}],
    },
}


def config(name: str = "settings", namespace: str = "default", **fields: Any) -> Object:
    metadata = {"name": name, "namespace": namespace, **fields.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **fields}


@pytest.fixture
def api() -> FakeKubernetesApi:
    return FakeKubernetesApi()


async def test_an_object_is_created_changed_and_deleted(api: FakeKubernetesApi) -> None:
    """An applied object must be there, with what the server adds, until it is deleted; what is returned is a copy."""
    contract: KubernetesApi = api
    assert await contract.get(SETTINGS) is None
    created = await contract.apply(config(data={"a": "1"}))
    assert await contract.get(SETTINGS) == created
    assert created["metadata"]["uid"] and created["metadata"]["creationTimestamp"]
    created["data"]["a"] = "mine"
    changed = await contract.apply(config(data={"a": "2"}))
    assert changed["data"] == {"a": "2"}
    assert changed["metadata"]["uid"] == created["metadata"]["uid"]
    assert int(changed["metadata"]["resourceVersion"]) > int(created["metadata"]["resourceVersion"])
    assert await contract.delete(SETTINGS)
    assert not await contract.delete(SETTINGS)
    assert await contract.get(SETTINGS) is None
    assert (await contract.apply(config()))["metadata"]["uid"] != created["metadata"]["uid"]


async def test_applying_the_same_changes_nothing(api: FakeKubernetesApi) -> None:
    """An object that is applied again as it is must keep its version."""
    first = await api.apply(config(data={"a": "1"}))
    assert await api.apply(config(data={"a": "1"})) == first


async def test_the_generation_counts_changes_of_the_spec(api: FakeKubernetesApi) -> None:
    """A change of a spec must be a new generation, one of labels or status none; both must be a new version."""
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a", "namespace": "default"}}
    versions = [await api.apply({**job, "spec": {"n": 1}})]
    versions.append(api.set_status(ObjectRef.of(job), succeeded=1))
    versions.append(await api.apply({**job, "spec": {"n": 2}}))
    assert [obj["metadata"]["generation"] for obj in versions] == [1, 1, 2]
    assert len({obj["metadata"]["resourceVersion"] for obj in versions}) == 3
    assert versions[-1]["status"] == {"succeeded": 1}, "who applies leaves it alone"


async def test_what_has_no_place_is_refused(api: FakeKubernetesApi) -> None:
    """A namespace or a kind that is not there must be an error of its own, a wrong scope one as well."""
    with pytest.raises(NotFound, match="namespaces 'nowhere' not found"):
        await api.apply(config(namespace="nowhere"))
    with pytest.raises(NotFound, match="no matches for kind 'Widget'"):
        await api.list(ObjectKind("example.com/v1", "Widget"))
    with pytest.raises(ApiRefusal, match="needs a namespace"):
        await api.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})


async def test_a_definition_makes_a_kind_known(api: FakeKubernetesApi) -> None:
    """Objects of a kind of one's own must be accepted once its CustomResourceDefinition is there."""
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "default"}}
    await api.apply(WIDGET_CRD)
    await api.apply(widget)
    assert [obj["metadata"]["name"] for obj in (await api.list(ObjectKind.of(widget))).items] == ["w"]


async def test_a_list_has_what_is_asked_for(api: FakeKubernetesApi) -> None:
    """Namespace and labels must choose the objects, which come in order."""
    for name, namespace, tier in (("b", "default", "x"), ("a", "default", "y"), ("c", "kube-system", "x")):
        await api.apply(config(name, namespace, metadata={"labels": {"tier": tier}}))

    async def names(**options: Any) -> list[str]:
        return [obj["metadata"]["name"] for obj in (await api.list(CONFIG, **options)).items]

    assert await names() == ["a", "b", "c"]
    assert await names(namespace="default") == ["a", "b"]
    assert await names(labels={"tier": "x"}) == ["b", "c"]
    assert await names(labels={"other": "x"}) == []


async def next_event(api: FakeKubernetesApi, version: str, **options: Any) -> WatchEvent:
    async with asyncio.timeout(60), aclosing(api.watch(CONFIG, version, **options)) as events:
        return await anext(events)


async def test_a_watch_tells_each_change_once(api: FakeKubernetesApi) -> None:
    """From the version of a list on, changes must come in order, those of before the watch began as well."""
    version = (await api.list(CONFIG)).resource_version
    await api.apply(config(data={"a": "1"}))
    await api.apply(config("other", "kube-system"))
    seen: list[tuple[str, str]] = []
    async with asyncio.timeout(60), aclosing(api.watch(CONFIG, version, namespace="default")) as events:
        async for event in events:
            seen.append((event.type, event.object.get("data", {}).get("a", "")))
            if event.type == "ADDED":
                await api.apply(config(data={"a": "2"}))
            elif event.type == "MODIFIED":
                await api.delete(SETTINGS)
            else:
                break
    assert seen == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]


async def test_labels_bring_an_object_into_a_watch_and_out(api: FakeKubernetesApi) -> None:
    """An object that gets the label must be added, one that loses it deleted."""
    version = (await api.apply(config()))["metadata"]["resourceVersion"]
    labelled = await api.apply(config(metadata={"labels": {"tier": "x"}}))
    assert (await next_event(api, version, labels={"tier": "x"})).type == "ADDED"
    await api.apply(config())
    event = await next_event(api, labelled["metadata"]["resourceVersion"], labels={"tier": "x"})
    assert event.type == "DELETED"


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


async def test_only_the_version_that_was_read_is_changed(api: FakeKubernetesApi) -> None:
    """Who names a version must meet a conflict when the object has another one."""
    read = await api.apply(config(data={"a": "1"}))
    await api.apply(config(data={"a": "2"}))
    version = {"resourceVersion": read["metadata"]["resourceVersion"]}
    with pytest.raises(Conflict, match="has changed since it was read"):
        await api.apply(config(metadata=version, data={"a": "3"}))


async def test_managers_own_their_fields(api: FakeKubernetesApi) -> None:
    """A field of another manager must be taken only by force; what it alone gave must go when it does so no longer."""
    await api.apply(config(data={"a": "1", "b": "1"}), manager="one")
    await api.apply(config(data={"b": "1", "c": "1"}), manager="two")
    with pytest.raises(Conflict, match=r"one owns its field data\.a"):
        await api.apply(config(data={"a": "2"}), manager="two")
    assert (await api.apply(config(data={"a": "2"}), manager="two", force=True))["data"] == {"a": "2", "b": "1"}
    assert (await api.apply(config(), manager="one"))["data"] == {"a": "2"}
    assert "data" not in await api.apply(config(), manager="two")


async def test_finalizers_hold_a_deletion_up(api: FakeKubernetesApi) -> None:
    """An object with finalizers must be there, marked, until they are taken off."""
    await api.apply(config(metadata={"finalizers": ["example.com/hold"]}))
    for _ in range(2):
        assert await api.delete(SETTINGS)
        marked = await api.get(SETTINGS)
        assert marked is not None and marked["metadata"]["deletionTimestamp"]
    api.remove_finalizers(SETTINGS)
    assert await api.get(SETTINGS) is None


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
