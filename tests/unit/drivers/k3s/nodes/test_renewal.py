"""What nodes that go on from run to run are told of this machine."""

from __future__ import annotations

import asyncio

import pytest

from fairlead.drivers.containers.files import FileContent, first_file
from fairlead.drivers.k3s.nodes.renewal import delete_dns_pods, external_servers, renew_files
from fairlead.drivers.k3s.nodes.workarounds import CA_BUNDLE, RESOLV_CONF
from fairlead.engines.containers import ContainerSpec
from fairlead.engines.kube import Object, ObjectKind, ObjectRef
from fairlead.testing import FakeEngine, FakeKubernetesApi
from fairlead.testing.fakes.fake_container import Process

POD = ObjectKind("v1", "Pod")
HOME = FileContent(RESOLV_CONF, b"nameserver 10.0.0.2\n", 0o644)
OFFICE = FileContent(RESOLV_CONF, b"nameserver 10.1.0.2\n", 0o644)
TRUSTED = FileContent(CA_BUNDLE, b"certificates", 0o644)


async def lasts(process: Process) -> None:
    await asyncio.Event().wait()


async def node_of(engine: FakeEngine) -> str:
    engine.add_image("k3s:1", lasts)
    return await engine.create(ContainerSpec(name="node", image="k3s:1"))


async def test_name_servers_of_another_network() -> None:
    """A node must get the name servers that this machine has now, and tell whether they are others."""
    engine = FakeEngine()
    node = await node_of(engine)
    assert await renew_files(engine, node, [HOME]), "it had none"
    assert not await renew_files(engine, node, [HOME])
    assert await renew_files(engine, node, [OFFICE, TRUSTED])
    assert first_file(await engine.get_archive(node, RESOLV_CONF)) == OFFICE.data
    assert first_file(await engine.get_archive(node, CA_BUNDLE)) == TRUSTED.data


async def test_a_machine_without_name_servers_of_use() -> None:
    """What a node was told must stay where there is nothing better, and nothing be asked of the engine."""
    engine = FakeEngine()
    node = await node_of(engine)
    await renew_files(engine, node, [HOME])
    engine.called.clear()
    assert not await renew_files(engine, node, [])
    assert engine.called == []
    assert not await renew_files(engine, node, [TRUSTED]), "these are no name servers"


def pod(name: str, node: str, app: str = "kube-dns", namespace: str = "kube-system") -> Object:
    metadata = {"name": name, "namespace": namespace, "labels": {"k8s-app": app}}
    spec = {"nodeName": node, "containers": [{"name": "a", "image": "b"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


async def test_coredns_is_started_again_where_it_has_to_be() -> None:
    """Only the pods of CoreDNS on the node concerned may go."""
    api = FakeKubernetesApi()
    for obj in (pod("dns-a", "k8s"), pod("dns-b", "k8s-agent-0"), pod("web", "k8s", "web")):
        await api.apply(obj)
    assert await delete_dns_pods(api, "k8s") == 1
    assert await api.get(ObjectRef(POD, "dns-a", "kube-system")) is None
    assert await api.get(ObjectRef(POD, "dns-b", "kube-system")) is not None
    assert await api.get(ObjectRef(POD, "web", "kube-system")) is not None
    assert await delete_dns_pods(api, "other") == 0


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("nameserver 127.0.0.11\n# ExtServers: [host(192.168.65.7)]\n# Overrides: []\n", ("192.168.65.7",)),
        ("# ExtServers: [10.0.0.1 host(10.0.0.2) host(fd00::2)]", ("10.0.0.1", "10.0.0.2", "fd00::2")),
        ("# ExtServers: [host(127.0.0.53)]", ()),
        ("# ExtServers: [invalid IP invalid IP]", ()),
        ("# NO EXTERNAL NAMESERVERS DEFINED", ()),
        ("nameserver 127.0.0.11\noptions ndots:0\n", ()),  # before Docker 25
        ("", ()),
    ],
)
def test_what_docker_notes_of_its_name_servers(text: str, servers: tuple[str, ...]) -> None:
    """The servers behind Docker's own must be read where it notes them, without those that pods can't ask."""
    assert external_servers(text) == servers
