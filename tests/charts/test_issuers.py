"""cert-manager: its release, its issuers, and the routers that have certificates of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.test_certificates import dry
from tests.charts.test_network import refusals, web
from tests.support.charts import Charts, built

from fairlead import AppBuilder
from fairlead.publish.publisher import publish

PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"


def issuers(charts: Charts, **values: Any) -> dict[str, dict[str, Any]]:
    objects = charts.render(values=values)
    return {name: found for (kind, name), found in objects.items() if kind in ("Issuer", "ClusterIssuer")}


def test_lets_encrypt_is_an_issuer_with_a_solver_for_the_router_that_uses_it(charts: Charts) -> None:
    """Production and staging must have their servers, HTTP01 the Ingress's class, and all of it be values."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        certs, email = k8s.add_cert_manager("certs"), app.add_parameter("email", "me@example.com")
        live = certs.add_issuer("live").with_lets_encrypt_production(email).with_http01_solver()
        trial = certs.add_issuer("Trial_Run", "ClusterIssuer").with_lets_encrypt_staging("me@example.com")
        edge = k8s.add_ingress("edge").with_ingress_class("nginx").with_hostname("a.example.com")
        edge.with_path("/", web(app)).with_tls(issuer=live)
        gate = k8s.add_gateway("gate").with_gateway_class("c").with_hostname("b.example.com")
        gate.with_route("/", web(app, "g")).with_tls(issuer=trial.with_http01_solver())

    charts.publish(define)
    found = issuers(charts)
    moved = issuers(
        charts,
        parameters={"email": "you@example.com"},
        issuers={"live": {"server": STAGING}},
        ingress={"edge": {"className": ""}},
    )

    assert found["live"]["apiVersion"] == "cert-manager.io/v1"
    assert found["live"]["kind"] == "Issuer"
    assert found["live"]["spec"] == {
        "acme": {
            "server": PRODUCTION,
            "email": "me@example.com",
            "privateKeySecretRef": {"name": "live-account-key"},
            "solvers": [{"http01": {"ingress": {"serviceType": "NodePort", "ingressClassName": "nginx"}}}],
        }
    }
    parent = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gate", "sectionName": "http"}
    assert found["trial-run"]["kind"] == "ClusterIssuer"
    assert found["trial-run"]["spec"]["acme"]["server"] == STAGING
    assert found["trial-run"]["spec"]["acme"]["solvers"] == [
        {"http01": {"gatewayHTTPRoute": {"parentRefs": [parent]}}},
    ]
    acme = moved["live"]["spec"]["acme"]
    assert (acme["server"], acme["email"]) == (STAGING, "you@example.com")
    assert acme["solvers"] == [{"http01": {"ingress": {"serviceType": "NodePort"}}}]
    objects = charts.render()
    assert objects["Ingress", "edge"]["metadata"]["annotations"] == {"cert-manager.io/issuer": "live"}
    assert objects["Gateway", "gate"]["metadata"]["annotations"] == {"cert-manager.io/cluster-issuer": "trial-run"}


def test_an_issuer_of_several_routers_solves_for_the_hosts_of_each(charts: Charts) -> None:
    """A challenge must go through the router that the host leads to."""

    def define(app: AppBuilder) -> None:
        k8s, target = app.add_kubernetes_environment("k8s"), web(app)
        live = k8s.add_cert_manager("certs", existing=True).add_issuer("live")
        live.with_acme_server("https://acme.example.com", "me@example.com").with_http01_solver()
        live.with_solver({"dns01": {"route53": {"region": app.add_parameter("region", "eu-central-1")}}})
        k8s.add_ingress("edge").with_path("/", target, host="a.test").with_tls(issuer=live)
        gate = k8s.add_gateway("gate").with_gateway_class("c").with_route("/", target, host="b.test")
        gate.with_tls(issuer=live)

    charts.publish(define)
    dns, edge, gate = issuers(charts, parameters={"region": "us-east-1"})["live"]["spec"]["acme"]["solvers"]

    assert dns == {"dns01": {"route53": {"region": "us-east-1"}}}
    assert edge == {"selector": {"dnsNames": ["a.test"]}, "http01": {"ingress": {"serviceType": "NodePort"}}}
    assert gate["selector"] == {"dnsNames": ["b.test"]}
    assert gate["http01"]["gatewayHTTPRoute"]["parentRefs"][0]["name"] == "gate"


def test_other_sources_of_certificates(charts: Charts) -> None:
    """A self-signed issuer and one with a certificate authority must come out as cert-manager has them."""

    def define(app: AppBuilder) -> None:
        certs = app.add_kubernetes_environment("k8s").add_cert_manager("certs", existing=True)
        certs.add_issuer("own").with_self_signed()
        certs.add_issuer("company").with_ca("company-ca")

    charts.publish(define)

    assert issuers(charts)["own"]["spec"] == {"selfSigned": {}}
    assert issuers(charts)["company"]["spec"] == {"ca": {"secretName": "company-ca"}}


