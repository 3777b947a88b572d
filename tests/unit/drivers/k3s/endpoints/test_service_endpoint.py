"""A service endpoint must follow its Service and its pods, say why it is not ready, and leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from tests.support.stage import PATIENCE
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, ContainerPort, DriverContext, Network, ResourceFailed, State, StopReason
from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.containers.network import network_of
from fairlead.drivers.k3s.endpoints import node_port_keeper
from fairlead.drivers.k3s.endpoints.prune_endpoints import prune_service_endpoints
from fairlead.drivers.k3s.link import ClusterLink, ClusterLinks
from fairlead.drivers.k3s.nodes import published_ports
from fairlead.drivers.k3s.nodes.published_ports import published_label, unpublished
from fairlead.engines.containers import ContainerInfo, NetworkInfo
from fairlead.engines.kube import ApiRefusal, ObjectKind, ObjectRef
from fairlead.model.driving.driver import Kept
from fairlead.resources.k3s.server import DEFAULT_IMAGE, K3sServer
from fairlead.resources.k3s.service_endpoint import ServiceEndpoint
from fairlead.testing import FakeEngine, FakeKubernetesApi, InMemory, Running
from fairlead.testing import testing as run
from fairlead.testing.fakes.fake_container import Process

SERVICE, SLICE = ObjectKind("v1", "Service"), ObjectKind("discovery.k8s.io/v1", "EndpointSlice")
WEB, OWN = ObjectRef(SERVICE, "web", "default"), ObjectRef(SERVICE, "fairlead-ui", "default")


class Cluster(K3sServer):
    """A cluster whose container is a program of the test, and whose API is in memory."""

    driver: ClassVar[str | None] = "tests.unit.drivers.k3s.endpoints.test_service_endpoint:FakeClusterDriver"
    api: FakeKubernetesApi


class FakeClusterDriver(ContainerDriver):
    """Makes the test's API known as the cluster's."""

    async def start(self, context: DriverContext) -> None:
        await super().start(context)
        assert isinstance(context.resource, Cluster)
        network = (await network_of(context)).name
        links = await context.shared(ClusterLinks, ClusterLinks.make)
        link = ClusterLink("k8s", context.resource.api, self.engine, {"k8s": self._id}, network, {})
        await prune_service_endpoints(context, link, context.resource.children)
        links.put(link)

    async def stop(self, reason: StopReason) -> int | Kept | None:
        return await super().stop(reason)


class RemoteEngine(FakeEngine):
    """An engine whose networks this machine is not on, so that its ports here are all there is to ask at."""

    async def ensure_network(self, name: str, labels: Mapping[str, str], *, subnet: str | None = None) -> NetworkInfo:
        """A network with a gateway that is no address of this machine."""
        network = await super().ensure_network(name, labels, subnet=subnet)
        return NetworkInfo(network.id, network.name, None, network.labels, network.subnets)


class ForgetfulEngine(RemoteEngine):
    """An engine with a container that was created before its ports were needed."""

    async def inspect(self, container: str) -> ContainerInfo | None:
        """A container that publishes nothing."""
        info = await super().inspect(container)
        return None if info is None else replace(info, ports=())


class Setting:
    """An app with a service endpoint ``ui`` of the Service ``web``, and what its cluster holds."""

    def __init__(self, app: Running, api: FakeKubernetesApi) -> None:
        self.app, self.api = app, api

    def put_service(self, name: str = "web", **spec: Any) -> None:
        ports = [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]
        self.api.put(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name, "namespace": "default"},
                "spec": {"selector": {"app": "web"}, "ports": ports, **spec},
            }
        )

    def put_slice(self, *ready: bool, service: str = "fairlead-ui") -> None:
        """What Kubernetes would make of the pods that a selector matches; it copies the Service's labels."""
        labels = {
            "app.kubernetes.io/managed-by": "fairlead",
            "dev.fairlead.app": self.app.host.run.app_id,
            "dev.fairlead.resource": "ui",
        }
        self.api.put(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {
                    "name": f"{service}-1",
                    "namespace": "default",
                    "labels": {**labels, "kubernetes.io/service-name": service},
                },
                "addressType": "IPv4",
                "endpoints": [
                    {"addresses": [f"10.0.0.{number}"], "conditions": {"ready": state}}
                    for number, state in enumerate(ready)
                ],
                "ports": [{"name": "http", "port": 8080}],
            }
        )

    def put_all(self) -> None:
        self.put_service()
        self.put_slice(True)

    async def own(self) -> dict[str, Any] | None:
        return await self.api.get(OWN)

    @property
    def health(self) -> str:
        return " ".join(report.description for report in self.app.snapshot("ui").reports)

    @property
    def node_port(self) -> int:
        return int(dict(self.app.snapshot("ui").properties)["node_port"])

    async def says(self, text: str) -> None:
        """Wait until its health says something."""
        await until(lambda: text in self.health, f"{text!r} in {self.health!r}")

    async def is_healthy(self) -> None:
        await self.app.wait_healthy("ui", timeout=PATIENCE)
        await self.says("ready endpoint")


