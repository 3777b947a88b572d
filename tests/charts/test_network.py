"""How callers get in: Ingresses, Gateways, Services, and policies about who may connect."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.charts import Charts, built

from fairlead import AppBuilder, PublishError
from fairlead.publish.publisher import publish


def web(app: AppBuilder, name: str = "web", **endpoint: Any) -> Any:
    made = app.add_container(name, "nginx:1.22-bookworm").with_http_endpoint(**({"target_port": 80} | endpoint))
    return made.with_external_http_endpoints()


def backend(name: str) -> dict[str, Any]:
    return {"service": {"name": name, "port": {"name": "http"}}}


def refusals(define: Any, **options: Any) -> list[str]:
    with pytest.raises(PublishError) as caught:
        publish(built(define), "/nonexistent/nowhere", check=True, **options)
    assert all(error.remedy for error in caught.value.errors)
    return [f"{error.resource}: {error.message}" for error in caught.value.errors]


def test_an_ingress_says_all_that_an_ingress_can_say(charts: Charts) -> None:
    """Class, hosts, paths, TLS, issuer, default backend and annotations must come out, also as parameters."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        given = {"host": "p.example.com", "cls": "traefik", "secret": "my-cert", "note": "n"}
        host, cls, secret, note = (app.add_parameter(name, text) for name, text in given.items())
        edge = k8s.add_ingress("edge").with_ingress_class(cls).with_hostname("shop.example.com").with_hostname(host)
        edge.with_path("/", web(app)).with_path("/x", web(app, "x"), path_type="Exact", host="x.example.com")
        edge.with_tls(secret, issuer="letsencrypt.prod").with_ingress_annotation("a/b", note)
        edge.with_default_backend(web(app, "rest"))

    charts.publish(define)
    found = charts.render()["Ingress", "edge"]
    moved = charts.render(
        values={
            "ingress": {"edge": {"hosts": {"shop.example.com": "shop.test"}, "paths": {"/x": "/y"}}},
            "parameters": {"host": "other.test"},
        }
    )["Ingress", "edge"]

    def rule(host: str, *paths: tuple[str, str, str]) -> dict[str, Any]:
        entries = [{"path": path, "pathType": kind, "backend": backend(name)} for path, kind, name in paths]
        return {"host": host, "http": {"paths": entries}}

    assert found["spec"] == {
        "ingressClassName": "traefik",
        "rules": [
            rule("shop.example.com", ("/", "Prefix", "web")),
            rule("p.example.com", ("/", "Prefix", "web")),
            rule("x.example.com", ("/x", "Exact", "x")),
        ],
        "tls": [{"hosts": ["shop.example.com", "p.example.com", "x.example.com"], "secretName": "my-cert"}],
    }
    assert found["metadata"]["annotations"] == {"cert-manager.io/cluster-issuer": "letsencrypt.prod", "a/b": "n"}
    assert [rule["host"] for rule in moved["spec"]["rules"]] == ["shop.test", "other.test", "x.example.com"]
    assert moved["spec"]["rules"][2]["http"]["paths"][0]["path"] == "/y"


