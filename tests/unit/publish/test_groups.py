"""Groups in a chart: whose members are left out, with whatever leads to them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.support.definitions import Define, build

from fairlead import AppBuilder, Mode, PublishError, UsageError
from fairlead.publish.publisher import render


def shop(app: AppBuilder, *groups: str) -> None:
    k8s = app.add_kubernetes_environment("k8s").with_network_policies()
    if groups:
        k8s.with_groups(*groups)
    pg = app.add_postgres("pg")
    with app.group("tools"):
        admin = app.add_container("admin", "adminer:4").with_http_endpoint(target_port=80).with_reference(pg)
        admin.with_environment("KEY", app.add_parameter("admin-key", secret=True)).with_external_http_endpoints()
    api = app.add_container("api", "a:1").with_http_endpoint(target_port=80).with_external_http_endpoints()
    api.with_reference(admin, optional=True).wait_for(pg).wait_for(admin, optional=True)
    app.add_container("worker", "a:1", group=["debug", "batch"])
    edge = k8s.add_ingress("edge").with_hostname("shop.example.com")
    edge.with_path("/", api).with_path("/admin", admin, host="admin.example.com").with_default_backend(admin)


PASSWORD = {"secrets": {"pg-password": "p"}}
KEY = {"secrets": {"pg-password": "p", "admin-key": "k"}}


def published(
    define: Define, groups: tuple[str, ...] = (), values: Any = None
) -> tuple[dict[tuple[str, str], Any], list[str]]:
    """The objects by kind and name, and what is said."""
    rendered = render(build(define, Mode.PUBLISH), format="manifests", values=values, groups=groups)
    objects = [yaml.safe_load(text) for path, text in rendered.files.items() if path.endswith(".yaml")]
    notes = [f"{said.message}. {said.remedy}" for said in (*rendered.warnings, *rendered.notes)]
    return {(body["kind"], body["metadata"]["name"]): body for body in objects if body}, notes


def workloads(objects: dict[tuple[str, str], Any]) -> set[str]:
    return {name for kind, name in objects if kind in ("Deployment", "StatefulSet", "Job", "CronJob")}


def test_members_are_left_out_with_what_leads_to_them() -> None:
    """Without its group a member must leave no trace, neither routes nor variables nor waits, and one note."""
    objects, notes = published(shop, values=PASSWORD)
    pod = objects["Deployment", "api"]["spec"]["template"]["spec"]
    ingress = objects["Ingress", "edge"]["spec"]

    assert workloads(objects) == {"api", "pg"}
    assert "admin" not in str(objects).replace("rabbitmqadmin", "")
    assert [container["name"] for container in pod["initContainers"]] == ["wait-for-pg"]
    assert [rule["host"] for rule in ingress["rules"]] == ["shop.example.com"]
    assert [note for note in notes if "left out" in note] == [
        "left out, with the routes to them, because nothing asks for their groups: 'admin', 'worker'. "
        'To publish them: k8s.with_groups("tools"), or fairlead publish --group tools.'
    ]


@pytest.mark.parametrize(
    ("asked", "option", "more"),
    [
        (("tools",), (), {"admin"}),
        ((), ("tools",), {"admin"}),
        (("batch",), ("tools",), {"admin", "worker"}),
        (("*",), (), {"admin", "worker"}),
        ((), ("*",), {"admin", "worker"}),
    ],
)
def test_what_is_asked_for_is_published(asked: tuple[str, ...], option: tuple[str, ...], more: set[str]) -> None:
    """The groups of an environment and those of the command must be published, with routes, waits and variables."""
    objects, _ = published(lambda app: shop(app, *asked), option, KEY)

    assert workloads(objects) == {"api", "pg", *more}
    if "admin" in more:
        pod = objects["Deployment", "api"]["spec"]["template"]["spec"]
        assert [each["name"] for each in pod["initContainers"]] == ["wait-for-pg", "wait-for-admin"]
        assert "ADMIN_HTTP" in objects["ConfigMap", "api"]["data"]
        assert {rule["host"] for rule in objects["Ingress", "edge"]["spec"]["rules"]} == {
            "shop.example.com",
            "admin.example.com",
        }


def test_an_ingress_of_members_only_is_left_out() -> None:
    """An Ingress or Gateway all of whose routes lead to members must be left out with them, without an error."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        admin = app.add_container("admin", "adminer:4", group="tools").with_http_endpoint(target_port=80)
        admin.with_external_http_endpoints()
        k8s.add_ingress("edge").with_hostname("a.example.com").with_path("/", admin)
        k8s.add_gateway("door").with_gateway_class("traefik").with_route("/", admin)
        app.add_container("api", "a:1")

    objects, _ = published(define)

    assert {kind for kind, _ in objects} == {"Deployment"}
    assert {"Ingress", "Gateway"} <= {kind for kind, _ in published(define, ("tools",))[0]}


