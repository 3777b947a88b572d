"""The client of a real cluster's API: what every API does, and what only a real one can show."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from tests.support.cluster import COMING_UP, Cluster
from tests.support.kubernetes_contract import ACCOUNT, CONFIG, NAMESPACE, POD, KubernetesContract, config
from tests.support.waiting import until_seen

from fairlead.engines.kube import ApiRefusal, KubernetesApi, LogChunk, ObjectKind, ObjectRef
from fairlead.engines.kube.client import connect
from fairlead.engines.kube.kubeconfig import parse, point_at, with_token
from fairlead.errors import EngineUnavailable

pytestmark = pytest.mark.k3s
LIMIT = 120.0
"""Seconds after which a test fails that waits for the cluster."""


@pytest.fixture
async def kubeconfig(cluster: Cluster) -> dict[str, Any]:
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    return parse(cluster.write_kubeconfig().read_text())


@pytest.fixture
async def api(kubeconfig: dict[str, Any]) -> AsyncIterator[KubernetesApi]:
    api = await connect(kubeconfig)
    yield api
    await api.close()


@pytest.fixture
async def namespace(cluster: Cluster, kubeconfig: dict[str, Any]) -> AsyncIterator[str]:
    """A namespace of the test's own, with the account that pods need; a test may close its ``api``."""
    name = f"kube-{uuid.uuid4().hex[:8]}"
    api = await connect(kubeconfig)
    created = await api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    watch = api.watch(ACCOUNT, created["metadata"]["resourceVersion"], namespace=name)
    async with asyncio.timeout(LIMIT), aclosing(watch) as events:
        await anext(events)
    yield name
    await api.delete(ObjectRef(NAMESPACE, name))
    await api.close()


class TestRealApi(KubernetesContract):
    """What every API does."""


async def test_a_long_list_comes_in_pages(api: KubernetesApi, namespace: str) -> None:
    """More objects than a page has must all be there, in order and once."""
    names = [f"c-{number:04}" for number in range(260)]
    for name in names:
        await api.apply(config(namespace, name))
    found = [obj["metadata"]["name"] for obj in (await api.list(CONFIG, namespace=namespace)).items]
    assert [name for name in found if name.startswith("c-")] == names


async def test_a_log_is_read_and_followed(api: KubernetesApi, namespace: str, cluster: Cluster) -> None:
    """All lines must come once: from the beginning, behind a line, and those that are written while it is followed."""
    cluster.bring(["busybox:1.35"])
    pod = ObjectRef(POD, "talker", namespace)
    script = "for n in 1 2 3; do echo line $n; done; read -r go < /tmp/go; echo line 4; printf 'no end'"
    await api.apply(pod_of(pod, ["sh", "-c", f"mkfifo /tmp/go; {script}"]))
    async with asyncio.timeout(LIMIT):
        first = await first_chunks(api, pod, 3)
        assert [line for chunk in first for line in chunk.lines] == [b"line 1", b"line 2", b"line 3"]
        assert lines_of([chunk async for chunk in api.logs(pod, tail=1)]) == [b"line 3"]
        following = asyncio.ensure_future(read(api, pod, since=first[-1].time))
        cluster.kubectl("exec", "-n", namespace, "talker", "--", "sh", "-c", "echo go > /tmp/go")
        assert await following == [b"line 4", b"no end"]
        assert await read(api, pod) == [b"line 1", b"line 2", b"line 3", b"line 4", b"no end"]
    with pytest.raises(ApiRefusal, match="previous terminated container"):
        await anext(api.logs(pod, previous=True))


async def read(api: KubernetesApi, pod: ObjectRef, since: str | None = None) -> list[bytes]:
    return lines_of([chunk async for chunk in api.logs(pod, follow=True, since=since)])


def lines_of(chunks: list[LogChunk]) -> list[bytes]:
    return [line for chunk in chunks for line in chunk.lines]


async def first_chunks(api: KubernetesApi, pod: ObjectRef, count: int) -> list[LogChunk]:
    """The first lines of a log, once the container has started and written them."""
    while True:
        chunks: list[LogChunk] = []
        try:
            async with aclosing(api.logs(pod, container="main", follow=True)) as log:
                async for chunk in log:
                    chunks.append(chunk)
                    if len(lines_of(chunks)) >= count:
                        return chunks
        except ApiRefusal:  # it has not started
            await asyncio.sleep(0.1)


def pod_of(ref: ObjectRef, command: list[str]) -> dict[str, Any]:
    container = {"name": "main", "image": "busybox:1.35", "imagePullPolicy": "IfNotPresent", "command": command}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": ref.name, "namespace": ref.namespace},
        "spec": {"containers": [container], "restartPolicy": "Never", "terminationGracePeriodSeconds": 0},
    }


async def test_a_namespace_may_be_deleted_twice(api: KubernetesApi, namespace: str) -> None:
    """One that is going already must be no error."""
    held = await api.apply(config(namespace, metadata={"finalizers": ["example.com/hold"]}))
    for _ in range(2):
        assert await api.delete(ObjectRef(NAMESPACE, namespace))
    await api.apply(config(namespace))
    assert ObjectRef.of(held).namespace == namespace


async def test_a_token_lets_in_with_the_rights_of_its_account(
    api: KubernetesApi, namespace: str, kubeconfig: dict[str, Any]
) -> None:
    """A kubeconfig with a token must be that account's: what it may not do must be refused."""
    token = await api.create_token(ObjectRef(ACCOUNT, "default", namespace), seconds=3600)
    scoped = await connect(with_token(kubeconfig, token.text, namespace=namespace))
    try:
        assert (await scoped.version()).startswith("v1.")
        with pytest.raises(ApiRefusal, match=f"system:serviceaccount:{namespace}:default") as caught:
            await scoped.list(CONFIG, namespace=namespace)
        assert caught.value.reason == "Forbidden"
    finally:
        await scoped.close()


async def test_a_certificate_of_another_is_not_trusted(kubeconfig: dict[str, Any], tmp_path: Path) -> None:
    """An API server that shows a certificate of another authority, or for another name, must not be talked to."""
    server = kubeconfig["clusters"][0]["cluster"]["server"]
    foreign = point_at(kubeconfig, server)
    del foreign["clusters"][0]["cluster"]["certificate-authority-data"]  # so only those that the system trusts
    renamed = point_at(kubeconfig, server)
    renamed["clusters"][0]["cluster"]["tls-server-name"] = "elsewhere.example.com"
    for untrusted in (foreign, renamed):
        api = await connect(untrusted)
        with pytest.raises(EngineUnavailable, match="its certificate is not trusted"):
            await api.version()
        await api.close()


async def test_what_the_api_server_refuses_is_told_in_its_words(api: KubernetesApi, namespace: str) -> None:
    """A field that no object has must be named; so must what is wrong with a value."""
    with pytest.raises(ApiRefusal, match=r"\.dta: field not declared in schema"):
        await api.apply(config(namespace, dta={"a": "1"}))
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"ports": [{"port": 70000}]},
    }
    with pytest.raises(ApiRefusal, match="must be between 1 and 65535") as caught:
        await api.apply(service)
    assert caught.value.reason == "Invalid"
    assert await api.get(ObjectRef(ObjectKind("v1", "Service"), "web", namespace)) is None
