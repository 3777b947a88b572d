"""Texts that a parameter switches when the chart is installed, and plain data of other types."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import Charts, built, container

from fairlead import AppBuilder, PublishError, ValueLike, ref, when
from fairlead.publish.publisher import publish


def define(app: AppBuilder) -> None:
    debug = app.add_parameter("debug", False)
    region = app.add_parameter("region", "eu")
    key = app.add_parameter("key", secret=True)
    k8s = app.add_kubernetes_environment("k8s")
    api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80).with_external_http_endpoints()
    api.with_environment("LEVEL", when(debug, "de{{bug}}", "in\"fo'"))
    api.with_environment(
        "PLACE", ref("{p:uri}!", p=when(region, "the us", ref("not the us but {r}", r=region), equals="US"))
    )
    api.with_environment("KEY", when(debug, "none", key))
    api.with_args("--level", when(debug, "$(debug)", "info"))
    k8s.add_ingress("edge").with_path("/", api).with_ingress_annotation("example.com/debug", when(debug, "1", "0"))


def seen(objects: Any) -> dict[str, Any]:
    """What the program is given, and the annotation of its Ingress."""
    return {
        **objects["ConfigMap", "api"]["data"],
        "args": container(objects, "api")["args"],
        "annotation": objects["Ingress", "edge"]["metadata"]["annotations"]["example.com/debug"],
    }


OFF = {"LEVEL": "in\"fo'", "PLACE": "not%20the%20us%20but%20eu!", "args": ["--level", "info"], "annotation": "0"}
ON = {"LEVEL": "de{{bug}}", "PLACE": "the%20us!", "args": ["--level", "$$(debug)"], "annotation": "1"}


def test_a_parameter_switches_texts_at_installation(charts: Charts) -> None:
    """Helm must choose the text by the value that is given then, wherever it stands, and pods must roll by it."""
    charts.publish(define)
    off = charts.render({"key": "k"})
    on = charts.render({"key": "k"}, values={"parameters": {"debug": "True", "region": "us"}})

    assert (seen(off), seen(on)) == (OFF, ON)
    assert (off["Secret", "api"]["data"]["KEY"], on["Secret", "api"]["data"]["KEY"]) == ("aw==", "bm9uZQ==")
    values = (charts.folder / "values.yaml").read_text()
    assert "# It switches a text, by true, yes, on or 1.\n" in values and "# It switches a text, by us.\n" in values
    sums = [found["Deployment", "api"]["spec"]["template"]["metadata"]["annotations"] for found in (off, on)]
    assert sums[0]["checksum/config"] != sums[1]["checksum/config"]


def test_a_base_holds_one_of_the_texts(charts: Charts) -> None:
    """Formats without values of their own must hold the text of what is given, and a base must say so."""
    given = {"secrets": {"key": "k"}, "parameters": {"debug": "on", "region": "us"}}
    published = charts.publish(define, format="kustomize", values=given)

    lines = (charts.folder / "api" / "configmap.env").read_text().splitlines()
    assert lines == ["LEVEL=de{{bug}}", "PLACE=the%20us!"]
    notes = [note.message for note in published.notes if "switches" in note.message]
    assert notes == [
        "parameters.debug switches Deployment api, ConfigMap api LEVEL, Secret api KEY and 1 more, and a base "
        "holds the text for 'on' alone",
        "parameters.region switches ConfigMap api PLACE, and a base holds the text for 'us' alone",
    ]
    charts.publish(define, format="manifests", values=given)
    assert yaml.safe_load((charts.folder / "api" / "configmap.yaml").read_text())["data"]["LEVEL"] == "de{{bug}}"


def test_plain_data_of_other_types(charts: Charts) -> None:
    """Time spans, decimals and paths must be values of the chart, as the text that a run gives."""

    def other(app: AppBuilder) -> None:
        env: dict[str, ValueLike] = {"EVERY": timedelta(seconds=90), "RATE": Decimal("0.10"), "HOME": Path("/srv/x")}
        app.add_container("api", "busybox:1.35", env=env)

    charts.publish(other)
    assert charts.render()["ConfigMap", "api"]["data"] == {"EVERY": "90", "RATE": "0.10", "HOME": "/srv/x"}


def test_hosts_and_annotations_may_be_composed(charts: Charts) -> None:
    """Host names and annotations must take composed and switched texts, in an Ingress and in a Gateway."""

    def routed(app: AppBuilder) -> None:
        domain, stage = app.add_parameter("domain", "example.com"), app.add_parameter("stage")
        k8s = app.add_kubernetes_environment("k8s")
        web = app.add_container("web", "busybox:1.35").with_http_endpoint(target_port=80)
        web.with_external_http_endpoints()
        shop, admin = ref("shop.{d}", d=domain), ref("admin-{s}.{d}", s=stage, d=domain)
        edge = k8s.add_ingress("edge").with_hostname(shop).with_path("/", web).with_path("/", web, host=admin)
        edge.with_tls().with_ingress_annotation("example.com/at", ref("{d}/x", d=domain))
        gate = k8s.add_gateway("gate").with_gateway_class("traefik").with_hostname(when(stage, "a.example.com", shop))
        gate.with_route("/", web).with_route("/", web, host=admin)
        gate.with_gateway_annotation("example.com/at", ref("{d}/x", d=domain))

    charts.publish(routed)
    assert charts.missing() == {"parameters": {"stage": ""}}
    objects = charts.render(values={"parameters": {"stage": "true", "domain": "example.org"}})

    edge = objects["Ingress", "edge"]
    hosts = ["shop.example.org", "admin-true.example.org"]
    assert [rule["host"] for rule in edge["spec"]["rules"]] == hosts
    assert edge["spec"]["tls"][0]["hosts"] == hosts
    assert edge["metadata"]["annotations"] == {"example.com/at": "example.org/x"}
    assert objects["Gateway", "gate"]["metadata"]["annotations"] == {"example.com/at": "example.org/x"}
    assert objects["HTTPRoute", "gate"]["spec"]["hostnames"] == ["a.example.com"]
    assert objects["HTTPRoute", "gate-admin-stage-domain"]["spec"]["hostnames"] == ["admin-true.example.org"]
    notes = charts.notes("--set-string", "parameters.stage=true,parameters.domain=example.org")
    assert "edge: admin-true.example.org/ -> web" in notes


def test_composed_hosts_are_checked() -> None:
    """A composed host that can't be one, or tells a secret, must be refused at its line; so must an annotation."""

    def define(app: AppBuilder) -> None:
        domain, key = app.add_parameter("domain", "Example"), app.add_parameter("key", secret=True)
        web = app.add_container("web", "busybox:1.35").with_http_endpoint(target_port=80)
        web.with_external_http_endpoints()
        edge = app.add_kubernetes_environment("k8s").add_ingress("edge").with_hostname(ref("shop.{d}", d=domain))
        edge.with_path("/", web).with_path("/a", web, host=ref("{k}.example.com", k=key))
        edge.with_ingress_annotation("example.com/key", ref("k={k}", k=key))

    with pytest.raises(PublishError) as caught:
        publish(built(define), "/nonexistent/nowhere", check=True)
    assert all(error.file == __file__ and error.remedy for error in caught.value.errors)
    assert [error.message for error in caught.value.errors] == [
        "'shop.Example' is not the name of a host",
        "its host name is secret, and everybody could read it in the Ingress",
        "the annotation example.com/key is secret, and everybody could read it in the Ingress",
    ]


