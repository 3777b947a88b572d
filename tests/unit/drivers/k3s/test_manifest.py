"""A manifest from its declaration to the objects in the cluster, on an API in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.fake_cluster import FakeCluster
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, State, ref
from fairlead.drivers.k3s.inventory import Inventory, inventories
from fairlead.engines.kube import ApiRefusal, Conflict, KubernetesApi, NotFound, Object, ObjectKind, ObjectRef
from fairlead.testing import FakeEngine, FakeKubernetesApi, Running, testing

CONFIG_MAP = ObjectKind("v1", "ConfigMap")
DEPLOYMENT = ObjectKind("apps/v1", "Deployment")


class Api(FakeKubernetesApi):
    """An API in which definitions of kinds are established at once, as a real one does."""

    async def apply(self, obj: Any, *, manager: str = "fairlead", force: bool = False) -> Object:
        applied = await super().apply(obj, manager=manager, force=force)
        if obj["kind"] == "CustomResourceDefinition":
            established = [{"type": "Established", "status": "True"}]
            return self.set_status(ObjectRef.of(obj), conditions=established)
        return applied


@pytest.fixture(name="api")
def _api() -> Api:
    return Api()


@asynccontextmanager
async def running(folder: Path, api: KubernetesApi, declare: Callable[[FakeCluster], Any]) -> AsyncIterator[Running]:
    """An app with a cluster, of which the test declares the rest."""

    def define(app: AppBuilder) -> None:
        declare(app.add(FakeCluster("k8s", api)))

    async with testing(Apphost(define, name="boat", file=folder / "apphost.py"), engine=FakeEngine()) as app:
        yield app


def lines(app: Running, name: str = "objects") -> list[str]:
    return [line.text for line in app.logs(name)]


def config_map(name: str, **data: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def config_map_ref(name: str, namespace: str = "default") -> ObjectRef:
    return ObjectRef(CONFIG_MAP, name, namespace)


async def test_the_objects_of_a_file_are_in_the_cluster_when_it_has_finished(tmp_path: Path, api: Api) -> None:
    """A manifest must be applied, labelled as its own, and have finished with 0; a waiter starts after that."""
    (tmp_path / "web.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: 'b'}\n")
    async with running(tmp_path, api, lambda cluster: cluster.add_k8s_manifest("objects", "web.yaml")) as app:
        snapshot = await app.wait_for("objects", "completed")
        assert (snapshot.state, snapshot.exit_code) == (State.FINISHED, 0)

    web = await api.get(config_map_ref("web"))
    assert web is not None
    assert web["data"] == {"a": "b"}
    assert web["metadata"]["labels"]["dev.fairlead.resource"] == "objects"


async def test_deferred_leaves_are_resolved_and_types_are_kept(tmp_path: Path, api: Api) -> None:
    """Objects of a definition must have the texts of its values, and numbers as numbers."""

    def declare(app: AppBuilder) -> None:
        color = app.add_parameter("color", default="red")
        body = {**config_map("web", color=ref("dark-{c}", c=color)), "immutable": False}
        app.add(FakeCluster("k8s", api)).add_k8s_manifest("objects", [body, config_map("other")], namespace="default")

    async with testing(Apphost(declare, name="boat", file=tmp_path / "apphost.py"), engine=FakeEngine()) as app:
        await app.wait_for("objects", "completed")

    web = await api.get(config_map_ref("web"))
    assert web is not None
    assert (web["data"], web["immutable"]) == ({"color": "dark-red"}, False)