@pytest.mark.parametrize("by_gateway", [False, True])
def test_cert_manager_is_a_release_of_its_own_before_the_app(charts: Charts, by_gateway: bool) -> None:
    """Its kinds must be there before the issuers, and it must serve the Gateway API only where a Gateway needs it."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        certs = k8s.add_cert_manager("certs", values={"crds": {"keep": False}, "replicaCount": 2})
        issuer = certs.add_issuer("own").with_self_signed()
        if by_gateway:
            gate = k8s.add_gateway("gate").with_gateway_class("c").with_route("/", web(app), host="a.test")
            gate.with_tls(issuer=issuer)

    published = charts.publish(define)

    place = str(charts.folder)
    assert published.commands == (
        "helm upgrade --install cert-manager oci://quay.io/jetstack/charts/cert-manager --version v1.20.2 --namespace "
        f"cert-manager --create-namespace --values {place}/releases/certs.values.yaml --wait",
        f"helm upgrade --install shop {place}",
    )
    values = yaml.safe_load((charts.folder / "releases" / "certs.values.yaml").read_text())
    config = values.pop("config", {})
    assert values == {"crds": {"enabled": True, "keep": False}, "replicaCount": 2}
    assert config.get("enableGatewayAPI", False) == by_gateway
    assert ("Issuer", "own") in charts.render()


def test_issuers_that_can_make_no_certificate_are_refused() -> None:
    """What is missing for a certificate, or is not here, must be said with the line that asks for it."""

    def define(app: AppBuilder) -> None:
        k8s, other = app.add_kubernetes_environment("k8s"), app.add_kubernetes_environment("other")
        certs, target = k8s.add_cert_manager("certs", existing=True), web(app)
        target.with_compute_environment(k8s)
        certs.add_issuer("empty")
        certs.add_issuer("unproven").with_lets_encrypt_staging("me@example.com")
        certs.add_issuer("unasked").with_self_signed().with_http01_solver()
        certs.add_issuer("leaky").with_ca(app.add_parameter("s", secret=True))
        elsewhere = other.add_cert_manager("more", existing=True).add_issuer("elsewhere").with_self_signed()
        gone = k8s.add_cert_manager("unwanted").exclude_from_manifest().add_issuer("gone").with_self_signed()
        live = certs.add_issuer("live").with_lets_encrypt_staging("me@example.com").with_http01_solver()
        edge = k8s.add_ingress("edge")
        for host, issuer in (("a.test", elsewhere), ("b.test", gone), ("*.c.test", live)):
            edge.with_path("/", target, host=host).with_tls(hosts=host, issuer=issuer)

    assert sorted(refusals(define, target="k8s")) == [
        "edge: its issuer 'elsewhere' belongs to another environment",
        "edge: its issuer 'gone' is left out",
        "edge: its issuer 'live' can't certify '*.c.test': HTTP01 proves single hosts only",
        "empty: it does not say where certificates come from",
        "leaky: the Secret of its authority is secret, and everybody could read it in the Issuer",
        "unasked: it has a solver, and no ACME server that asks for one",
        "unproven: nothing proves to its ACME server that the hosts are yours",
    ]


def test_an_issuer_by_the_name_of_one_of_another_kind_is_said() -> None:
    """A name means a ClusterIssuer, so one that only an Issuer has must be warned of."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_cert_manager("certs", existing=True).add_issuer("live").with_self_signed()
        k8s.add_ingress("edge").with_hostname("a.test").with_path("/", web(app)).with_tls(issuer="live")

    assert [found.message for found in dry(define).warnings] == [
        "with_tls(issuer='live') asks for a ClusterIssuer, and 'live' is an Issuer"
    ]


def test_issuers_need_no_second_installation_beside_other_charts(charts: Charts) -> None:
    """cert-manager is there before the app, so its kinds must not be waited for as those of a dependency are."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_cert_manager("certs", existing=True).add_issuer("own").with_self_signed()
        k8s.add_manifest({"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "mine"}})
        k8s.add_helm_chart("post", "oci://registry.example.com/charts/mailer", "1.2.3")

    published = charts.publish(define)

    assert [command for command in published.commands if "upgrade" in command] == [
        f"helm upgrade --install shop {charts.folder}"
    ]
    template = (charts.folder / "templates" / "own" / "issuer.yaml").read_text()
    assert "Capabilities" not in template


def test_a_cluster_issuer_is_in_no_namespace(tmp_path: Path) -> None:
    """An object of the whole cluster must name none, where each other object names the app's."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="shop")
        certs = k8s.add_cert_manager("certs", existing=True)
        certs.add_issuer("all", "ClusterIssuer").with_self_signed()
        certs.add_issuer("own").with_self_signed()

    publish(built(define), tmp_path, format="manifests")

    def namespace(name: str) -> object:
        (file,) = (tmp_path / name).iterdir()
        return yaml.safe_load(file.read_text())["metadata"].get("namespace")

    assert (namespace("all"), namespace("own")) == (None, "shop")
