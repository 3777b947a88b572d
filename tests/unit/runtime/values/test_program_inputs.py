"""What a run makes of a composition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import build
from tests.support.stage import stage

from fairlead import (
    AppBuilder,
    Apphost,
    BindMount,
    Consumer,
    ContainerFile,
    Contribution,
    Driver,
    DriverContext,
    Mode,
    PublishError,
    Resource,
    StartError,
    StopReason,
)
from fairlead.model.observation.state import State
from fairlead.publish.publisher import render
from fairlead.runtime.values.program_inputs import collect_inputs
from fairlead.testing import FakeEngine, InMemory, testing
from fairlead.testing.fakes.fake_container import Process


class Gift(Resource):
    """A third-party kind whose ``contribute()`` does what the test says, from the time that it says."""

    kind = "Gift"
    driver = "tests.unit.runtime.values.test_program_inputs:GiftDriver"

    def __init__(self, name: str, later: Callable[[Consumer], Any]) -> None:
        super().__init__(name)
        self.later = later
        self.is_late = False

    def contribute(self, consumer: Consumer) -> Contribution:
        given: Contribution = self.later(consumer) if self.is_late else Contribution(env={"GIFT": "x"})
        return given


class GiftDriver(Driver):
    """Makes nothing known."""

    async def start(self, context: DriverContext) -> None:
        return

    async def stop(self, reason: StopReason) -> None:
        return


@pytest.mark.parametrize(
    ("value", "message"),
    [(None, "the variable GIFT from 'gift' is None"), (["a"], "the variable GIFT from 'gift' is list")],
)
async def test_a_kind_that_gives_what_no_program_can_be_given(value: Any, message: str) -> None:
    """A value that shows only at the start must fail it, and publishing, in the very same words."""
    remedy = "Let contribute() of Gift give text, a number or a deferred value, or leave the variable out."
    gifts: list[Gift] = []

    def define(app: AppBuilder) -> None:
        gift = app.add(Gift("gift", lambda _: Contribution(env={"GIFT": value})))
        gifts.append(gift)
        app.add(InMemory("tool")).with_image("tool:1").with_reference(gift).with_explicit_start()

    async with stage(define) as shown:
        gifts[-1].is_late = True
        await shown.command("tool", "start")
        assert (await shown.reach("tool", State.FAILED_TO_START)).reason == f"{message}. {remedy}"

    published = build(define, Mode.PUBLISH)
    gifts[-1].is_late = True
    with pytest.raises(PublishError) as caught:
        render(published)
    (error,) = caught.value.errors
    assert (error.resource, error.message, error.remedy, error.file) == ("tool", message, remedy, __file__)


async def test_a_start_error_names_resource_and_remedy() -> None:
    """What can't be given must be told with the resource and what to do, like any error."""
    app = build(lambda app: app.add(InMemory("tool")).with_reference(app.add(Gift("gift", lambda _: None))))
    gift, tool = app["gift"], app["tool"]
    assert isinstance(gift, Gift) and isinstance(tool, InMemory)
    gift.is_late = True

    with pytest.raises(StartError) as caught:
        await collect_inputs(tool)

    assert str(caught.value) == (
        "tool: its reference to 'gift' gives None, and no Contribution. "
        "Let contribute() of Gift return Contribution(env={…})."
    )


async def test_a_callback_that_is_overridden_is_not_called() -> None:
    """Only what counts must be asked for; what it overrides counts where it gives what is excluded."""
    calls: list[str] = []

    def called(name: str, value: Any) -> Callable[[], Any]:
        def callback() -> Any:
            calls.append(name)
            return value

        return callback

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", "secret")
        tool = app.add(InMemory("tool"))
        tool.with_environment("A", called("first", "1")).with_environment("A", called("second", "2"))
        tool.with_environment("B", called("plain", "3")).with_environment("B", called("deferred", key))

    app = build(define)
    tool = app["tool"]
    assert isinstance(tool, InMemory)

    assert (await collect_inputs(tool)).environment == {"A": "2", "B": app["key"]}
    assert calls == ["second", "deferred"]
    assert (await collect_inputs(tool, excluded=("key",))).environment == {"A": "2", "B": "3"}


async def lasts(process: Process) -> None:
    process.print("up")
    await asyncio.Event().wait()


@pytest.mark.parametrize("optional", [False, True])
async def test_a_container_is_given_what_a_container_can_use(tmp_path: Path, optional: bool) -> None:
    """Variables, files, mounts and hosts of a container must be those for the containers' network, not the host's."""

    def contribute(consumer: Consumer) -> Contribution:
        path = f"/seen/{consumer.network}"
        return Contribution(
            env={"KUBECONFIG": path},
            mounts=(BindMount(str(tmp_path), f"{path}/mount"),),
            extra_hosts={str(consumer.network): "10.0.0.1"},
            files=(ContainerFile(f"{path}/file", path),),
        )

    def define(app: AppBuilder) -> None:
        gift = app.add(Gift("gift", contribute))
        gift.is_late = True
        app.add_container("web", "web:1").with_reference(gift, optional=optional)
        app.add(InMemory("process")).with_reference(gift, optional=optional)

    engine = FakeEngine()
    engine.add_image("web:1", lasts)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await app.wait_for("web", "running")
        await app.wait_for("process", "running")
        container = engine.container(f"{app.host.run.app_id}-web")
        assert container.spec.env["KUBECONFIG"] == "/seen/container"
        assert "/seen/container/mount" in [mount.target for mount in container.spec.mounts]
        assert container.spec.extra_hosts["container"] == "10.0.0.1"
        assert container.process.files["/seen/container/file"].content == b"/seen/container"
        assert app.environment("process")["KUBECONFIG"] == "/seen/host"


class Late(Resource):
    """A third-party kind that gives a file whose contents its driver makes known."""

    kind = "Late"
    driver = "tests.unit.runtime.values.test_program_inputs:GiftDriver"

    def contribute(self, consumer: Consumer) -> Contribution:
        return Contribution(env={"CONFIG": "/etc/late"}, files=(ContainerFile("/etc/late", self.output("contents")),))


async def test_contents_of_a_file_that_are_not_known(tmp_path: Path) -> None:
    """A container must be shown as waiting for the contents of a file; an optional file must be left out."""

    def define(app: AppBuilder) -> None:
        late = app.add(Late("late"))
        app.add_container("web", "web:1").with_reference(late)
        app.add_container("perhaps", "web:1").with_reference(late, optional=True)

    engine = FakeEngine()
    engine.add_image("web:1", lasts)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py"), engine=engine) as app:
        await app.wait_for("perhaps", "running")
        assert app.snapshot("web").state is State.WAITING
        assert engine.container(f"{app.host.run.app_id}-perhaps").process.files == {}
