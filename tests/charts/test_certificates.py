"""TLS of Ingresses and Gateways: a certificate for each host, what makes it, and what becomes of plain HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.charts.test_network import refusals, web
from tests.support.charts import Charts, Objects, built

from fairlead import AppBuilder
from fairlead.publish.publisher import PublishResult, publish


def dry(define: Any) -> PublishResult:
    return publish(built(define), "/nonexistent/nowhere", check=True)


def test_two_certificates_are_both_kept(charts: Charts) -> None:
    """A second with_tls() must not take the place of the first, and that the controller chooses must be said."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        edge = k8s.add_ingress("edge").with_hostname("a.example.com").with_path("/", web(app))
        edge.with_tls("rsa").with_tls("ecdsa")
        gate = (
            k8s.add_gateway("gate")
            .with_gateway_class("c")
            .with_hostname("a.example.com")
            .with_route("/", web(app, "g"))
        )
        gate.with_tls("rsa").with_tls("ecdsa")

    charts.publish(define)
    objects = charts.render()

    hosts = ["a.example.com"]
    assert objects["Ingress", "edge"]["spec"]["tls"] == [
        {"hosts": hosts, "secretName": "rsa"},
        {"hosts": hosts, "secretName": "ecdsa"},
    ]
    assert secrets_of(objects, "gate") == {"a.example.com": ["rsa", "ecdsa"]}


def secrets_of(objects: Objects, gateway: str) -> dict[str | None, list[str]]:
    """The Secrets of each HTTPS listener, by its host."""
    return {
        listener.get("hostname"): [one["name"] for one in listener["tls"]["certificateRefs"]]
        for listener in objects["Gateway", gateway]["spec"]["listeners"]
        if listener["protocol"] == "HTTPS"
    }


def test_with_tls_says_which_secret_has_to_be_made() -> None:
    """Without an issuer nothing makes the certificate, so publishing must name the Secret."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_ingress("edge").with_hostname("a.example.com").with_path("/", web(app)).with_tls()

    assert [note for note in dry(define).notes if "edge-tls" in note.message]


def test_an_issuer_without_host_names_is_said() -> None:
    """cert-manager certifies host names, so a router without any must be warned of."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_ingress("edge").with_path("/", web(app)).with_tls(issuer="letsencrypt")

    assert [found.resource for found in dry(define).warnings] == ["edge"]


