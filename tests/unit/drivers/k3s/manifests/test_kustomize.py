"""How a Kustomization is built in a container, on an engine in memory whose kubectl the test writes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.support.fake_cluster import FakeCluster
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, FairleadError
from fairlead.engines.kube import ObjectKind, ObjectRef
from fairlead.testing import FakeEngine, FakeKubernetesApi, Running, testing
from fairlead.testing.fakes.fake_container import FakeFile, Process, Program

KUBECTL = "alpine/kubectl:1.36.0"
OUTPUT = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"


async def builds(process: Process) -> None:
    """Write an object to where it was asked to, and a warning."""
    [path] = [argument.partition("=")[2] for argument in process.args if argument.startswith("--output=")]
    process.files[path] = FakeFile(OUTPUT)
    process.print("# Warning: 'bases' is deprecated.", "stderr")


async def fails(process: Process) -> int:
    process.print("error: accumulating resources: '/fairlead-kustomize/sources/x' is not there", "stderr")
    return 1


async def hangs(process: Process) -> None:
    await asyncio.Event().wait()


def engine(program: Program, *, is_there: bool = True) -> FakeEngine:
    engine = FakeEngine()
    if is_there:
        engine.add_image(KUBECTL, program)
    return engine


def boat(folder: Path, engine: FakeEngine, api: FakeKubernetesApi, kustomization: str = "") -> testing:
    (folder / "k8s").mkdir()
    (folder / "k8s/kustomization.yaml").write_text(kustomization)

    def define(app: AppBuilder) -> None:
        app.add(FakeCluster("k8s", api)).add_k8s_manifest("objects", "k8s")

    return testing(Apphost(define, name="boat", file=folder / "apphost.py"), engine=engine)


async def failure(app: Running) -> str:
    with pytest.raises(FairleadError) as caught:
        await app.wait_for("objects", "completed")
    return str(caught.value)


async def test_what_kustomize_writes_is_applied(tmp_path: Path) -> None:
    """The objects must be applied, warnings be in the log, and the container be gone."""
    api, docker = FakeKubernetesApi(), engine(builds)
    async with boat(tmp_path, docker, api) as app:
        await app.wait_for("objects", "completed")
        assert "# Warning: 'bases' is deprecated." in [line.text for line in app.logs("objects")]
        assert await docker.containers({}) == []

    assert await api.get(ObjectRef(ObjectKind("v1", "ConfigMap"), "web", "default")) is not None


async def test_a_failure_names_the_paths_of_this_machine(tmp_path: Path) -> None:
    """The reason must be Kustomize's, without the container's paths in it, and nothing be left."""
    docker = engine(fails)
    async with boat(tmp_path, docker, FakeKubernetesApi()) as app:
        reason = await failure(app)
        assert await docker.containers({}) == []

    assert f"Kustomize fails for k8s: accumulating resources: '{tmp_path}/k8s/x' is not there" in reason


async def test_a_remote_base_is_told_to_need_the_network(tmp_path: Path) -> None:
    """What is fetched must be said beforehand, and how to do without when it fails."""
    remote = "https://example.com/install.yaml"
    async with boat(tmp_path, engine(fails), FakeKubernetesApi(), f"resources: ['{remote}']") as app:
        reason = await failure(app)
        assert f"Kustomize fetches {remote}, which needs the network" in [line.text for line in app.logs("objects")]

    assert f"It refers to {remote}" in reason
    assert "download it beside the Kustomization and refer to it by a relative path" in reason


async def test_the_image_must_be_there(tmp_path: Path) -> None:
    """An image that can't be had must be named."""
    async with boat(tmp_path, engine(builds, is_there=False), FakeKubernetesApi()) as app:
        assert KUBECTL in await failure(app)


async def test_the_image_is_that_of_the_cluster_whatever_the_order(tmp_path: Path) -> None:
    """An option of the cluster must hold for a manifest that was declared before it."""
    (tmp_path / "kustomization.yaml").touch()
    docker = FakeEngine()
    docker.add_image("registry.example/kubectl:2", builds)

    def define(app: AppBuilder) -> None:
        cluster = app.add(FakeCluster("k8s", FakeKubernetesApi()))
        cluster.add_k8s_manifest("objects", ".")
        cluster.with_kubectl_image("2", "kubectl", "registry.example")

    async with testing(Apphost(define, name="boat", file=tmp_path / "apphost.py"), engine=docker) as app:
        await app.wait_for("objects", "completed")


@pytest.mark.parametrize("operation", ["create", "put_archive", "start", "wait"])
async def test_a_stop_leaves_no_container(tmp_path: Path, operation: str) -> None:
    """However far it has come when the manifest is stopped, nothing may be left in the engine."""
    docker = engine(hangs)
    docker.delays[operation] = 0.05
    async with boat(tmp_path, docker, FakeKubernetesApi()) as app:
        await until(lambda: operation in docker.called, f"{operation} is under way")
        await app.command("objects", "stop")
        assert await docker.containers({}) == []