@asynccontextmanager
async def setting(
    scheme: str = "http", port: int | str = 80, *, after_release: bool = False, published: bool = True
) -> AsyncIterator[Setting]:
    api = FakeKubernetesApi()

    def define(app: AppBuilder) -> None:
        cluster = app.add(Cluster("k8s"))
        cluster.api = api
        ui = cluster.adopt(ServiceEndpoint("ui", cluster, "web", port, scheme=scheme))
        if after_release:
            ui.wait_for_completion(app.add(InMemory("release")))
        app.add(InMemory("client")).with_reference(ui)
        app.add(InMemory("late")).with_reference(ui).wait_for(ui)

    async def node(process: Process) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(b"HTTP/1.0 404 Not Found\r\n\r\n")
            writer.close()

        for port in range(30000, 30086):
            process.listen(port, answer)
        await asyncio.get_running_loop().create_future()

    engine = RemoteEngine() if published else ForgetfulEngine()
    engine.add_image(DEFAULT_IMAGE, node)
    async with run(Apphost(define, name="shop"), engine=engine) as app:
        yield Setting(app, api)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_port_keeper, "RETRY_SECONDS", 0.05)


async def test_it_waits_for_its_service_and_is_ready_when_that_answers() -> None:
    """It must say what it waits for, one thing after the other, and be ready when the node port answers."""
    async with setting() as here:
        await here.says("there is no Service 'web' in namespace default yet; it has none")
        here.put_service()
        await here.says("no pod has the labels app=web")
        assert not here.app.snapshot("ui").ready
        here.put_slice(True, True, False)
        await here.is_healthy()
        assert here.health == "2 ready endpoints"
        here.put_slice(False, False)
        await here.says("no pod has the labels app=web")
        assert here.app.snapshot("ui").health == "Unhealthy"
        here.put_slice(True)
        await here.is_healthy()


async def test_callers_get_the_addresses_before_anything_is_there() -> None:
    """The names and addresses of the variables must be known from the start, by where the caller runs."""
    async with setting() as here:
        here.put_all()
        await here.app.wait_healthy("late", timeout=PATIENCE)
        variables = here.app.environment("client")
        url = here.app.endpoint("ui")
        assert {"services__ui__url", "services__ui__http__0", "UI_URL"} <= set(variables)
        assert variables["services__ui__url"] == url and url.startswith("http://localhost:")
        context_port = (await here.own() or {})["spec"]["ports"][0]["nodePort"]
        resource = here.app.app["ui"]
        inside = here.app.host.run.addresses.address(resource, resource.endpoint().spec, Network.CONTAINER)
        assert inside == ("k8s", context_port)
        assert [link.url for link in here.app.snapshot("ui").urls] == [url]


async def test_it_follows_its_service() -> None:
    """A changed selector or target port must be taken over, a removed Service must take ours with it, and return."""
    async with setting() as here:
        here.put_all()
        await here.is_healthy()
        ports = [{"name": "http", "port": 80, "targetPort": "other", "protocol": "TCP"}]
        here.put_service(selector={"app": "v2"}, ports=ports)
        await _until_own(here, lambda own: own["spec"]["selector"] == {"app": "v2"})
        await _until_own(here, lambda own: own["spec"]["ports"][0]["targetPort"] == "other")
        await here.api.delete(WEB)
        await here.says("there is no Service 'web'")
        assert await here.own() is None
        here.put_all()
        await here.is_healthy()


async def test_what_was_changed_or_removed_by_hand_comes_back() -> None:
    """Our Service must be as it was again when somebody changes or deletes it."""
    async with setting() as here:
        here.put_all()
        await here.is_healthy()
        await here.api.delete(OWN)
        own = await _until_own(here, lambda own: own["spec"]["selector"] == {"app": "web"})
        own["spec"]["ports"][0]["targetPort"] = 1
        here.api.put(own)
        await _until_own(here, lambda own: own["spec"]["ports"][0]["targetPort"] == 8080)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"ports": [{"port": 81, "protocol": "TCP"}]}, "has no port 80; its ports are 81"),
        ({"type": "ExternalName", "externalName": "db.example.com"}, "is an ExternalName for db.example.com"),
    ],
)
async def test_what_can_not_be_led_to(spec: dict[str, Any], text: str) -> None:
    """A Service that lacks the port, or has no pods by its nature, must be told; and mended while it runs."""
    async with setting() as here:
        here.put_all()
        await here.is_healthy()
        here.put_service(**spec)
        await here.says(text)
        assert await here.own() is None
        here.put_all()
        await here.is_healthy()