def test_each_host_has_its_certificate(charts: Charts) -> None:
    """A certificate must be for the hosts that it names, one without for all others; their Secrets must be values."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        domain = app.add_parameter("domain", "b.example.com")
        target = web(app)
        edge = k8s.add_ingress("edge").with_hostname("a.example.com").with_hostname(domain)
        edge.with_path("/", target).with_path("/c", target, host="c.example.com")
        edge.with_tls("a-cert", hosts="a.example.com").with_tls(hosts=[domain]).with_tls("rest")
        gate = k8s.add_gateway("gate").with_gateway_class("c").with_hostname("a.example.com").with_hostname(domain)
        gate.with_route("/", target).with_route("/c", target, host="c.example.com")
        gate.with_tls("a-cert", hosts="a.example.com").with_tls(hosts=[domain]).with_tls("rest")

    charts.publish(define)
    objects = charts.render()
    moved = charts.render(
        values={
            "ingress": {"edge": {"tls": {"secretName": "r", "secretNames": {"a.example.com": "x", "domain": "y"}}}},
            "parameters": {"domain": "other.example.com"},
        }
    )

    assert objects["Ingress", "edge"]["spec"]["tls"] == [
        {"hosts": ["a.example.com"], "secretName": "a-cert"},
        {"hosts": ["b.example.com"], "secretName": "edge-domain-tls"},
        {"hosts": ["c.example.com"], "secretName": "rest"},
    ]
    assert secrets_of(objects, "gate") == {
        "a.example.com": ["a-cert"],
        "b.example.com": ["gate-domain-tls"],
        "c.example.com": ["rest"],
    }
    assert moved["Ingress", "edge"]["spec"]["tls"] == [
        {"hosts": ["a.example.com"], "secretName": "x"},
        {"hosts": ["other.example.com"], "secretName": "y"},
        {"hosts": ["c.example.com"], "secretName": "r"},
    ]
    assert [line for line in charts.notes().splitlines() if "kubectl create secret tls" in line] == [
        f"  {router}, for {host}: kubectl create secret tls {secret} --namespace default --cert=FILE --key=FILE"
        for router in ("edge", "gate")
        for secret, host in (
            ("a-cert", "a.example.com"),
            (f"{router}-domain-tls", "b.example.com"),
            ("rest", "c.example.com"),
        )
    ]


def test_certificates_of_several_issuers_are_objects(charts: Charts) -> None:
    """cert-manager's annotation is for all of an Ingress, so it must be absent where not all have the same issuer."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        target, internal = web(app), app.add_parameter("internal", "own-ca")
        edge = k8s.add_ingress("edge").with_path("/", target, host="a.test").with_path("/", target, host="b.test")
        edge.with_path("/", target, host="c.test").with_tls("own", hosts="a.test")
        edge.with_tls(hosts="b.test", issuer=internal, issuer_kind="Issuer").with_tls(issuer="letsencrypt")
        gate = k8s.add_gateway("gate").with_gateway_class("c").with_hostname("a.test").with_route("/", target)
        gate.with_tls(hosts="a.test", issuer="letsencrypt")

    charts.publish(define)
    objects = charts.render(values={"parameters": {"internal": "other-ca"}})

    issued = {key: found["spec"] for key, found in objects.items() if key[0] == "Certificate"}
    assert objects["Ingress", "edge"]["metadata"].get("annotations") in (None, {})
    assert issued == {
        ("Certificate", "edge-b-test-tls"): {
            "secretName": "edge-b-test-tls",
            "dnsNames": ["b.test"],
            "issuerRef": {"name": "other-ca", "kind": "Issuer", "group": "cert-manager.io"},
        },
        ("Certificate", "edge-tls"): {
            "secretName": "edge-tls",
            "dnsNames": ["c.test"],
            "issuerRef": {"name": "letsencrypt", "kind": "ClusterIssuer", "group": "cert-manager.io"},
        },
    }
    assert objects["Gateway", "gate"]["metadata"]["annotations"] == {"cert-manager.io/cluster-issuer": "letsencrypt"}


def test_certificates_without_hosts_of_their_own_are_refused() -> None:
    """A certificate for a host without a path, for no host at all, or twice the same must be an error."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        target = web(app)
        k8s.add_ingress("other").with_path("/", target, host="a.test").with_tls(hosts="b.test")
        k8s.add_ingress("idle").with_path("/", target, host="a.test").with_tls(hosts="a.test").with_tls()
        k8s.add_ingress("twice").with_path("/", target, host="a.test").with_tls(issuer="a").with_tls(issuer="b")
        gate = k8s.add_gateway("gate").with_gateway_class("c").with_route("/", target, host="a.test")
        gate.with_tls(hosts="a.test", issuer="a").with_tls(hosts="a.test", issuer="b")
        k8s.add_gateway("plain").with_gateway_class("c").with_route("/", target).with_hsts()

    assert refusals(define) == [
        "other: with_tls() names the host 'b.test', and no path is for it",
        "idle: with_tls() without hosts= is for no host: each has a certificate of its own",
        "twice: with_tls() is called twice for the same hosts and the same Secret",
        "gate: with_tls() is called twice for the same hosts and the same Secret",
        "plain: with_hsts() asks callers to come by HTTPS, and it has no certificate",
    ]


@pytest.mark.parametrize(
    "manifest",
    [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "edge-tls"}, "type": "kubernetes.io/tls"},
        {
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": {"name": "c"},
            "spec": {"secretName": "edge-tls"},
        },
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": "c"},
            "spec": {"target": {"name": "edge-tls"}},
        },
    ],
)
def test_a_secret_that_the_definition_makes_is_not_asked_for(manifest: dict[str, Any]) -> None:
    """Where an object of the definition makes the Secret, nobody else has to."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").add_manifest(manifest)
        k8s.add_ingress("edge").with_hostname("a.example.com").with_path("/", web(app)).with_tls()

    assert [note for note in dry(define).notes if note.resource == "edge"] == []


