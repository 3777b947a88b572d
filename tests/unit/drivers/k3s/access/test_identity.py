"""Kubeconfigs with the rights of a ServiceAccount."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fairlead.drivers.k3s.access.identity import account_ref, keep_scoped_kubeconfig, renewal_time
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.engines.kube import ApiRefusal, Token
from fairlead.engines.kube.kubeconfig import credentials
from fairlead.model.endpoints.consumer import Network
from fairlead.testing import FakeEngine, FakeKubernetesApi

LIMIT = 60.0
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "operator", "namespace": "default"}}
ADMIN = {
    "clusters": [{"name": "k8s", "cluster": {"server": "https://k8s:6443"}}],
    "users": [{"name": "k8s", "user": {"token": "all rights"}}],
    "contexts": [{"name": "k8s", "context": {"cluster": "k8s", "user": "k8s"}}],
    "current-context": "k8s",
}


class Consumer:
    """What gets the kubeconfigs, and what was logged."""

    def __init__(self) -> None:
        self.kubeconfigs: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.lines: asyncio.Queue[str] = asyncio.Queue()

    async def token(self) -> str:
        """The next token that it gets."""
        async with asyncio.timeout(LIMIT):
            return credentials(await self.kubeconfigs.get()).token

    async def line(self) -> str:
        """The next line of the log."""
        async with asyncio.timeout(LIMIT):
            return await self.lines.get()


@pytest.fixture
def api() -> FakeKubernetesApi:
    return FakeKubernetesApi()


@asynccontextmanager
async def served(api: FakeKubernetesApi) -> AsyncIterator[Consumer]:
    """A consumer in a container that has the rights of ``default/operator``."""
    consumer = Consumer()
    link = ClusterLink("k8s", api, FakeEngine(), {"k8s": "0"}, "net", {Network.CONTAINER: ADMIN})
    work = keep_scoped_kubeconfig(
        link, "default/operator", Network.CONTAINER, consumer.kubeconfigs.put, consumer.lines.put_nowait
    )
    keeping = asyncio.ensure_future(work)
    yield consumer
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping


async def test_a_kubeconfig_has_the_rights_of_its_account_alone(api: FakeKubernetesApi) -> None:
    """It must have the consumer's address and the account's token, and nothing of the administrator's."""
    api.put(ACCOUNT)
    async with served(api) as consumer, asyncio.timeout(LIMIT):
        kubeconfig = await consumer.kubeconfigs.get()
    assert credentials(kubeconfig).server == "https://k8s:6443"
    assert credentials(kubeconfig).token == "token-1-of-default-operator"
    assert "all rights" not in str(kubeconfig)
    assert kubeconfig["contexts"][0]["context"]["namespace"] == "default"


async def test_an_account_that_comes_later_is_waited_for(api: FakeKubernetesApi) -> None:
    """What it waits for must be logged; the kubeconfig must come as soon as the account is there."""
    async with served(api) as consumer:
        assert "ServiceAccount default/operator is not there yet" in await consumer.line()
        api.put({**ACCOUNT, "metadata": {"name": "another", "namespace": "default"}})
        assert consumer.kubeconfigs.empty()
        api.put(ACCOUNT)
        assert await consumer.token() == "token-1-of-default-operator"


async def test_an_account_that_is_created_anew(api: FakeKubernetesApi) -> None:
    """A token ends with its account, so there must be another one for the new one."""
    api.put(ACCOUNT)
    async with served(api) as consumer:
        await consumer.token()
        await api.delete(account_ref("default/operator"))
        assert "is not there yet" in await consumer.line()
        api.put(ACCOUNT)
        assert await consumer.token() == "token-2-of-default-operator"


async def test_a_token_is_renewed_before_it_ends(api: FakeKubernetesApi) -> None:
    """Whatever the API server makes of the time that is asked for, there must be another one in time."""
    api.longest_token = 0.05
    api.put(ACCOUNT)
    async with served(api) as consumer:
        assert [await consumer.token() for _ in range(3)] == [f"token-{n}-of-default-operator" for n in (1, 2, 3)]


async def test_an_api_that_refuses_is_asked_again(api: FakeKubernetesApi) -> None:
    """The reason must be logged, once."""
    api.refusals["create_token"] = ApiRefusal("not now")
    api.put(ACCOUNT)
    async with served(api) as consumer:
        assert await consumer.line() == "No token for the ServiceAccount default/operator: not now"
        del api.refusals["create_token"]
        assert await consumer.token()
        assert consumer.lines.empty()


def test_a_token_is_renewed_after_four_fifths_of_its_time() -> None:
    """There must be time left for an API that is away for a while."""
    assert renewal_time(Token("t", 2000.0), 1000.0) == 1800.0