def test_annotations_of_everything_may_be_composed(charts: Charts) -> None:
    """Those of pods, of a Service and of a ServiceAccount must take values, beside texts and what the user adds."""

    def define(app: AppBuilder) -> None:
        account, debug = app.add_parameter("account", "4711"), app.add_parameter("debug", False)
        arn = ref("arn:aws:iam::{a}:role/api", a=account)
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        api.with_service_account(annotations={"eks.amazonaws.com/role-arn": arn, "a": "b"})
        api.with_service(annotations={"example.com/account": account, "a": "b"})
        api.with_pod_annotation("example.com/log", "off").with_pod_annotation("example.com/log", when(debug, "on"))
        api.with_pod_annotation("a", account).with_pod_annotation("a", "b")

    charts.publish(define)
    given = {"parameters": {"account": "42", "debug": "yes"}, "services": {"api": {"annotations": {"c": "d"}}}}
    objects = charts.render(values=given)

    def annotations(kind: str) -> dict[str, str]:
        found: dict[str, str] = objects[kind, "api"]["metadata"]["annotations"]
        return found

    assert annotations("ServiceAccount") == {"eks.amazonaws.com/role-arn": "arn:aws:iam::42:role/api", "a": "b"}
    assert annotations("Service") == {"example.com/account": "42", "a": "b", "c": "d"}
    pods = objects["Deployment", "api"]["spec"]["template"]["metadata"]["annotations"]
    assert {key: text for key, text in pods.items() if "checksum" not in key} == {"example.com/log": "on", "a": "b"}
