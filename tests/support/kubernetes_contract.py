"""What every Kubernetes API has to do, the fake and a real one: each has a class of tests that inherits these."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from fairlead.engines.kube import (
    ApiRefusal,
    Conflict,
    KubernetesApi,
    NotFound,
    Object,
    ObjectKind,
    ObjectRef,
    WatchEvent,
)
from fairlead.errors import EngineUnavailable

CONFIG = ObjectKind("v1", "ConfigMap")
NAMESPACE = ObjectKind("v1", "Namespace")
ACCOUNT = ObjectKind("v1", "ServiceAccount")
POD = ObjectKind("v1", "Pod")
LIMIT = 60.0
"""Seconds after which a test fails that waits for a change."""


def config(namespace: str, name: str = "settings", **fields: Any) -> Object:
    """A ConfigMap."""
    metadata = {"name": name, "namespace": namespace, **fields.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **fields}


def definition(group: str) -> Object:
    """A CustomResourceDefinition of widgets."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ],
        },
    }


async def until_served(api: KubernetesApi, kind: ObjectKind) -> None:
    """Wait until the API knows a kind."""
    async with asyncio.timeout(LIMIT):
        while True:
            try:
                await api.list(kind)
            except NotFound:
                await asyncio.sleep(0.05)
            else:
                return


async def next_event(api: KubernetesApi, version: str, namespace: str, **options: Any) -> WatchEvent:
    """The first change of a ConfigMap after a version."""
    watch = api.watch(CONFIG, version, namespace=namespace, **options)
    async with asyncio.timeout(LIMIT), aclosing(watch) as events:
        return await anext(events)