def entrances(objects: Objects) -> dict[str, tuple[list[str | None], list[str], bool]]:
    """Of each HTTPRoute the listeners, the hosts, and whether its answers carry HSTS."""
    return {
        name: (
            [parent.get("sectionName") for parent in found["spec"]["parentRefs"]],
            found["spec"].get("hostnames", []),
            "max-age" in str(found["spec"]["rules"]),
        )
        for (kind, name), found in objects.items()
        if kind == "HTTPRoute"
    }


def test_a_gateway_redirects_and_answers_as_it_is_told(charts: Charts) -> None:
    """Plain HTTP must be sent on for hosts with TLS only, or be answered; HSTS must be in answers by HTTPS only."""

    def define(app: AppBuilder) -> None:
        k8s, target = app.add_kubernetes_environment("k8s"), web(app)
        some = k8s.add_gateway("some").with_gateway_class("c").with_hostname("a.test").with_hostname("b.test")
        some.with_route("/", target).with_tls(hosts="a.test").with_hsts(include_subdomains=True)
        both = k8s.add_gateway("both").with_gateway_class("c").with_hostname("a.test").with_route("/", target)
        both.with_tls().with_https_redirect(False)
        strict = k8s.add_gateway("strict").with_gateway_class("c").with_hostname("a.test").with_route("/", target)
        strict.with_tls().with_https_redirect(False).with_hsts(300)

    charts.publish(define)
    objects = charts.render()

    assert entrances(objects) == {
        "some": (["https"], ["a.test"], True),
        "some-http": (["http"], ["b.test"], False),
        "some-redirect": (["http"], ["a.test"], False),
        "both": (["https", "http"], ["a.test"], False),
        "strict": (["https"], ["a.test"], True),
        "strict-http": (["http"], ["a.test"], False),
    }
    (rule,) = objects["HTTPRoute", "some"]["spec"]["rules"]
    header = {"name": "Strict-Transport-Security", "value": "max-age=31536000; includeSubDomains"}
    assert rule["filters"] == [
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [header]}},
    ]
    off = charts.render(values={"gateway": {"some": {"strictTransportSecurity": ""}}})
    assert "filters" not in off["HTTPRoute", "some"]["spec"]["rules"][0]


def test_a_redirect_of_many_hosts_is_several_routes(charts: Charts) -> None:
    """The Gateway API takes 16 hosts in a route, so more of them must be sent on by more routes."""
    hosts = [f"h{number}.test" for number in range(18)]

    def define(app: AppBuilder) -> None:
        k8s, target = app.add_kubernetes_environment("k8s"), web(app)
        gate = k8s.add_gateway("gate").with_gateway_class("c").with_route("/", target, host="plain.test")
        for host in hosts:
            gate.with_route("/", target, host=host)
        gate.with_tls(hosts=hosts)

    charts.publish(define)
    routes = entrances(charts.render())

    assert routes["gate-redirect"][1] + routes["gate-redirect-2"][1] == hosts
    assert len(routes["gate-redirect"][1]) == 16


def test_the_older_name_of_the_secret_warns() -> None:
    """``secret=`` must do what ``secret_name=`` does, and say so, until the next minor version but one."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        edge = k8s.add_ingress("edge").with_hostname("a.example.com").with_path("/", web(app))
        with pytest.warns(DeprecationWarning, match="secret_name="):
            edge.with_tls(secret="mine")

    assert "'mine'" in next(note.message for note in dry(define).notes if note.resource == "edge")
