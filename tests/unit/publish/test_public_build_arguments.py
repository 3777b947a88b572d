"""Addresses that people type, in build arguments: what an image holds is known when it is built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Container, KubernetesEnvironment, Mode, PublishError, Value, ref, when
from fairlead.drivers.building import build_image, text_of
from fairlead.errors import ValueMissing
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.publish.publisher import render
from fairlead.runtime.values.parameters import ParameterSources
from fairlead.testing import FakeEngine
from fairlead.testing.fakes.fake_container import Process

Routes = Callable[[AppBuilder, KubernetesEnvironment, Container], object]
HOST = "shop.example.com"


def api(app: AppBuilder) -> Container:
    """A program with an HTTP endpoint for callers outside."""
    return app.add_container("api", "api:1").with_http_endpoint(target_port=80).with_external_http_endpoints()


def built(routes: Routes) -> ImageBuild:
    """How the image of a front end is built that holds the address of its API."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        target = api(app)
        routes(app, k8s, target)
        url, host = target.endpoint().public_url, target.endpoint().public_host
        arguments: dict[str, str | Value] = {
            "API_URL": url,
            "WS_URL": ref("wss://{host}/ws?from={url:uri}", host=host, url=url),
            "LOG": when(app.add_parameter("debug", False), ref("{url}/log", url=url), "none"),
            "EDITION": "2",
        }
        image = app.add_image("web", "./web", "Dockerfile", build_args=arguments)
        app.add_container("front", image)

    (chart,) = render(build(define, Mode.PUBLISH)).charts.values()
    (image_build,) = chart.builds
    return image_build


def texts(image_build: ImageBuild, **parameters: str) -> dict[str, str]:
    """The build arguments, with what ``build`` is given."""
    sources = ParameterSources(parameters, {}, None, {})
    return {name: text_of(value, "web", sources) for name, value in image_build.args.items()}


def test_a_literal_host_is_in_the_image() -> None:
    """The address of a route whose host the definition writes must be in the arguments, in all they compose."""
    found = built(lambda app, k8s, to: k8s.add_ingress("edge").with_path("/api/", to, host=HOST).with_tls("c"))

    assert texts(found, debug="true") == {
        "API_URL": f"https://{HOST}/api",
        "WS_URL": f"wss://{HOST}/ws?from=https%3A%2F%2F{HOST}%2Fapi",
        "LOG": f"https://{HOST}/api/log",
        "EDITION": "2",
    }


def test_the_values_say_that_the_image_does_not_follow() -> None:
    """The value of a host that an image holds must say that the image has to be built again for another one."""

    def define(app: AppBuilder) -> None:
        k8s, target = app.add_kubernetes_environment("k8s"), api(app)
        k8s.add_ingress("edge").with_path("/", target, host=HOST)
        image = app.add_image("web", "./web", "Dockerfile", build_args={"API": target.endpoint().public_url})
        app.add_container("front", image)

    values = render(build(define, Mode.PUBLISH)).files["values.yaml"]

    before, _, _ = values.partition(f"{HOST}: {HOST}")
    assert before.rstrip().endswith("# The image web holds what it was built with: build it again for another one.")


def test_a_host_may_be_given_to_the_build() -> None:
    """A host that is a parameter must be taken from what ``build`` is given; without it, the way out must be named."""
    found = built(lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to, host=app.add_parameter("domain")))

    assert texts(found, domain="shop.test")["API_URL"] == "http://shop.test"
    with pytest.raises(ValueMissing) as caught:
        texts(found)
    assert caught.value.remedy is not None
    assert "--parameter domain=VALUE. Or let the program read it when it starts" in caught.value.remedy


@pytest.mark.parametrize(
    "routes",
    [lambda app, k8s, to: None, lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to)],
    ids=["no route", "all hosts"],
)
def test_an_address_without_a_host_is_an_error(routes: Routes) -> None:
    """A build argument with the address of an endpoint without a route must name configuration at run time."""
    with pytest.raises(PublishError) as caught:
        built(routes)

    error = caught.value.errors[0]
    assert (error.resource, "the build argument API_URL needs api.endpoint().public_url" in error.message) == (
        "web",
        True,
    )
    assert error.remedy is not None
    assert 'k8s.add_ingress("edge").with_path("/", api, host="…")' in error.remedy
    assert "Or let the program read the address when it starts" in error.remedy


def test_a_page_that_vite_builds_holds_the_address(tmp_path: Path) -> None:
    """A page's variables with such addresses must be arguments of its build; others must be said to be lost."""
    (tmp_path / "page").mkdir()

    def define(app: AppBuilder) -> None:
        k8s, target = app.add_kubernetes_environment("k8s"), api(app)
        page = app.add_vite_app("page", "./page").with_external_http_endpoints()
        page.with_environment("VITE_API", ref("{url}/v1", url=target.endpoint().public_url))
        if app.mode is Mode.PUBLISH and is_told_more:
            page.with_environment("VITE_MODE", "dark")
        k8s.add_ingress("edge").with_hostname(HOST).with_path("/api", target).with_path("/", page)

    for is_told_more in (False, True):
        result = render(build(define, Mode.PUBLISH, tmp_path))
        (chart,) = result.charts.values()
        (image_build,) = chart.builds
        assert texts(image_build) == {"VITE_API": f"http://{HOST}/api/v1"}
        steps = (image_build.text or "").splitlines()
        assert steps.index("ARG VITE_API") == steps.index("RUN npm run build") - 1
        lost = [warning for warning in result.warnings if "the built page has none" in warning.message]
        assert [warning.message.partition(" are")[0] for warning in lost] == (
            ["its variables other than 'VITE_API'"] if is_told_more else []
        )


@pytest.mark.parametrize(("second", "is_rival"), [("b.example.com", True), ("a.example.com", False)])
def test_one_image_for_two_addresses(second: str, is_rival: bool) -> None:
    """An image that two environments name the same and would build with other addresses must be an error."""

    def define(app: AppBuilder) -> None:
        target = api(app)
        image = app.add_image("web", "./web", "Dockerfile", build_args={"API_URL": target.endpoint().public_url})
        front = app.add_container("front", image)
        for name, host in (("one", "a.example.com"), ("two", second)):
            k8s = app.add_kubernetes_environment(name).with_properties(namespace=name)
            k8s.add_ingress(f"edge-{name}").with_path("/", target, host=host)
            for program in (target, front):
                program.with_compute_environment(k8s)

    if not is_rival:
        assert len(render(build(define, Mode.PUBLISH)).charts) == 2
        return
    with pytest.raises(PublishError) as caught:
        render(build(define, Mode.PUBLISH))
    (error,) = caught.value.errors
    assert error.resource == "two"
    assert "the image shop/web:0.1.0 would have another API_URL than for 'one'" in error.message


async def test_a_build_is_given_the_address(tmp_path: Path) -> None:
    """What the engine builds with must be the address itself."""
    (tmp_path / "Dockerfile").write_text("FROM base:1\nRUN show\n")
    found = built(lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to, host=HOST))
    given: dict[str, str] = {}

    async def shows(process: Process) -> None:
        given.update(process.env)

    engine = FakeEngine()
    engine.add_image("base:1", shows)
    own = ImageBuild(found.resource, found.image, ".", found.dockerfile, args=found.args)
    await build_image(engine, tmp_path, own, own.image, ParameterSources({}, {}, None, {}), lambda lines: None)
    assert given["API_URL"] == f"http://{HOST}"
