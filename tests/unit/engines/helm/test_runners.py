"""Where Helm runs: in a container of the fake engine, and as a process in whose place the test puts a script."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.helm import write_chart
from tests.support.waiting import until

from fairlead.engines.helm import Chart, HelmError, ReleaseSpec
from fairlead.engines.helm.container import HOME, open_container_helm
from fairlead.engines.helm.host import open_host_helm
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.testing import FakeEngine
from fairlead.testing.fakes.fake_container import Process

IMAGE = "alpine/helm:1"


class HelmImage:
    """An image whose Helm does what the test says; it notes the command lines and the files that it finds."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.engine.add_image(IMAGE, self.program)
        self.calls: list[tuple[str, ...]] = []
        self.files: dict[str, bytes] = {}
        self.modes: dict[str, int] = {}
        self.environment: dict[str, str] = {}
        self.interrupted = asyncio.Event()
        self.helm: Callable[[Process], int] = lambda process: 0
        self.hangs = False

    async def program(self, process: Process) -> int:
        if process.args[0] == "sleep":
            self.environment = dict(process.env)
            await asyncio.Event().wait()
        if "kill -INT" in process.args[2]:
            self.interrupted.set()
            return 0
        assert process.args[0] == "sh"
        assert process.args[5] == "helm"
        self.calls.append(process.args[6:])
        self.files = {path: file.content for path, file in process.files.items()}
        self.modes = {path: file.mode for path, file in process.files.items()}
        if self.hangs:
            await self.interrupted.wait()
            process.print("Release web has been cancelled.")
            return 1
        return self.helm(process)


@pytest.fixture(name="image")
def _image() -> HelmImage:
    return HelmImage()


def spec(chart: Path) -> ReleaseSpec:
    return ReleaseSpec(name="web", namespace="shop", chart=Chart(str(chart)), values={"word": "s3cret", "text": "1e3"})


async def test_files_are_copied_into_the_container(image: HelmImage, tmp_path: Path) -> None:
    """Values, kubeconfig and chart must be files in the container, the secret ones nobody else's, no arguments."""
    chart = write_chart(tmp_path)
    options = {"environment": {"HTTPS_PROXY": "http://proxy"}, "files": {"config/registry/config.json": b"{}"}}
    async with open_container_helm(image.engine, name="boat-helm", image=IMAGE, kubeconfig=b"k", **options) as helm:  # type: ignore[arg-type]
        await helm.install(spec(chart), lambda lines: None)
        await helm.upgrade(spec(chart), lambda lines: None)
    (install, upgrade) = image.calls
    path, values = install[2], install[install.index("--values") + 1]
    assert upgrade[2] == path, "the chart is copied once"
    assert json.loads(image.files[values]) == {"word": "s3cret", "text": "1e3"}
    assert image.files[f"{HOME}/kubeconfig"] == b"k"
    assert image.modes[values] == image.modes[f"{HOME}/kubeconfig"] == 0o600
    assert f"{path}/templates/0.yaml" in image.files
    assert image.files[f"{HOME}/config/registry/config.json"] == b"{}"
    assert image.environment["HTTPS_PROXY"] == "http://proxy"
    assert image.environment["KUBECONFIG"] == f"{HOME}/kubeconfig"
    assert "s3cret" not in repr(image.calls)
    assert await image.engine.containers({}) == []


async def test_helms_words_come_as_lines_and_as_the_error(image: HelmImage, tmp_path: Path) -> None:
    """What Helm writes must be handed over as it comes, and an exit code other than 0 be an error in its words."""

    def fails(process: Process) -> int:
        process.print("warming up")
        process.print("Error: INSTALLATION FAILED: no", "stderr")
        return 1

    image.helm = fails
    lines: list[bytes] = []
    async with open_container_helm(image.engine, name="h", image=IMAGE, kubeconfig=b"") as helm:
        with pytest.raises(HelmError, match=r"^INSTALLATION FAILED: no$"):
            await helm.install(spec(write_chart(tmp_path)), lines.extend)
    assert lines == [b"warming up", b"Error: INSTALLATION FAILED: no"]


