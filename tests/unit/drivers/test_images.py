"""Which image a container gets, where one name stands for several."""

from __future__ import annotations

import asyncio
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
