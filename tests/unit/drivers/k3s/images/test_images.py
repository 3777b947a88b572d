"""Bringing images of the engine into nodes, with a fake engine and a fake containerd."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from tests.support.fake_containerd import full_node, node
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, DriverContext, State
from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.containers.network import network_of
from fairlead.drivers.k3s.images.images import keep_images, load_images
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.engines.containers import BuildRequest
from fairlead.engines.kube import Object
from fairlead.errors import ResourceFailed
from fairlead.resources.k3s import K3sAgent, K3sCluster
from fairlead.testing import FakeEngine, FakeKubernetesApi, Running, testing
from fairlead.testing.fakes.fake_container import Process

K3S = "rancher/k3s:v1.36.0-k3s1"


class ImagesDriver(ContainerDriver):
    """Runs the container of a cluster's server, and loads images."""

    api: ClassVar[FakeKubernetesApi]

    async def start(self, context: DriverContext) -> None:
        """Start the container, and load images beside it."""
        await super().start(context)
        context.spawn(self._images(), "images")

    async def _images(self) -> None:
        replaced = await load_images(self.context, self.engine)
        self.context.report(images="loaded")
        network = await network_of(self.context)
        link = ClusterLink("k8s", self.api, self.engine, {"k8s": self._id}, network.name, {})
        await keep_images(self.context, link, replaced)


class ImagesCluster(K3sCluster):
    """A cluster of which there is the containerd of its nodes."""

    driver = f"{__name__}:ImagesDriver"