async def test_slices_of_a_service_without_a_selector_follow() -> None:
    """Endpoints that a user lists must be mirrored, follow changes, and go when the user removes them."""
    async with setting() as here:
        here.put_service(selector=None)
        await here.says("no endpoint in the EndpointSlices of Service web is ready")
        here.put_slice(True, True, service="web")
        await here.is_healthy()
        mirrored = ObjectRef(SLICE, "fairlead-ui-web-1", "default")
        assert len((await here.api.get(mirrored) or {})["endpoints"]) == 2
        await here.api.delete(ObjectRef(SLICE, "web-1", "default"))
        await here.says("no endpoint in the EndpointSlices")
        assert await here.api.get(mirrored) is None


async def test_a_refusal_is_told_until_it_is_lifted() -> None:
    """A quota that refuses our Service must be named with its remedy, and the endpoint be ready once it is raised."""
    async with setting() as here:
        here.api.refusals["apply"] = ApiRefusal('services "fairlead-ui" is forbidden: exceeded quota: small')
        here.put_all()
        await here.says("exceeded quota: small. Let the ResourceQuota of namespace default have one more")
        del here.api.refusals["apply"]
        await here.is_healthy()


async def test_a_taken_node_port_is_replaced_by_a_spare_one() -> None:
    """A node port that a chart took must be replaced, and who was told of it before must be named."""
    async with setting() as here:
        await here.app.wait_healthy("client", timeout=PATIENCE)
        await here.says("there is no Service 'web'")
        before = here.node_port
        url = here.app.endpoint("ui")
        here.put_service("theirs", ports=[{"port": 1, "nodePort": before}])
        allocated = f"spec.ports[0].nodePort: Invalid value: {before}: provided port is already allocated"
        here.api.refusals["apply"] = ApiRefusal(allocated)
        here.put_all()
        await until(lambda: here.node_port != before, "another node port")
        del here.api.refusals["apply"]
        await here.is_healthy()
        assert (await here.own() or {})["spec"]["ports"][0]["nodePort"] == here.node_port
        assert here.app.endpoint("ui") != url
        assert [link.url for link in here.app.snapshot("ui").urls] == [here.app.endpoint("ui")]
        await here.app.wait_healthy("late", timeout=PATIENCE)
        assert here.app.environment("late")["UI_URL"] == here.app.endpoint("ui")
        log = "\n".join(line.text for line in here.app.logs("ui"))
        assert f"Node port {before} is taken by Service default/theirs" in log
        assert "client started with the former address. Restart: fairlead restart client" in log


async def test_no_spare_port_is_left() -> None:
    """When every port that the node publishes is taken, that must be said with the Service that has it."""
    async with setting() as here:
        here.put_service("theirs", ports=[{"port": 1, "nodePort": port} for port in range(30000, 30086)])
        here.api.refusals["apply"] = ApiRefusal("provided port is already allocated")
        here.put_service()
        await here.says("is taken by Service default/theirs, and no spare one is left. Give that Service a node port")


async def test_it_goes_on_after_the_api_was_away() -> None:
    """While the API is away it must say so, and see afterwards what happened meanwhile."""
    async with setting() as here:
        here.put_all()
        await here.is_healthy()
        here.api.go_away()
        await here.says("the Kubernetes API does not answer")
        here.put_slice(True, True)
        here.api.come_back()
        await until(lambda: here.health == "2 ready endpoints", "both endpoints")


async def test_it_goes_on_after_its_watch_has_expired() -> None:
    """Changes that the API server has forgotten must be found by listing again."""
    async with setting() as here:
        here.put_all()
        await here.is_healthy()
        here.api.forget_changes()
        here.put_slice(True, True)
        await until(lambda: here.health == "2 ready endpoints", "both endpoints")


async def test_it_is_removed_when_it_is_stopped() -> None:
    """A stop must take our Service out of the cluster; a restart must leave it as it is."""
    async with setting() as here:
        here.put_all()
        await here.is_healthy()
        uid = (await here.own() or {})["metadata"]["uid"]
        await here.app.command("ui", "restart")
        await here.is_healthy()
        assert (await here.own() or {})["metadata"]["uid"] == uid
        await here.app.command("ui", "stop")
        assert await here.own() is None
        assert await here.api.get(WEB) is not None