def test_a_default_backend_gets_what_no_path_is_for(charts: Charts) -> None:
    """Without hosts it must be the Ingress's own, with hosts it must answer for these only."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_ingress("all").with_default_backend(web(app)).with_tls()
        some = k8s.add_ingress("some").with_default_backend(web(app, "rest")).with_hostname("a.test")
        some.with_path("/api", web(app, "api"))

    charts.publish(define)
    objects = charts.render()

    assert objects["Ingress", "all"]["spec"] == {"defaultBackend": backend("web"), "tls": [{"secretName": "all-tls"}]}
    (only,) = objects["Ingress", "some"]["spec"]["rules"]
    assert [(path["path"], path["backend"]["service"]["name"]) for path in only["http"]["paths"]] == [
        ("/api", "api"),
        ("/", "rest"),
    ]


def test_a_gateway_has_listeners_and_routes(charts: Charts) -> None:
    """Each host must have its HTTPRoute, with TLS a listener too, and plain HTTP be sent on to HTTPS."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        gate = k8s.add_gateway("gate").with_gateway_class("traefik").with_hostname("shop.example.com")
        gate.with_route("/", web(app)).with_route("/v[0-9]+", web(app, "api"), path_type="RegularExpression")
        gate.with_route("/x", web(app, "x", target_port=8000), host="*.example.com").with_tls(
            issuer="letsencrypt.prod", issuer_kind="Issuer"
        )
        k8s.add_gateway("plain").with_gateway_class("c").with_route("/", web(app, "p"))

    charts.publish(define)
    objects = charts.render()

    gateway = objects["Gateway", "gate"]
    assert gateway["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert gateway["spec"]["gatewayClassName"] == "traefik"
    assert [(one["name"], one["port"], one.get("hostname")) for one in gateway["spec"]["listeners"]] == [
        ("http", 80, None),
        ("https", 443, "shop.example.com"),
        ("https-1", 443, "*.example.com"),
    ]
    assert gateway["spec"]["listeners"][1]["tls"] == {
        "mode": "Terminate",
        "certificateRefs": [{"kind": "Secret", "name": "gate-tls"}],
    }
    assert gateway["metadata"]["annotations"] == {"cert-manager.io/issuer": "letsencrypt.prod"}
    route = objects["HTTPRoute", "gate"]["spec"]
    assert route["parentRefs"] == [{"name": "gate", "sectionName": "https"}]
    assert route["hostnames"] == ["shop.example.com"]
    assert route["rules"][0] == {
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "backendRefs": [{"name": "web", "port": 80}],
    }
    other = objects["HTTPRoute", "gate-wildcard-example-com"]["spec"]
    assert other["parentRefs"] == [{"name": "gate", "sectionName": "https-1"}]
    assert other["rules"][0]["backendRefs"] == [{"name": "x", "port": 8000}]
    assert objects["HTTPRoute", "gate-redirect"]["spec"]["rules"][0]["filters"][0]["type"] == "RequestRedirect"
    assert len(objects["Gateway", "plain"]["spec"]["listeners"]) == 1
    assert objects["HTTPRoute", "plain"]["spec"]["parentRefs"] == [{"name": "plain"}]


def test_policies_let_in_those_that_refer(charts: Charts) -> None:
    """With policies only those may connect whose definition refers or waits, and anybody to what is external."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_network_policies()
        pg = app.add_postgres("pg")
        api = web(app, "api").with_reference(pg.add_database("orders")).with_endpoint("admin", target_port=9000)
        api.wait_for(pg.add_database("bills"))
        app.add_container("watcher", "busybox:1.35").wait_for(pg)
        app.add_container("admin", "busybox:1.35", env={"A": api.endpoint("admin").host_and_port})
        app.add_container("stranger", "busybox:1.35")

    charts.publish(define)
    objects = charts.render({"pg-password": "p"})

    def sources(name: str) -> dict[int, set[str] | None]:
        spec = objects["NetworkPolicy", name]["spec"]
        assert spec["policyTypes"] == ["Ingress"]
        found: dict[int, set[str] | None] = {}
        for rule in spec["ingress"]:
            peers = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for peer in rule.get("from", ())]
            found[rule["ports"][0]["port"]] = set(peers) if "from" in rule else None
        return found

    assert {"api", "watcher", "bills"} <= (sources("pg")[5432] or set())
    assert "stranger" not in (sources("pg")[5432] or set())
    assert sources("api") == {80: None, 9000: {"admin"}}
    assert sources("stranger") == {}
    assert sources("bills") == {}, "the pods that create a database listen nowhere"


def test_the_type_of_a_service_is_a_value(charts: Charts) -> None:
    """What exposes a Service must be up to whoever installs the chart, within what Kubernetes knows."""

    def define(app: AppBuilder) -> None:
        app.add_redis("cache")

    charts.publish(define)

    moved = charts.render(values={"services": {"cache": {"type": "LoadBalancer"}}})

    assert moved["Service", "cache"]["spec"]["type"] == "LoadBalancer"
    assert "type" in charts.failure(values={"services": {"cache": {"type": "Magic"}}})


def test_an_external_endpoint_that_nothing_exposes_is_said() -> None:
    """The warning must have the line to add."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        web(app)
        app.add_container("mqtt", "busybox:1.35").with_endpoint("tcp", target_port=1883, external=True)
        k8s.add_gateway("gate").with_gateway_class("c").with_route("/", web(app, "routed"))

    found = publish(built(define), "/nonexistent/nowhere", check=True).warnings

    assert [(one.resource, one.remedy) for one in found] == [
        ("web", 'Add a route: k8s.add_ingress("edge").with_path("/", web).'),
        ("mqtt", "Let its Service do so: services.mqtt.type: LoadBalancer in the values."),
    ]


def test_what_was_given_as_a_parameter_is_set_when_it_is_installed(charts: Charts) -> None:
    """No default may be baked in: hosts, classes, Secrets, issuers, annotations and storage follow their parameters."""
    names = ("host", "other-host", "cls", "cert", "issuer", "note", "size", "storage-class", "claim", "address")

    def define(app: AppBuilder) -> None:
        given = {name: app.add_parameter(name, "1Gi" if name == "size" else "published") for name in names}
        k8s = app.add_kubernetes_environment("k8s").with_properties(
            default_storage_class_name=given["storage-class"], default_storage_size=given["size"]
        )
        target = web(app).with_environment("ADDRESS", given["address"]).with_volume("data", "/d")
        there = k8s.add_persistent_volume("there").with_existing_claim(given["claim"])
        target.with_persistent_volume(there, "/t")
        edge = k8s.add_ingress("edge").with_ingress_class(given["cls"]).with_hostname(given["host"])
        edge.with_path("/", target).with_path("/o", target, host=given["other-host"])
        edge.with_tls(given["cert"], issuer=given["issuer"]).with_ingress_annotation("a/b", given["note"])
        gate = k8s.add_gateway("gate").with_gateway_class(given["cls"]).with_hostname(given["host"])
        gate.with_route("/", target).with_tls(given["cert"]).with_gateway_annotation("a/b", given["note"])

    charts.publish(define)
    moved = charts.render(values={"parameters": {name: "2Gi" if name == "size" else f"my-{name}" for name in names}})

    edge, gate = moved["Ingress", "edge"], moved["Gateway", "gate"]
    assert edge["spec"]["ingressClassName"] == gate["spec"]["gatewayClassName"] == "my-cls"
    assert [rule["host"] for rule in edge["spec"]["rules"]] == ["my-host", "my-other-host"]
    assert edge["spec"]["tls"] == [{"hosts": ["my-host", "my-other-host"], "secretName": "my-cert"}]
    assert edge["metadata"]["annotations"] == {"cert-manager.io/cluster-issuer": "my-issuer", "a/b": "my-note"}
    assert gate["spec"]["listeners"][1]["hostname"] == "my-host"
    assert gate["spec"]["listeners"][1]["tls"]["certificateRefs"][0]["name"] == "my-cert"
    assert gate["metadata"]["annotations"] == {"a/b": "my-note"}
    assert moved["HTTPRoute", "gate"]["spec"]["hostnames"] == ["my-host"]
    spec = moved["StatefulSet", "web"]["spec"]
    claim = spec["volumeClaimTemplates"][0]["spec"]
    assert (claim["storageClassName"], claim["resources"]["requests"]["storage"]) == ("my-storage-class", "2Gi")
    assert spec["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] == "my-claim"
    assert moved["ConfigMap", "web"]["data"]["ADDRESS"] == "my-address"
    assert "published" not in str(moved)


def test_a_secret_is_refused_wherever_everybody_could_read_it() -> None:
    """Hosts, classes, Secrets' names, issuers and annotations, of Ingresses and Gateways alike, must not be secret."""

    def define(app: AppBuilder) -> None:
        k8s, secret, target = app.add_kubernetes_environment("k8s"), app.add_parameter("s", secret=True), web(app)
        edge = k8s.add_ingress("edge").with_ingress_class(secret).with_hostname(secret).with_path("/", target)
        edge.with_path("/o", target, host=secret).with_tls(secret, issuer=secret).with_ingress_annotation("a/b", secret)
        gate = k8s.add_gateway("gate").with_gateway_class(secret).with_hostname(secret).with_route("/", target)
        gate.with_route("/o", target, host=secret).with_tls(secret, issuer=secret)
        gate.with_gateway_annotation("a/b", secret)

    annotations = ("the annotation a/b", "the annotation cert-manager.io/cluster-issuer")
    reasons = ("its host name", "its class", "the Secret of its certificate", *annotations)

    assert set(refusals(define)) == {
        f"{name}: {reason} is secret, and everybody could read it in the {kind}"
        for name, kind in (("edge", "Ingress"), ("gate", "Gateway"))
        for reason in reasons
    }


def test_routes_that_lead_nowhere_are_refused_at_once() -> None:
    """Everything wrong with routes must be said together."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        secret = app.add_parameter("secret", secret=True)
        inside = app.add_container("inside", "busybox:1.35").with_http_endpoint(target_port=80)
        gone = web(app, "gone").exclude_from_manifest()
        udp = app.add_container("udp", "busybox:1.35").with_endpoint(
            "dns", target_port=53, protocol="udp", external=True
        )
        fine = web(app)
        edge = (
            k8s.add_ingress("edge").with_path("/a", inside).with_path("/b", gone).with_path("/c", udp.endpoint("dns"))
        )
        edge.with_path("/", fine, host=app.add_parameter("host", "http://x")).with_path("/d", fine).with_path(
            "/d", fine
        ).with_hostname(secret)
        k8s.add_ingress("idle").with_path("/", fine, host="a.test").with_hostname("b.test")
        k8s.add_gateway("gate").with_route("/", fine)
        k8s.add_gateway("empty").with_gateway_class("c")

    assert refusals(define) == [
        "edge: its host name is secret, and everybody could read it in the Ingress",
        "edge: the path '/a' leads to endpoint 'http' of 'inside', which is not external",
        "edge: the path '/b' leads to 'gone', which is not published",
        "edge: the path '/c' leads to a UDP endpoint of 'udp'",
        "edge: 'http://x' is not the name of a host",
        "edge: the path '/d' is declared twice",
        "idle: with_hostname() names a host that no path is for",
        "gate: it has no class",
        "empty: it has no routes",
    ]


def test_more_hosts_than_a_gateway_takes_are_refused() -> None:
    """The Gateway API's limits for host names and listeners must be errors before the cluster says so."""

    def define(app: AppBuilder) -> None:
        k8s, target = app.add_kubernetes_environment("k8s"), web(app)
        many = k8s.add_gateway("many").with_gateway_class("c").with_route("/", target)
        few = k8s.add_gateway("few").with_gateway_class("c").with_route("/", target)
        for number in range(17):
            many.with_hostname(f"{number}.example.com")
        for number in range(16):
            few.with_hostname(f"{number}.example.com")
        for name, count in (("listening", 64), ("quiet", 63)):
            gate = k8s.add_gateway(name).with_gateway_class("c").with_tls()
            for number in range(count):
                gate.with_route("/", target, host=f"{number}.example.com")

    assert refusals(define) == [
        "many: it has 17 host names, and an HTTPRoute takes 16 at most",
        "listening: it has TLS for 64 hosts, and a Gateway takes 63 beside plain HTTP",
    ]


def test_addresses_reach_into_another_environment(charts: Charts) -> None:
    """What is published to another environment must be found, and waited for, in the namespace of that."""

    def define(app: AppBuilder) -> None:
        one, two = app.add_kubernetes_environment("one"), app.add_kubernetes_environment("two")
        two.with_properties(namespace=app.add_parameter("space", "data"))
        pg = app.add_postgres("pg").with_compute_environment(two)
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        api.with_compute_environment(one, two)
        x = app.add_container("x", "busybox:1.35", env={"URL": pg.endpoint("tcp").url})
        x.with_compute_environment(one).with_reference(pg).with_reference(api).wait_for(pg).wait_for(api)

    published = charts.publish(define)
    objects = charts.render({"pg-password": "p"}, chart="one")

    config = objects["ConfigMap", "x"]["data"]
    assert (config["URL"], config["PG_HOST"], config["PG_PORT"]) == ("tcp://pg.data.svc:5432", "pg.data.svc", "5432")
    assert config["API_HTTP"] == "http://api:80"
    waits = objects["Deployment", "x"]["spec"]["template"]["spec"]["initContainers"]
    assert [wait["command"][-2:] for wait in waits] == [["pg.data.svc", "5432"], ["api", "80"]]
    assert published.warnings == ()


def test_addresses_that_can_not_reach_another_environment_are_said() -> None:
    """An address or a wait must not lead nowhere in silence: each reason has its own words, and its own remedy."""

    def define(app: AppBuilder) -> None:
        one, two = app.add_kubernetes_environment("one"), app.add_kubernetes_environment("two")
        three = app.add_kubernetes_environment("three").with_properties(namespace="n").with_network_policies()
        x = app.add_container("x", "busybox:1.35").with_compute_environment(one)
        for name, environments in {"a": [two], "b": [two, three], "c": [three], "job": [three]}.items():
            other = app.add_container(name, "busybox:1.35").with_http_endpoint(target_port=80)
            other.with_compute_environment(*environments)
            if name == "job":
                x.wait_for_completion(other)
            else:
                x.with_reference(other).wait_for(other)
        x.wait_for(app.add_postgres("pg").with_compute_environment(three).add_database("orders"))

    published = publish(built(define), "/nonexistent/nowhere", check=True)

    address, wait = "it is given the address of", "is left out: that"
    assert [found.message for found in published.warnings] == [
        f"{address} 'a', which is published to 'two', in a namespace that the definition does not name",
        f"{address} 'b', which is published to 'two', 'three', and not to this environment",
        f"{address} 'c', and the network policies of 'three' let nobody in from another environment",
        f"its wait for 'a' {wait} is published to 'two', in a namespace that the definition does not name",
        f"its wait for 'b' {wait} is published to 'two', 'three', and not to this environment",
        f"its wait for the completion of 'job' {wait} is a Job of another environment, which it can't look at",
        f"its wait for 'orders' {wait} is a Job of another environment, which it can't look at",
    ]
    assert published.warnings[0].remedy == "Name it: two.with_properties(namespace=…)."
    assert published.contents[2].startswith("three: ")
    assert "Job" in published.contents[2]


def test_a_route_into_another_environment_is_refused() -> None:
    """An Ingress serves its own namespace only, so a route must lead to a workload of its environment."""

    def define(app: AppBuilder) -> None:
        one, two = app.add_kubernetes_environment("one"), app.add_kubernetes_environment("two")
        one.add_ingress("edge").with_path("/", web(app).with_compute_environment(two.with_properties(namespace="n")))

    assert refusals(define) == ["edge: the path '/' leads to 'web', which is published to another environment"]