class KubernetesContract:
    """Tests with the fixtures ``api`` and ``namespace``, a namespace of the test's own."""

    async def test_an_object_is_created_changed_and_deleted(self, api: KubernetesApi, namespace: str) -> None:
        """An applied object must be there, with what the server adds, until it is deleted; it is the caller's copy."""
        settings = ObjectRef(CONFIG, "settings", namespace)
        assert await api.get(settings) is None
        created = await api.apply(config(namespace, data={"a": "1"}))
        assert await api.get(settings) == created
        assert created["metadata"]["uid"] and created["metadata"]["creationTimestamp"]
        assert "managedFields" not in created["metadata"]
        created["data"]["a"] = "mine"
        changed = await api.apply(config(namespace, data={"a": "2"}))
        assert changed["data"] == {"a": "2"}
        assert changed["metadata"]["uid"] == created["metadata"]["uid"]
        assert int(changed["metadata"]["resourceVersion"]) > int(created["metadata"]["resourceVersion"])
        assert await api.delete(settings)
        assert not await api.delete(settings)
        assert await api.get(settings) is None
        assert (await api.apply(config(namespace)))["metadata"]["uid"] != created["metadata"]["uid"]

    async def test_applying_the_same_changes_nothing(self, api: KubernetesApi, namespace: str) -> None:
        """An object that is applied again as it is must keep its version; so must one that was read."""
        first = await api.apply(config(namespace, data={"a": "1"}))
        assert await api.apply(config(namespace, data={"a": "1"})) == first
        assert await api.apply(first) == first

    async def test_what_has_no_place_is_refused(self, api: KubernetesApi, namespace: str) -> None:
        """A namespace or a kind that is not there must be an error of its own, a wrong scope one as well."""
        with pytest.raises(NotFound, match=r"namespaces .nowhere. not found"):
            await api.apply(config("nowhere"))
        with pytest.raises(NotFound, match="no matches for kind 'Gadget'"):
            await api.list(ObjectKind("example.com/v1", "Gadget"))
        with pytest.raises(NotFound, match="no matches for kind 'Gadget' in version 'apps/v1'"):
            await api.is_namespaced(ObjectKind("apps/v1", "Gadget"))
        with pytest.raises(ApiRefusal, match="needs a namespace"):
            await api.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
        with pytest.raises(ApiRefusal, match="can not be in a namespace"):
            await api.get(ObjectRef(NAMESPACE, "default", "default"))
        assert await api.get(ObjectRef(CONFIG, "settings", "nowhere")) is None
        assert (await api.list(CONFIG, namespace="nowhere")).items == []

    async def test_kinds_say_where_their_objects_are(self, api: KubernetesApi) -> None:
        """It must be known of each kind whether its objects are in namespaces."""
        assert await api.is_namespaced(CONFIG)
        assert not await api.is_namespaced(NAMESPACE)

    async def test_a_definition_makes_a_kind_known(self, api: KubernetesApi, namespace: str) -> None:
        """Objects of a kind of one's own must be accepted while its definition is there, and refused otherwise."""
        group = f"{namespace}.example.com"
        widget = {
            "apiVersion": f"{group}/v1",
            "kind": "Widget",
            "metadata": {"name": "w", "namespace": namespace},
            "spec": {"size": 3},
        }
        with pytest.raises(NotFound):
            await api.apply(widget)
        await api.apply(definition(group))
        try:
            await until_served(api, ObjectKind.of(widget))
            await api.apply(widget)
            assert [obj["spec"] for obj in (await api.list(ObjectKind.of(widget))).items] == [{"size": 3}]
        finally:
            await api.delete(ObjectRef.of(definition(group)))
        with pytest.raises(NotFound):
            async with asyncio.timeout(LIMIT):
                while True:
                    await api.list(ObjectKind.of(widget))
                    await asyncio.sleep(0.05)

    async def test_a_list_has_what_is_asked_for(self, api: KubernetesApi, namespace: str) -> None:
        """Namespace, labels and fields must choose the objects, which come in order and say what they are."""
        for name, tier in (("b", "x"), ("a", "y"), ("c", "x")):
            await api.apply(config(namespace, name, metadata={"labels": {"tier": tier, "of": namespace}}))

        async def names(**options: Any) -> list[str]:
            found = (await api.list(CONFIG, **options)).items
            assert all(ObjectKind.of(obj) == CONFIG for obj in found)
            return [obj["metadata"]["name"] for obj in found if obj["metadata"]["name"] in "abc"]

        assert await names(namespace=namespace) == ["a", "b", "c"]
        assert await names(labels={"tier": "x", "of": namespace}) == ["b", "c"]
        assert await names(namespace=namespace, labels={"other": "x"}) == []
        assert await names(namespace=namespace, fields={"metadata.name": "b"}) == ["b"]

    async def test_a_watch_tells_each_change_once(self, api: KubernetesApi, namespace: str) -> None:
        """From the version of a list on, changes must come in order, those of before the watch began as well."""
        version = (await api.list(CONFIG)).resource_version
        await api.apply(config(namespace, data={"a": "1"}))
        await api.apply(config("default", f"other-{namespace}"))
        seen: list[tuple[str, str]] = []
        watch = api.watch(CONFIG, version, namespace=namespace, fields={"metadata.name": "settings"})
        async with asyncio.timeout(LIMIT), aclosing(watch) as events:
            async for event in events:
                seen.append((event.type, event.object.get("data", {}).get("a", "")))
                if event.type == "ADDED":
                    await api.apply(config(namespace, data={"a": "2"}))
                elif event.type == "MODIFIED":
                    await api.delete(ObjectRef(CONFIG, "settings", namespace))
                else:
                    break
        assert seen == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]
        await api.delete(ObjectRef(CONFIG, f"other-{namespace}", "default"))

    async def test_labels_bring_an_object_into_a_watch_and_out(self, api: KubernetesApi, namespace: str) -> None:
        """An object that gets the label must be added, one that loses it deleted."""
        version = (await api.apply(config(namespace)))["metadata"]["resourceVersion"]
        labelled = await api.apply(config(namespace, metadata={"labels": {"tier": "x"}}))
        assert (await next_event(api, version, namespace, labels={"tier": "x"})).type == "ADDED"
        await api.apply(config(namespace))
        version = labelled["metadata"]["resourceVersion"]
        assert (await next_event(api, version, namespace, labels={"tier": "x"})).type == "DELETED"

    async def test_only_the_version_that_was_read_is_changed(self, api: KubernetesApi, namespace: str) -> None:
        """Who names a version must meet a conflict when the object has another one, or has gone."""
        read = await api.apply(config(namespace, data={"a": "1"}))
        await api.apply(config(namespace, data={"a": "2"}))
        version = {"resourceVersion": read["metadata"]["resourceVersion"], "uid": read["metadata"]["uid"]}
        with pytest.raises(Conflict, match="the object has been modified"):
            await api.apply(config(namespace, metadata=version, data={"a": "3"}))
        await api.delete(ObjectRef.of(read))
        with pytest.raises(Conflict):
            await api.apply(config(namespace, metadata=version, data={"a": "3"}))

    async def test_managers_own_their_fields(self, api: KubernetesApi, namespace: str) -> None:
        """A field of another manager must be taken only by force; what it alone gave must go when it no longer does."""
        await api.apply(config(namespace, data={"a": "1", "b": "1"}), manager="one")
        await api.apply(config(namespace, data={"b": "1", "c": "1"}), manager="two")
        with pytest.raises(Conflict, match=r"one.*data\.a"):
            await api.apply(config(namespace, data={"a": "2"}), manager="two")
        taken = await api.apply(config(namespace, data={"a": "2"}), manager="two", force=True)
        assert taken["data"] == {"a": "2", "b": "1"}
        assert (await api.apply(config(namespace), manager="one"))["data"] == {"a": "2"}
        assert "data" not in await api.apply(config(namespace), manager="two")

    async def test_finalizers_hold_a_deletion_up(self, api: KubernetesApi, namespace: str) -> None:
        """An object with finalizers must be there, marked, until they are taken off."""
        held = await api.apply(config(namespace, metadata={"finalizers": ["example.com/hold"]}))
        for _ in range(2):
            assert await api.delete(ObjectRef.of(held))
            marked = await api.get(ObjectRef.of(held))
            assert marked is not None and marked["metadata"]["deletionTimestamp"]
        await api.apply(config(namespace))  # without them
        assert await api.get(ObjectRef.of(held)) is None

    async def test_a_token_is_a_service_accounts(self, api: KubernetesApi, namespace: str) -> None:
        """A token must be for an account that is there, and be good as long as is asked for."""
        await api.apply(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "op", "namespace": namespace}}
        )
        account = ObjectRef(ACCOUNT, "op", namespace)
        first, second = [await api.create_token(account, seconds=seconds) for seconds in (900, 1800)]
        assert first.text and first.text != second.text
        assert second.expires_at - first.expires_at > 800
        assert first.text not in repr(first)
        with pytest.raises(ApiRefusal, match="may not specify a duration less than"):
            await api.create_token(account, seconds=60)
        with pytest.raises(NotFound):
            await api.create_token(ObjectRef(ACCOUNT, "nobody", namespace), seconds=900)

    async def test_the_log_of_a_pod_that_is_not_there(self, api: KubernetesApi, namespace: str) -> None:
        """It must be an error of its own."""
        with pytest.raises(NotFound):
            await anext(api.logs(ObjectRef(POD, "nobody", namespace)))

    async def test_it_says_what_it_is(self, api: KubernetesApi) -> None:
        """A version must be told, and that it is ready."""
        assert (await api.version()).startswith("v1.")
        assert await api.unready() == ()

    async def test_a_closed_api_says_so(self, api: KubernetesApi, namespace: str) -> None:
        """A watch that goes on when the API is closed must end with an error; so must whatever is asked after that."""
        version = (await api.apply(config(namespace)))["metadata"]["resourceVersion"]
        async with asyncio.timeout(LIMIT), aclosing(api.watch(CONFIG, version, namespace=namespace)) as events:
            waiting = asyncio.ensure_future(anext(events))
            await api.list(CONFIG, namespace=namespace)
            await api.close()
            with pytest.raises(EngineUnavailable):
                await waiting
        with pytest.raises(EngineUnavailable):
            await api.version()