def test_each_environment_has_its_own_groups() -> None:
    """What one environment asks for must not be published to another."""

    def define(app: AppBuilder) -> None:
        stage = app.add_kubernetes_environment("stage").with_groups("tools")
        live = app.add_kubernetes_environment("live")
        app.add_container("admin", "adminer:4", group="tools").with_compute_environment(stage, live)
        app.add_container("api", "a:1").with_compute_environment(stage, live)

    files = render(build(define, Mode.PUBLISH), format="manifests").files

    assert {path for path in files if "deployment" in path} == {
        "stage/admin/deployment.yaml",
        "stage/api/deployment.yaml",
        "live/api/deployment.yaml",
    }


def test_who_can_not_do_without_a_member_is_an_error() -> None:
    """A wait, a reference or a value that leads to what is left out must be one error that names both."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s")
        admin = app.add_container("admin", "adminer:4", group="tools").with_http_endpoint(target_port=80)
        app.add_container("api", "a:1").with_environment("ADMIN", admin.endpoint("http"))
        app.add_container("web", "a:1").with_reference(admin).wait_for(admin)
        app.add_container("out", "a:1").wait_for(admin).exclude_from_manifest()

    with pytest.raises(PublishError) as caught:
        render(build(define, Mode.PUBLISH))

    nobody = "'admin', which is in the group 'tools' only, and nothing asks for that here"
    assert [f"{error.resource}: {error.message}" for error in caught.value.errors] == [
        f"api: uses admin.endpoint('http').url of {nobody}",
        f"web: waits for {nobody}",
    ]
    assert all(error.line and error.remedy for error in caught.value.errors)
    assert workloads(published(define, ("tools",))[0]) == {"admin", "api", "web"}


def test_groups_that_are_not_there() -> None:
    """A group that the app does not have must be an error, of the command or of the environment."""
    with pytest.raises(UsageError, match=r"no group 'toolz'.*Did you mean 'tools'"):
        published(shop, ("toolz",))
    with pytest.raises(PublishError) as caught:
        published(lambda app: shop(app, "toolz"))
    (error,) = caught.value.errors

    assert (error.resource, error.message) == ("k8s", "the app has no group 'toolz'")
    assert error.remedy == "Did you mean 'tools'?"


def test_parts_of_an_environment_may_be_in_groups() -> None:
    """A chart or an Ingress of an environment that is in a group must be left out like any other member."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_helm_chart("extra", "redis", "1.2.3", repo="https://charts.example.com").with_group("tools")
        k8s.add_helm_chart("apart", "redis", "1.2.3", repo="https://charts.example.com", order="after").with_group(
            "tools"
        )
        web = app.add_container("web", "a:1").with_http_endpoint(target_port=80).with_external_http_endpoints()
        k8s.add_ingress("edge").with_path("/", web).with_group("tools")

    app = build(define, Mode.PUBLISH)
    charts = [render(app, groups=groups).charts[""] for groups in ((), ("tools",))]

    assert [len(chart.subcharts) for chart in charts] == [0, 1]
    assert [len(chart.separate_releases) for chart in charts] == [0, 1]
    assert [[made.kind for made in chart.objects if made.kind == "Ingress"] for chart in charts] == [[], ["Ingress"]]