@pytest.fixture(name="api", autouse=True)
def _api(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetesApi:
    api = FakeKubernetesApi()
    monkeypatch.setattr(ImagesDriver, "api", api, raising=False)
    # the engine of the fake cluster takes no options that only nodes need
    monkeypatch.setattr(K3sAgent, "driver", "fairlead.drivers.container:ContainerDriver")
    return api


@pytest.fixture(name="engine")
def _engine() -> FakeEngine:
    engine = FakeEngine()
    engine.add_image(K3S, node)
    return engine


async def lasts(process: Process) -> None:
    process.traps_term = True
    await process.term.wait()


def lines(app: Running, start: str) -> list[str]:
    """The lines of the cluster's log that begin so, without sizes and times."""
    texts = [line.text for line in app.logs("k8s") if line.text.startswith(start)]
    return [text.partition(": ")[0] if start == "Loaded" else text for text in texts]


async def until_loaded(app: Running) -> None:
    await until(lambda: ("images", "loaded") in app.snapshot("k8s").properties, "images are loaded")


async def test_images_go_into_every_node_once(engine: FakeEngine, tmp_path: Path) -> None:
    """All images must travel in one archive, into the server and the agents, and not again while they are the same."""

    def define(app: AppBuilder) -> None:
        k8s = app.add(ImagesCluster("k8s", agent_count=1))
        k8s.load_image("redis:7").load_image("busybox:1").load_image("redis:7")

    for image in ("redis:7", "busybox:1"):
        engine.add_image(image, lasts)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await until_loaded(app)
        assert lines(app, "Loaded") == ["Loaded redis:7, busybox:1 into k8s, k8s-agent-0"]
        await app.command("k8s-agent-0", "stop")
        await app.command("k8s-agent-0", "start")  # a container of its own, without images
        await until(lambda: len(lines(app, "Loaded")) == 2, "the new container has them")
        assert lines(app, "Loaded")[1] == "Loaded redis:7, busybox:1 into k8s-agent-0"
    assert engine.called.count("save_images") == 2


async def test_a_node_gets_what_it_lacks(engine: FakeEngine, tmp_path: Path) -> None:
    """What a node has must not be sent to it again; what has changed in the engine must be."""
    engine.add_image("redis:7", lasts)
    engine.add_image("busybox:1", lasts)

    def define(app: AppBuilder) -> None:
        app.add(ImagesCluster("k8s", agent_count=1)).load_image("redis:7").load_image("busybox:1")

    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await until_loaded(app)
        engine.add_image("busybox:1", lasts)
        await app.command("k8s-agent-0", "stop")
        await until(lambda: len(lines(app, "Loaded")) == 2, "the server has the new one")
        await app.command("k8s-agent-0", "start")
        await until(lambda: len(lines(app, "Loaded")) == 3, "the agent has both")
        assert lines(app, "Loaded")[1:] == [
            "Loaded busybox:1 into k8s",
            "Loaded redis:7, busybox:1 into k8s-agent-0",
        ]


async def test_what_the_app_builds_is_built_for_it(engine: FakeEngine, api: FakeKubernetesApi, tmp_path: Path) -> None:
    """An image must be built though its container is not started, be called after it, and follow each new build."""
    (tmp_path / "Dockerfile").write_text("FROM base:1\n")
    engine.add_image("base:1", lasts)

    def define(app: AppBuilder) -> None:
        tool = app.add_dockerfile("Own_Tool", ".").with_explicit_start()
        app.add(ImagesCluster("k8s")).load_image(tool)

    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await until_loaded(app)
        assert lines(app, "Loaded") == ["Loaded own-tool:dev into k8s"]
        assert app.snapshot("Own_Tool").state is State.NOT_STARTED
        api.put(running_pod("web-1-a", "own-tool:dev", "sha256:of-the-first"))

        engine.add_image("base:1", lasts)
        await app.command("Own_Tool", "start")
        await until(lambda: bool(lines(app, "deployment")), "the log names what runs the former one")
        assert lines(app, "deployment") == [
            "deployment default/web still runs an earlier own-tool:dev; "
            "to replace it: kubectl rollout restart deployment/web --namespace default"
        ]
        assert lines(app, "Loaded") == ["Loaded own-tool:dev into k8s"] * 2


class BusyEngine(FakeEngine):
    """An engine that notes how many builds it was given at once."""

    most_builds = 0

    def __init__(self) -> None:
        super().__init__()
        self._builds = 0

    async def build(self, request: BuildRequest, on_output: Callable[[list[bytes]], None]) -> None:
        """Build an image, and take a while."""
        self._builds += 1
        self.most_builds = max(self.most_builds, self._builds)
        await asyncio.sleep(0.05)
        await super().build(request, on_output)
        self._builds -= 1


async def test_an_image_is_built_once_at_a_time(tmp_path: Path) -> None:
    """Where a container is started and its image loaded at once, the second build must find the first one's work."""
    (tmp_path / "Dockerfile").write_text("FROM base:1\n")

    def define(app: AppBuilder) -> None:
        app.add(ImagesCluster("k8s")).load_image(app.add_dockerfile("api", "."))

    engine = BusyEngine()
    engine.add_image(K3S, node)
    engine.add_image("base:1", lasts)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await until_loaded(app)
        await app.wait_for("api", "running")
    assert engine.called.count("build") == 2
    assert engine.most_builds == 1


async def test_an_image_that_programs_share(tmp_path: Path) -> None:
    """A cluster must load a shared image, or that of a container that runs it, once it is built, under one name."""
    (tmp_path / "Dockerfile").write_text("FROM base:1\n")

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", ".")
        api = app.add_container("api", image, args=["api"])
        app.add(ImagesCluster("k8s")).load_image(image).load_image(api)

    engine = BusyEngine()
    engine.add_image(K3S, node)
    engine.add_image("base:1", lasts)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await until_loaded(app)
        loaded = [line.text for line in app.logs("k8s") if line.text.startswith("Loaded backend:dev ")]
    assert len(loaded) == 1
    assert engine.called.count("build") == 1


async def test_what_a_build_is_given(engine: FakeEngine, tmp_path: Path) -> None:
    """Parameters that a build needs must be there also where the cluster alone is selected."""
    (tmp_path / "Dockerfile").write_text("FROM base:1\nRUN show\n")

    async def shows(process: Process) -> None:
        process.print(f"edition {process.env.get('EDITION')}")

    def define(app: AppBuilder) -> None:
        edition = app.add_parameter("edition")
        tool = app.add_dockerfile("tool", ".", build_args={"EDITION": edition})
        app.add(ImagesCluster("k8s")).load_image(tool)

    engine.add_image("base:1", shows)
    apphost = Apphost(define, "boat", tmp_path / "apphost.py")
    async with testing(apphost, engine=engine, select=["k8s"], parameters={"edition": "second"}) as app:
        await until_loaded(app)
        assert lines(app, "edition") == ["edition second"]


def running_pod(name: str, image: str, image_id: str) -> Object:
    """A pod of the Deployment web."""
    owner = {"kind": "ReplicaSet", "name": "web-1", "controller": True, "uid": "1", "apiVersion": "apps/v1"}
    metadata = {"name": name, "namespace": "default", "labels": {"pod-template-hash": "1"}, "ownerReferences": [owner]}
    status = {
        "phase": "Running",
        "containerStatuses": [{"name": "main", "state": {"running": {}}, "imageID": image_id}],
    }
    spec = {"containers": [{"name": "main", "image": image}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


async def test_an_image_that_is_not_there_is_pulled(engine: FakeEngine, tmp_path: Path) -> None:
    """What the engine lacks must be pulled as a container's image is."""
    engine.add_image("redis:7", lasts, is_there=False)

    def define(app: AppBuilder) -> None:
        app.add(ImagesCluster("k8s")).load_image("redis:7")

    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await until_loaded(app)
        assert lines(app, "pulling redis:7") == ["pulling redis:7"]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (
            "api:dev",
            r"the image 'api:dev' can't be pulled: the registry docker.io has no such image or tag "
            r"\(load_image\(\) in .*test_images.py:\d+\)\. Build it: docker build --tag api:dev FOLDER\.",
        ),
        ("Api:dev", r"load_image\(\) can't load 'Api:dev' .*the repository in lower case"),
        (f"api@sha256:{'0' * 64}", r"load_image\(\) can't load 'api@sha256:.*Give it a name with a tag"),
    ],
)
async def test_an_image_that_cannot_be_had(engine: FakeEngine, image: str, expected: str, tmp_path: Path) -> None:
    """The cluster must fail with the image, the line that asks for it, and what to do."""

    def define(app: AppBuilder) -> None:
        app.add(ImagesCluster("k8s")).load_image(image)

    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        with pytest.raises(ResourceFailed, match=expected):
            await app.wait_for("k8s", "completed")


async def test_a_node_that_takes_no_image(engine: FakeEngine, tmp_path: Path) -> None:
    """The cluster must fail with the node, what ctr said, and what to do."""

    def define(app: AppBuilder) -> None:
        app.add(ImagesCluster("k8s")).load_image("redis:7")

    engine.add_image(K3S, full_node)
    engine.add_image("redis:7", lasts)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        text = r"into the node k8s: write /x: no space left on device\. Make room on the disk of docker"
        with pytest.raises(ResourceFailed, match=text):
            await app.wait_for("k8s", "completed")


async def test_a_stop_in_the_middle(engine: FakeEngine, tmp_path: Path) -> None:
    """A cluster that is stopped while images go in must stop at once, and have them after the next start."""

    def define(app: AppBuilder) -> None:
        app.add(ImagesCluster("k8s")).load_image("redis:7")

    engine.add_image("redis:7", lasts)
    engine.delays["save_images"] = 1000
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await until(lambda: "save_images" in engine.called, "they are on their way")
        await app.command("k8s", "stop")
        engine.delays.clear()
        await app.command("k8s", "start")
        await until_loaded(app)


class LateEngine(FakeEngine):
    """An engine that tells of the end of a container only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.may_tell = asyncio.Event()

    async def wait(self, container: str) -> int:
        """Wait until a container has ended, and then until this may be told."""
        code = await super().wait(container)
        await self.may_tell.wait()
        return code


async def test_a_node_that_ends_meanwhile(tmp_path: Path) -> None:
    """Where the server ends while images go in, that must be the reason, and not that they can't go in any more."""

    def define(app: AppBuilder) -> None:
        app.add(ImagesCluster("k8s")).load_image("redis:7")

    engine = LateEngine()
    engine.add_image(K3S, node)
    engine.add_image("redis:7", lasts)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await until(lambda: "exec" in engine.called, "the node is looked at")
        engine.delays["open_command"] = 0.2
        await until(lambda: "save_images" in engine.called, "images are on their way")
        await engine.kill(f"{app.host.run.app_id}-k8s")
        await until_loaded(app)
        engine.may_tell.set()
        with pytest.raises(ResourceFailed, match="k8s ended with exit code 137"):
            await app.wait_for("k8s", "completed")