async def test_a_declared_wait_is_honoured() -> None:
    """What is declared to wait for a release must touch the cluster only when that has completed."""
    async with setting(after_release=True) as here:
        here.put_all()
        release = here.app.app["release"]
        assert isinstance(release, InMemory)
        await until(lambda: "release to complete" in here.app.snapshot("ui").waiting_for, "it waits")
        await here.app.wait_healthy("k8s", timeout=PATIENCE)
        assert await here.own() is None
        release.exit(0)
        await here.is_healthy()


async def test_a_failing_release_fails_what_waits_for_it() -> None:
    """The failure must reach the endpoint and who waits for that, with its reason, and nothing be left waiting."""
    async with setting(after_release=True) as here:
        release = here.app.app["release"]
        assert isinstance(release, InMemory)
        await here.app.wait_for("release", "running", timeout=PATIENCE)
        release.exit(3)
        with pytest.raises(ResourceFailed, match="release ended with exit code 3"):
            await here.app.wait_healthy("late", timeout=PATIENCE)
        assert here.app.snapshot("ui").state is State.FAILED_TO_START
        assert "release ended with exit code 3" in here.app.snapshot("ui").reason


async def test_what_former_endpoints_left_is_removed() -> None:
    """Services of endpoints that are gone, or are in another namespace now, must go; those of others must stay."""
    async with setting() as here:
        here.put_all()
        await here.is_healthy()
        own = await here.own() or {}
        here.api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
        labels, notes = own["metadata"]["labels"], own["metadata"]["annotations"]

        def put(name: str, namespace: str = "default", **metadata: Any) -> None:
            here.api.put({**own, "metadata": {"name": name, "namespace": namespace, **metadata}})

        put("fairlead-old", labels={**labels, "dev.fairlead.resource": "old"}, annotations=notes)
        put("fairlead-ui", "other", labels=labels, annotations=notes)
        put("of-a-manifest", labels={**labels, "dev.fairlead.resource": "objects"})
        put("of-another-app", labels={**labels, "dev.fairlead.app": "else"}, annotations=notes)
        await here.app.command("k8s", "restart")
        await here.is_healthy()
        services = (await here.api.list(SERVICE)).items
        assert [each["metadata"]["name"] for each in services] == [
            "fairlead-ui",
            "of-a-manifest",
            "of-another-app",
            "web",
        ]


async def test_a_port_that_the_node_does_not_publish() -> None:
    """An endpoint without a published port must fail with what to do, and the rest of the app go on."""
    async with setting(published=False) as here:
        await until(lambda: here.app.snapshot("ui").state is State.FAILED_TO_START, "it fails")
        reason = here.app.snapshot("ui").reason
        assert "is not published by the container of k8s" in reason and "fairlead restart k8s" in reason
        assert here.app.snapshot("k8s").health == "Healthy"


@pytest.mark.parametrize(
    ("label", "lacking"),
    [
        ('[[30010, 20000, "tcp", false]]', ["b"]),
        ("[]", ["a", "b"]),
        ("nonsense", ["a", "b"]),
        (None, ["a", "b"]),
    ],
)
def test_a_label_tells_what_a_container_publishes(label: str | None, lacking: list[str]) -> None:
    """The resources whose ports are not published must be told; a spare port that is not published is no reason."""
    ports = [
        ContainerPort("a", "http", 30010, 20000),
        ContainerPort("b", "http", 30010, 20000, external=True),
        ContainerPort("k8s", "spare", 30012, 20002),
    ]
    labels = {} if label is None else {published_ports.LABEL: label}
    assert unpublished(labels, ports, "k8s") == lacking
    assert unpublished(published_label(ports), ports, "k8s") == []


async def test_udp_needs_a_ready_endpoint_alone() -> None:
    """Over UDP there is nothing to ask, so a ready endpoint is enough; the Service's transport must be the same."""
    async with setting("udp", 53) as here:
        here.put_service(ports=[{"name": "http", "port": 53, "protocol": "UDP"}])
        here.put_slice(True)
        await here.is_healthy()
        port = (await here.own() or {})["spec"]["ports"][0]
        assert (port["protocol"], port["nodePort"]) == ("UDP", here.node_port)


async def _until_own(here: Setting, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until our Service is there and looks like something."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not ((own := await here.own()) and condition(own)):
        assert asyncio.get_running_loop().time() < deadline, own
    return own
