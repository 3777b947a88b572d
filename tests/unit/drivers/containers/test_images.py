"""Which image a container gets, where one name stands for several."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from fairlead import AppBuilder, Apphost, ref
from fairlead.engines.containers import ImageInfo
from fairlead.errors import ResourceFailed
from fairlead.testing import FakeEngine, testing
from fairlead.testing.fakes.fake_container import Process


async def lasts(process: Process) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("platform", "info", "expected"),
    [
        ("linux/amd64", ImageInfo(id="1", os="linux", architecture="amd64"), True),
        ("linux/arm64", ImageInfo(id="1", os="linux", architecture="amd64"), False),
        ("linux/arm64", ImageInfo(id="1", os="linux", architecture="arm64", variant="v8"), True),
        ("linux/arm64/v8", ImageInfo(id="1", os="linux", architecture="arm64"), True),
        ("linux/arm/v7", ImageInfo(id="1", os="linux", architecture="arm", variant="v6"), False),
        ("linux/amd64", ImageInfo(id="1", os="windows", architecture="amd64"), False),
        ("linux/amd64", ImageInfo(id="1"), False),
    ],
)
def test_what_an_image_is_for(platform: str, info: ImageInfo, expected: bool) -> None:
    """An image must be for a platform when nothing that both of them say differs, and it says what it is for."""
    assert info.is_for(platform) is expected


async def test_an_image_for_something_else_is_no_image(tmp_path: Path) -> None:
    """A container that asks for a platform must get that image: pulled if need be, and with that platform created."""

    def define(app: AppBuilder) -> None:
        app.add_container("pulled", "two:1", platform="linux/amd64")
        app.add_container("there", "arm:1").with_platform("linux/arm64")

    engine = FakeEngine()
    engine.add_image("two:1", lasts, architecture="arm64")
    engine.add_image("two:1", lasts, is_there=False)
    engine.add_image("arm:1", lasts, architecture="arm64")
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await app.wait_for("pulled", "running")
        await app.wait_for("there", "running")
        assert "pulling two:1 for linux/amd64" in [line.text for line in app.logs("pulled")]
        assert engine.called.count("pull") == 1
        created = [engine.container(f"{app.host.run.app_id}-{name}").spec.platform for name in ("pulled", "there")]
        assert created == ["linux/amd64", "linux/arm64"]


async def test_a_build_has_its_secrets(tmp_path: Path) -> None:
    """A build must be given its secrets with their values, and the log of it must not show them."""
    (tmp_path / "Dockerfile").write_text("FROM base:1\nRUN show\n")

    async def shows(process: Process) -> None:
        if "/run/secrets/token" in process.files:  # while it is built
            process.print(f"found {process.files['/run/secrets/token'].content.decode()}")

    def define(app: AppBuilder) -> None:
        token = app.add_parameter("token", secret=True)
        app.add_dockerfile("built", ".", build_secrets={"token": ref("it is {t}", t=token)})

    engine = FakeEngine()
    engine.add_image("base:1", shows)
    apphost = Apphost(define, "boat", tmp_path / "apphost.py")
    async with testing(apphost, engine=engine, parameters={"token": "swordfish"}) as app:
        await app.wait_for("built", "completed")
        assert "found it is ***" in [line.text for line in app.logs("built")]


async def test_an_image_that_is_for_nothing_asked_for(tmp_path: Path) -> None:
    """Where no image is for the platform, the resource must fail and say what there is instead, and what to do."""

    def define(app: AppBuilder) -> None:
        app.add_container("single", "single:1", platform="linux/arm64")
        app.add_container("never", "single:1", platform="linux/arm64").with_pull_policy("never")

    engine = FakeEngine()
    engine.add_image("single:1", lasts)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        with pytest.raises(ResourceFailed, match="single:1 is for linux/amd64, and not for linux/arm64"):
            await app.wait_for("single", "running")
        with pytest.raises(ResourceFailed, match=r"is not there for linux/arm64.*pull --platform linux/arm64 single:1"):
            await app.wait_for("never", "running")


class Shared:
    """An app with two containers that share an image, and an engine for it.

    Attributes:
        builds: The steps that were run, in all builds.
    """

    def __init__(self, folder: Path) -> None:
        (folder / "Dockerfile").write_text("FROM base:1\nRUN make\n")
        self.builds: list[str] = []
        self.engine = FakeEngine()
        self.change_base()
        self.apphost = Apphost(self._define, "boat", folder / "apphost.py")

    def change_base(self) -> None:
        """Give the engine another image as the one that theirs is made from."""
        self.engine.add_image("base:1", self._program)

    async def _program(self, process: Process) -> None:
        if process.args[:1] == ("sh",):
            self.builds.append(process.args[-1])
            process.print("making it")
        else:
            await asyncio.Event().wait()

    def _define(self, app: AppBuilder) -> None:
        image = app.add_image("backend", ".")
        app.add_container("api", image, args=["api"])
        app.add_container("worker", image, args=["worker"])


async def test_a_shared_image_is_built_once(tmp_path: Path) -> None:
    """Containers that share an image must run the one that was built once, with the lines of the build in its log."""
    boat = Shared(tmp_path)
    async with testing(boat.apphost, engine=boat.engine) as app:
        await app.wait_for("api", "running")
        await app.wait_for("worker", "running")
        names = [boat.engine.container(f"{app.host.run.app_id}-{name}").spec.image for name in ("api", "worker")]
        assert names == [f"{app.host.run.app.id}-backend:latest"] * 2
        assert boat.builds == ["make"]
        assert "making it" in [line.text for line in app.logs("backend")]
        assert app.snapshot("backend").state == "Active"


async def test_a_restart_of_an_image_builds_it_again(tmp_path: Path) -> None:
    """A restart of an image must build it again and name the containers that still run the former one."""
    boat = Shared(tmp_path)
    async with testing(boat.apphost, engine=boat.engine) as app:
        await app.wait_for("api", "running")
        await app.wait_for("worker", "running")
        boat.change_base()
        await app.host.supervisor.runner("backend").restart()
        await app.wait_for("backend", "running")
        assert boat.builds == ["make", "make"]
        said = "'api', 'worker' still run the image as it was before. Restart them for the new one."
        assert said in [line.text for line in app.logs("backend")]
        await app.host.supervisor.runner("api").restart()
        await app.wait_for("api", "running")
        assert boat.builds == ["make", "make"], "a container does not build what others share"


async def test_an_image_of_processes_is_left_to_build(tmp_path: Path) -> None:
    """A run must not build an image that no container needs, and say so."""
    (tmp_path / "main.py").write_text("")

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", ".")
        app.add_executable("tool", sys.executable, ".", "main.py", image=image)

    async with testing(Apphost(define, "boat", tmp_path / "apphost.py")) as app:
        await app.wait_for("tool", "completed")
        assert "It is not built, as no container of the app runs it; fairlead build does" in [
            line.text for line in app.logs("backend")
        ]


@pytest.mark.parametrize(
    ("file", "args", "message"),
    [
        ("requirements.txt", (), "worker: it does not say what to run, and its image 'backend'"),
        ("notes.txt", ("work",), "there is neither a Dockerfile nor a Python or Node project in ."),
    ],
)
async def test_what_a_made_image_can_not_be_used_for(
    tmp_path: Path, file: str, args: tuple[str, ...], message: str
) -> None:
    """A run must say, instead of building, that no Dockerfile can be made, or that a container names no program."""
    (tmp_path / file).write_text("")

    def define(app: AppBuilder) -> None:
        app.add_container("worker", app.add_image("backend", ".")).with_args(*args)

    engine = FakeEngine()
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        with pytest.raises(ResourceFailed):
            await app.wait_for("worker", "running")
        assert message in (app.snapshot("backend").reason or "")
    assert "build" not in engine.called
