"""The addresses that people type, as the real helm renders them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import Charts, Objects

from fairlead import AppBuilder, Container, KubernetesEnvironment, Resource, ref
from fairlead.errors import PublishError

Routes = Callable[[AppBuilder, KubernetesEnvironment, Container], object]


def api(app: AppBuilder) -> Container:
    """A program with an HTTP endpoint for callers outside."""
    return app.add_container("api", "api:1").with_http_endpoint(target_port=8000).with_external_http_endpoints()


def shop(routes: Routes) -> Callable[[AppBuilder], None]:
    """An app whose front end is told where the browser finds the API."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        target = api(app)
        routes(app, k8s, target)
        endpoint = target.endpoint()
        web = app.add_container("web", "nginx:1.22", args=["--api", endpoint.public_url])
        web.with_environment("API_URL", endpoint.public_url).with_environment("API_HOST", endpoint.public_host)
        web.with_environment(
            "LOGIN", ref("{url}/login?from={host:uri}", url=endpoint.public_url, host=endpoint.public_host)
        )
        web.with_container_files("/srv", {"config.js": ref("window.API = '{url}'", url=endpoint.public_url)})

    return define


def told(objects: Objects) -> dict[str, str]:
    """What the front end is told."""
    data: dict[str, str] = objects["ConfigMap", "web"]["data"]
    return data


HOST = "shop.example.com"


@pytest.mark.parametrize(
    ("routes", "url"),
    [
        (lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to, host=HOST), f"http://{HOST}"),
        (lambda app, k8s, to: k8s.add_ingress("edge").with_path("/api", to, host=HOST), f"http://{HOST}/api"),
        (lambda app, k8s, to: k8s.add_ingress("edge").with_path("/api/", to).with_hostname(HOST), f"http://{HOST}/api"),
        (lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to, host=HOST).with_tls("c"), f"https://{HOST}"),
        (
            lambda app, k8s, to: (
                k8s.add_ingress("edge")
                .with_path("/", to, host=HOST)
                .with_path("/", to, host="safe.example.com")
                .with_tls("c", hosts="safe.example.com")
            ),
            f"http://{HOST}",
        ),
        (
            lambda app, k8s, to: (
                k8s.add_gateway("edge").with_gateway_class("c").with_route("/v1", to).with_hostname(HOST)
            ),
            f"http://{HOST}/v1",
        ),
        (
            lambda app, k8s, to: (
                k8s.add_gateway("edge")
                .with_gateway_class("c")
                .with_route("/", to, host=HOST)
                .with_tls("c", hosts=[HOST])
            ),
            f"https://{HOST}",
        ),
        (lambda app, k8s, to: k8s.add_ingress("edge").with_default_backend(to).with_hostname(HOST), f"http://{HOST}"),
        (
            lambda app, k8s, to: (
                k8s.add_ingress("edge").with_path("/", to, host="*.example.com").with_path("/all", to, host=HOST)
            ),
            f"http://{HOST}/all",
        ),
        (
            lambda app, k8s, to: k8s.add_ingress("edge").with_path(
                "/api(/|$)(.*)", to, host=HOST, path_type="ImplementationSpecific"
            ),
            f"http://{HOST}/api",
        ),
        (
            lambda app, k8s, to: (
                k8s.add_gateway("first").with_gateway_class("c").with_route("/", to, host=HOST),
                k8s.add_ingress("second").with_path("/", to, host="later.example.com"),
            ),
            f"http://{HOST}",
        ),
    ],
)
def test_the_address_is_that_of_the_first_route(charts: Charts, routes: Routes, url: str) -> None:
    """Scheme, host and path of the first route with a host must be told, in every place, and nothing be asked for."""
    result = charts.publish(shop(routes))

    objects = charts.render()

    host = url.partition("://")[2].partition("/")[0]
    login = f"{url}/login?from={host}"
    assert told(objects) == {"API_URL": url, "API_HOST": host, "LOGIN": login}
    assert objects["ConfigMap", "web-files"]["data"] == {"config.js": f"window.API = '{url}'"}
    assert objects["Deployment", "web"]["spec"]["template"]["spec"]["containers"][0]["args"] == ["--api", url]
    assert not [warning for warning in result.warnings if "public address" in warning.message]
    assert f"api (http): {url}" in charts.notes()


def test_the_address_follows_the_values_of_its_route(charts: Charts) -> None:
    """Another host, or path, that the chart's user gives the route must be in the address; a given address wins."""
    charts.publish(shop(lambda app, k8s, to: k8s.add_ingress("edge").with_path("/api", to, host=HOST)))

    moved = charts.render(values={"ingress": {"edge": {"hosts": {HOST: "other.org"}, "paths": {"/api": "/v2/"}}}})
    given = charts.render(values={"publicUrls": {"api": {"http": "https://shop.test:8443/"}}})

    assert told(moved)["API_URL"] == "http://other.org/v2"
    assert told(given)["API_URL"] == "https://shop.test:8443"
    assert told(given)["API_HOST"] == "shop.test:8443"


