"""What `fairlead build` asks of an engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fairlead import AppBuilder, Apphost, Parameter, ref
from fairlead.cli.main import cli
from fairlead.drivers.building import build_image, chosen
from fairlead.errors import EngineError, StartError
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.publish.publisher import render
from fairlead.runtime.values.parameters import ParameterSources
from fairlead.testing import FakeEngine
from fairlead.testing.fakes.fake_container import Process

NOTHING = ParameterSources({}, {}, None, {})


async def ends(process: Process) -> None:
    pass


def test_an_image_is_chosen_by_any_of_its_programs() -> None:
    """A program that shares an image must choose that image, by any case of its name; an unknown one none."""
    shared = ImageBuild("backend", "shop/backend:1", ".", "Dockerfile", programs=("api", "Worker"))
    own = ImageBuild("web", "shop/web:1", ".", "Dockerfile")

    assert chosen([shared, own], ()) == [shared, own]
    assert chosen([shared, own], ("worker", "api")) == [shared]
    assert chosen([shared, own], ("BACKEND",)) == [shared]
    assert chosen([shared, own], ("web",)) == [own]


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    """An engine whose only image is for amd64, and a Dockerfile that is made from it."""
    (tmp_path / "Dockerfile").write_text("FROM base:1\n")
    engine = FakeEngine()
    engine.add_image("base:1", ends)
    return engine


@pytest.mark.parametrize(
    ("own", "given"), [(None, None), (None, "linux/amd64"), ("linux/amd64", None), ("linux/amd64", "linux/arm64")]
)
async def test_an_image_is_built_for_a_platform(
    engine: FakeEngine, tmp_path: Path, own: str | None, given: str | None
) -> None:
    """What the definition asks for must win over what the command does, as the chart places pods by the former."""
    build = ImageBuild("api", "shop/api:1", ".", "Dockerfile", platform=own)
    await build_image(engine, tmp_path, build, build.image, NOTHING, lambda lines: None, given)
    assert await engine.image("shop/api:1", "linux/amd64")


async def test_an_image_that_became_something_else(engine: FakeEngine, tmp_path: Path) -> None:
    """An engine that builds for its own machine all the same must not pass for one that did what it was asked."""
    build = ImageBuild("api", "shop/api:1", ".", "Dockerfile")
    with pytest.raises(StartError, match=r"api: the image shop/api:1 was not built for linux/arm64"):
        await build_image(engine, tmp_path, build, build.image, NOTHING, lambda lines: None, "linux/arm64")


async def test_secrets_of_a_build_are_not_shown(tmp_path: Path) -> None:
    """A build must find its secrets in files, and neither its output nor its error show them or their parts."""
    key = Parameter("key", secret=True)
    (tmp_path / "Dockerfile").write_text("FROM base:1\nRUN show\n")

    async def shows(process: Process) -> int:
        process.print(process.files["/run/secrets/url"].content.decode())
        process.print("swordfish alone")
        return 1

    engine = FakeEngine()
    engine.add_image("base:1", shows)
    build = ImageBuild("api", "shop/api:1", ".", "Dockerfile", secrets={"url": ref("https://me:{k}@host", k=key)})
    sources = ParameterSources({"key": "swordfish"}, {}, None, {})
    said: list[bytes] = []
    with pytest.raises(EngineError) as raised:
        await build_image(engine, tmp_path, build, build.image, sources, said.extend)
    assert b"***" in said and b"*** alone" in said
    assert "swordfish" not in f"{said} {raised.value}"


def test_the_definition_says_what_an_image_is_for() -> None:
    """with_platform must reach the build of the image that the chart names."""

    def define(app: AppBuilder) -> None:
        app.add_dockerfile("api", "api", platform="linux/arm64")

    (chart,) = render(Apphost(define, name="shop").build("publish")).charts.values()
    assert [build.platform for build in chart.builds] == ["linux/arm64"]


def test_a_platform_that_no_image_is_for() -> None:
    """Several platforms at once, or a word that is none, must be refused with the form to write."""
    for wrong in ("amd64", "linux/amd64,linux/arm64"):
        ended = CliRunner().invoke(cli, ["build", f"--platform={wrong}"], standalone_mode=False)
        assert "linux/arm64" in str(ended.exception)