async def test_an_operation_that_is_cancelled_is_interrupted(image: HelmImage, tmp_path: Path) -> None:
    """A cancelled operation must be interrupted, have ended before the container goes, and have said its last words."""
    image.hangs = True
    lines: list[bytes] = []

    async def install() -> None:
        async with open_container_helm(image.engine, name="h", image=IMAGE, kubeconfig=b"") as helm:
            await helm.install(spec(write_chart(tmp_path)), lines.extend)

    installing = asyncio.ensure_future(install())
    await until(lambda: image.calls, "Helm runs")
    installing.cancel()
    await asyncio.wait([installing])
    assert installing.cancelled()
    assert lines == [b"Release web has been cancelled."]
    assert await image.engine.containers({}) == []


async def test_an_image_that_has_no_sleep(image: HelmImage) -> None:
    """An image that can't be used must be named, and no container be left."""
    image.engine.refusals["start"] = EngineError("exec: sleep: not found")
    with pytest.raises(EngineError, match=f"the image {IMAGE} can't be used for Helm: exec: sleep"):
        async with open_container_helm(image.engine, name="h", image=IMAGE, kubeconfig=b""):
            raise AssertionError("unreachable")
    assert await image.engine.containers({}) == []


# The Helm of this machine

SCRIPT = """#!/bin/sh
echo "$@" > {folder}/arguments
env > {folder}/environment
ls -l "$KUBECONFIG" > {folder}/mode
{rest}
"""


def script(folder: Path, rest: str = "") -> Path:
    path = folder / "helm"
    path.write_text(SCRIPT.format(folder=folder, rest=rest))
    path.chmod(0o755)
    return path


async def test_helm_of_this_machine_is_led_to_the_cluster_alone(tmp_path: Path) -> None:
    """It must find the kubeconfig in a private file, and no variable of the user's that leads elsewhere."""
    program = script(tmp_path, "echo '[]'")
    environment = {
        **os.environ,
        "HELM_KUBEAPISERVER": "x",
        "HELM_DRIVER": "sql",
        "HELM_PLUGINS": "/p",
        "KUBECONFIG": "/x",
    }
    async with open_host_helm(kubeconfig=b"k", environment=environment, program=str(program)) as helm:
        assert await helm.history("web", "shop") == []
        seen = (tmp_path / "environment").read_text().splitlines()
    assert {"HELM_DRIVER=secret", "HELM_PLUGINS=/p"} <= set(seen)
    assert not [line for line in seen if line.startswith(("HELM_KUBE", "KUBECONFIG=/x"))]
    assert (tmp_path / "mode").read_text().startswith("-rw-------")
    (kubeconfig,) = [line.partition("=")[2] for line in seen if line.startswith("KUBECONFIG=")]
    assert not Path(kubeconfig).exists(), "it is gone with the block"


async def test_helm_of_this_machine_is_interrupted(tmp_path: Path) -> None:
    """A cancelled operation must be interrupted as by Ctrl+C, and have ended when it returns."""
    program = script(
        tmp_path, f"sleep 100 & trap 'echo interrupted; kill $!; exit 1' INT; echo > {tmp_path}/begun; wait"
    )
    lines: list[bytes] = []
    async with open_host_helm(kubeconfig=b"", environment=os.environ, program=str(program)) as helm:
        installing = asyncio.ensure_future(helm.install(spec(write_chart(tmp_path)), lines.extend))
        await until((tmp_path / "begun").exists, "Helm runs")
        installing.cancel()
        await asyncio.wait([installing])
    assert installing.cancelled()
    assert lines == [b"interrupted"]


async def test_a_machine_without_helm(tmp_path: Path) -> None:
    """The error must say that Helm is missing, and that a container does as well."""
    async with open_host_helm(kubeconfig=b"", environment={"PATH": str(tmp_path)}) as helm:
        with pytest.raises(EngineUnavailable, match="Helm of this machine can't be run") as caught:
            await helm.history("web", "shop")
    assert "with_helm_runner" in str(caught.value)