@pytest.mark.parametrize("as_part", [False, True], ids=["a parameter", "a text with one in it"])
def test_the_host_may_be_a_parameter(charts: Charts, as_part: bool) -> None:
    """A host that is given when the chart is installed must be in the address then."""

    def routes(app: AppBuilder, k8s: KubernetesEnvironment, to: Resource) -> None:
        domain = app.add_parameter("domain")
        k8s.add_ingress("edge").with_path("/", to, host=ref("www.{domain}", domain=domain) if as_part else domain)

    charts.publish(shop(routes))

    objects = charts.render(values={"parameters": {"domain": "example.org"}})

    assert told(objects)["API_URL"] == f"http://{'www.' if as_part else ''}example.org"
    assert charts.missing() == {"parameters": {"domain": ""}}


@pytest.mark.parametrize(
    "routes",
    [
        lambda app, k8s, to: None,
        lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to),
        lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to, host="*.example.com"),
        lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to, host=HOST).exclude_from_manifest(),
    ],
    ids=["no route", "all hosts", "a wildcard", "left out"],
)
def test_without_a_route_the_address_has_to_be_given(charts: Charts, routes: Routes) -> None:
    """Where no route names a host, the address must be asked for, once, with the line to add to the definition."""
    result = charts.publish(shop(routes))

    (warning,) = {warning for warning in result.warnings if "public address" in warning.message}
    assert "publicUrls.api.http has to be given" in warning.message
    assert warning.remedy == 'Add one: k8s.add_ingress("edge").with_path("/", api, host="…").'
    assert charts.missing() == {"publicUrls": {"api": {"http": ""}}}
    objects = charts.render(values={"publicUrls": {"api": {"http": "https://api.example.com/v1"}}})
    assert told(objects)["API_URL"] == "https://api.example.com/v1"
    assert told(objects)["API_HOST"] == "api.example.com"


@pytest.mark.parametrize("url", ["shop.example.com", "https://", "https://a b", "https://shop/?q=1"])
def test_what_is_no_address_is_refused(charts: Charts, url: str) -> None:
    """A text that no path can follow must not pass for an address."""
    charts.publish(shop(lambda app, k8s, to: None))

    assert "publicUrls" in charts.failure(values={"publicUrls": {"api": {"http": url}}})


def test_an_address_in_another_environment(charts: Charts) -> None:
    """A program must be told the route of the environment that the endpoint is published to."""

    def define(app: AppBuilder) -> None:
        back, front = (app.add_kubernetes_environment(name) for name in ("back", "front"))
        target = api(app).with_compute_environment(back)
        back.add_ingress("edge").with_path("/api", target, host=HOST).with_tls("c")
        web = app.add_container("web", "nginx:1.22").with_compute_environment(front)
        web.with_environment("API_URL", target.endpoint().public_url)

    charts.publish(define)

    assert told(charts.render(chart="front"))["API_URL"] == f"https://{HOST}/api"


def test_plain_manifests_have_the_address(charts: Charts, tmp_path: Path) -> None:
    """Formats without values must have the same address, and refuse to go without one."""
    definition = shop(lambda app, k8s, to: k8s.add_ingress("edge").with_path("/api/", to, host=HOST))
    charts.publish(definition, format="manifests")
    text = "\n---\n".join(file.read_text() for file in charts.folder.rglob("*.yaml"))
    data: list[dict[str, Any]] = [
        document["data"]
        for document in yaml.safe_load_all(text)
        if document and document.get("kind") == "ConfigMap" and document["metadata"]["name"] == "web"
    ]
    assert [(found["API_URL"], found["API_HOST"]) for found in data] == [(f"http://{HOST}/api", HOST)]

    with pytest.raises(PublishError) as caught:
        charts.publish(shop(lambda app, k8s, to: None), format="manifests")
    assert "publicUrls.api.http is not given" in str(caught.value.errors[0])


def test_a_base_says_what_an_overlay_can_not_set(charts: Charts) -> None:
    """A base for Kustomize has the address filled in, so a note must say in how many places."""
    result = charts.publish(
        shop(lambda app, k8s, to: k8s.add_ingress("edge").with_path("/", to, host=HOST)), format="kustomize"
    )

    (note,) = [note for note in result.notes if "publicUrls" in note.message]
    assert note.message.startswith("an overlay can't set publicUrls.api.http: it is filled in in ")
