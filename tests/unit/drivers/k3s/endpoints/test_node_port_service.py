"""The Service that is kept beside a declared one, as data: what leads to the same pods, or why nothing can."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.drivers.k3s.endpoints.backends import has_present_endpoint, reason_of_service
from fairlead.drivers.k3s.endpoints.node_port_keeper import node_ports
from fairlead.drivers.k3s.endpoints.node_port_refusals import is_port_taken, refusal_problem
from fairlead.drivers.k3s.endpoints.node_port_service import (
    OwnObjects,
    Problem,
    Wanted,
    count_ready,
    find_port,
    is_kept,
    plan_own_objects,
)
from fairlead.drivers.k3s.own_labels import cut, own_name

LABELS = {
    "app.kubernetes.io/managed-by": "fairlead",
    "dev.fairlead.app": "shop",
    "dev.fairlead.resource": "ui",
}


def wanted(port: int | str = 80, protocol: str = "TCP", service: str = "web") -> Wanted:
    return Wanted("ui", service, "shop", port, protocol, 30010, LABELS)


def a_service(name: str = "web", **spec: Any) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "targetPort": "web", "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-of-{name}"},
        "spec": {"selector": {"app": "web"}, "type": "ClusterIP", "ports": ports, **spec},
    }


def a_slice(name: str, service: str, *ready: bool | None, ports: Any = ({"name": "http", "port": 8080},)) -> Any:
    endpoints = [
        {"addresses": [f"10.0.0.{number}"], "conditions": {} if state is None else {"ready": state}}
        for number, state in enumerate(ready)
    ]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": "shop", "labels": {"kubernetes.io/service-name": service}},
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": list(ports) if ports is not None else None,
    }


def planned(service: dict[str, Any], **others: Any) -> OwnObjects:
    plan = plan_own_objects({service["metadata"]["name"]: service, **others}, {}, wanted())
    assert isinstance(plan, OwnObjects)
    return plan


def problem(services: dict[str, Any], endpoint: Wanted) -> str:
    plan = plan_own_objects(services, {}, endpoint)
    assert isinstance(plan, Problem)
    return str(plan)


def test_it_leads_to_the_same_pods() -> None:
    """It must have the selector, the named target port, the transport and the node port, for callers from anywhere."""
    service = planned(a_service(externalTrafficPolicy="Local", internalTrafficPolicy="Local")).service
    assert service["metadata"]["name"] == "fairlead-ui"
    assert service["metadata"]["labels"] == LABELS
    assert service["spec"] == {
        "type": "NodePort",
        "selector": {"app": "web"},
        "internalTrafficPolicy": "Cluster",
        "externalTrafficPolicy": "Cluster",
        "ports": [{"name": "http", "port": 80, "targetPort": "web", "protocol": "TCP", "nodePort": 30010}],
    }


def test_what_callers_notice_is_kept() -> None:
    """Affinity and unready endpoints must be as the declared Service has them."""
    affinity: dict[str, Any] = {
        "sessionAffinity": "ClientIP",
        "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}},
    }
    spec = planned(a_service(publishNotReadyAddresses=True, **affinity)).service["spec"]
    assert spec["publishNotReadyAddresses"] is True
    assert {name: spec[name] for name in affinity} == affinity


def test_the_cluster_removes_it_with_the_declared_one() -> None:
    """It must belong to the declared Service, so that it goes with that also while no host runs."""
    owners = planned(a_service()).service["metadata"]["ownerReferences"]
    assert owners == [{"apiVersion": "v1", "kind": "Service", "name": "web", "uid": "uid-of-web"}]


def test_a_headless_service() -> None:
    """A Service without an address of its own must be led to like any other."""
    assert "clusterIP" not in planned(a_service(clusterIP="None")).service["spec"]


def test_slices_of_a_service_without_a_selector_are_mirrored() -> None:
    """What the user lists as endpoints must be listed for ours too, with the one port that is asked for."""
    service = a_service(selector=None)
    ports = [{"name": "http", "port": 8080}, {"name": "admin", "port": 9}]
    slices = {
        "one": a_slice("one", "web", True, ports=ports),
        "names": {**a_slice("names", "web", True), "addressType": "FQDN"},
        "others": a_slice("others", "else", True),
        "other-port": a_slice("other-port", "web", True, ports=[{"name": "admin", "port": 9}]),
    }
    own = a_service("fairlead-ui")
    own["metadata"]["labels"] = LABELS
    plan = plan_own_objects({"web": service, "fairlead-ui": own}, slices, wanted())
    assert isinstance(plan, OwnObjects)
    assert "selector" not in plan.service["spec"]
    (mirrored,) = plan.slices
    assert mirrored["endpoints"] == slices["one"]["endpoints"]
    assert mirrored["ports"] == ports[:1]
    labels = mirrored["metadata"]["labels"]
    assert labels["kubernetes.io/service-name"] == "fairlead-ui"
    assert labels["endpointslice.kubernetes.io/managed-by"] == "fairlead"
    assert mirrored["metadata"]["ownerReferences"][0]["uid"] == "uid-of-fairlead-ui"


def test_a_service_that_is_not_there() -> None:
    """The reason must name the namespace and its Services, and guess which is meant; ours are not among them."""
    own = a_service("fairlead-ui")
    own["metadata"]["labels"] = LABELS
    text = problem({"webb": a_service("webb"), "db": a_service("db"), "fairlead-ui": own}, wanted())
    assert text == ("there is no Service 'web' in namespace shop yet; there are 'webb', 'db'. Did you mean 'webb'?")
    assert problem({}, wanted()) == "there is no Service 'web' in namespace shop yet; it has none"
    many = {f"s{number}": a_service(f"s{number}") for number in range(20)}
    assert problem(many, wanted()).endswith("'s9' and others")


def test_a_port_that_is_not_there() -> None:
    """The reason must name the ports that there are, with their names and transports."""
    ports = [{"name": "http", "port": 80}, {"port": 53, "protocol": "UDP"}]
    assert problem({"web": a_service(ports=ports)}, wanted("https")) == (
        "Service web in namespace shop has no port 'https'; its ports are 80 (http), 53/UDP. Use one of those."
    )
    assert "its ports are none" in problem({"web": a_service(ports=None, clusterIP="None")}, wanted())


@pytest.mark.parametrize(
    ("transport", "asked", "remedy"),
    [
        ("UDP", "TCP", "port 80 of Service web is UDP, not TCP. Give add_service_endpoint() scheme='udp'."),
        ("TCP", "UDP", "is TCP, not UDP. Give add_service_endpoint() another scheme than 'udp'."),
        ("SCTP", "TCP", "is SCTP, not TCP. Only TCP and UDP are led to."),
    ],
)
def test_a_port_of_another_transport(transport: str, asked: str, remedy: str) -> None:
    """A port of another transport must be told, with what to write instead."""
    service = a_service(ports=[{"port": 80, "protocol": transport}])
    assert problem({"web": service}, wanted(protocol=asked)).endswith(remedy)


def test_one_number_for_two_transports() -> None:
    """Of two ports with one number, that of the endpoint's transport must be taken."""
    ports = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]
    for protocol, name in (("UDP", "dns"), ("TCP", "dns-tcp")):
        port = find_port(ports, wanted(53, protocol))
        assert not isinstance(port, Problem) and port["name"] == name


def test_an_external_name() -> None:
    """A name for something outside has no pods, and what to use instead must be said."""
    text = problem({"web": a_service(type="ExternalName", externalName="db.example.com")}, wanted())
    assert "is an ExternalName for db.example.com" in text and "add_external_service()" in text


def test_a_service_of_somebody_else_under_our_name() -> None:
    """A Service that Fairlead did not make must never be changed."""
    text = problem({"web": a_service(), "fairlead-ui": a_service("fairlead-ui")}, wanted())
    assert "is taken by a Service that Fairlead did not make" in text
    assert "kubectl delete service fairlead-ui -n shop" in text


@pytest.mark.parametrize(
    ("slices", "count"),
    [
        ([], 0),
        ([a_slice("a", "web", True, False, None)], 2),
        ([a_slice("a", "web", True), a_slice("b", "web", True)], 1),
        ([a_slice("a", "web", True, ports=None)], 0),
        ([{**a_slice("a", "web"), "endpoints": None}], 0),
    ],
)
def test_ready_endpoints_are_counted(slices: list[Any], count: int) -> None:
    """An endpoint counts once if it is ready, or says nothing; one whose pod has no such port does not."""
    assert count_ready(slices) == count


def test_what_is_kept_may_have_more_than_was_given() -> None:
    """Fields that the cluster adds must not count as a change, and changed or missing ones must."""
    given = {"spec": {"type": "NodePort", "ports": [{"port": 80}]}}
    assert is_kept({"spec": {"type": "NodePort", "clusterIP": "10.1.1.1", "ports": [{"port": 80, "x": 1}]}}, given)
    assert not is_kept({"spec": {"type": "NodePort", "ports": [{"port": 81}]}}, given)
    assert not is_kept({"spec": {"type": "NodePort", "ports": [{"port": 80}, {"port": 81}]}}, given)
    assert not is_kept({"spec": {"ports": [{"port": 80}]}}, given)


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ('services "x" is forbidden: exceeded quota: small, requested: services.nodeports=1', "services.nodeports."),
        ('admission webhook "no.example.com" denied the request: no', "Let the policy allow Services of type NodePort"),
        ("is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", "Let the policy allow"),
        ("provided port is not in the valid range. The range of valid ports is 31000-32767", "have the port 30010"),
        ("services is forbidden: because", "or reach Service web by an Ingress."),
    ],
)
def test_a_refusal_names_its_remedy(message: str, remedy: str) -> None:
    """Where the Service is refused, the API server's words and what to do must be there."""
    text = str(refusal_problem(message, wanted()))
    assert message.rstrip(".") in text and remedy in text
    assert not is_port_taken(message)


def test_names_and_labels_fit() -> None:
    """A name of 64 characters must become one that a cluster takes, and two such names must stay two."""
    names = [own_name("A_" + "b" * 60 + end) for end in ("c1", "c2")]
    assert len(set(names)) == 2 and all(len(name) <= 63 and name.startswith("fairlead-a-b") for name in names)
    assert len(cut("x" * 64)) == 63 and cut("x" * 63) == "x" * 63


def test_who_has_a_node_port() -> None:
    """The Services with node ports must be named by them."""
    taken = a_service("theirs", ports=[{"port": 80, "nodePort": 30010}, {"port": 81}])
    assert node_ports([taken, a_service()]) == {30010: "shop/theirs"}


POD = {
    "metadata": {"name": "web-1", "namespace": "shop"},
    "spec": {"nodeName": "k8s", "containers": [{"name": "web", "image": "web:1", "ports": [{"name": "http"}]}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}


def test_why_nothing_is_behind_a_service() -> None:
    """The reason must be the pods': that there are none, what is wrong with one, or that none has the port."""
    assert reason_of_service(a_service(), []) == "no pod has the labels app=web that its Service web selects"
    assert reason_of_service(a_service(), [POD]) == "its pods are ready, but none has a container port named web"
    sidecar = {"name": "s", "restartPolicy": "Always", "ports": [{"name": "web"}]}
    with_sidecar = {**POD, "spec": {**POD["spec"], "initContainers": [sidecar]}}  # type: ignore[dict-item]
    assert "has not made them its endpoints yet" in reason_of_service(a_service(), [with_sidecar])
    waiting = {"name": "web", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "not found"}}}
    unready = {**POD, "status": {"phase": "Pending", "containerStatuses": [waiting]}}
    reason = reason_of_service(a_service(), [unready])
    assert reason.startswith("pod web-1: ") and "web:1" in reason


@pytest.mark.parametrize(
    ("started_at", "address", "is_present"),
    [
        ("2026-11-26T10:00:00Z", "10.0.0.7", False),
        ("2026-11-26T10:00:05Z", "10.0.0.7", True),
        ("2026-11-26T10:00:05Z", "10.0.0.8", False),
    ],
)
def test_endpoints_from_before_a_restart_of_their_node(started_at: str, address: str, is_present: bool) -> None:
    """An endpoint must not count until its pod has been reported since its node was started, and at that address."""
    running = {"name": "web", "state": {"running": {"startedAt": started_at}}}
    pod = {**POD, "status": {"podIPs": [{"ip": address}], "containerStatuses": [running]}}
    each = a_slice("a", "web")
    each["endpoints"] = [{"addresses": ["10.0.0.7"], "targetRef": {"name": "web-1"}}]
    node_started = 1795687205.4  # 2026-11-26T10:00:05.4Z
    assert has_present_endpoint([each], [pod], {"k8s": node_started}) is is_present
    assert has_present_endpoint([each], [], {"k8s": node_started})  # what nobody knows of is left to the probe
    assert has_present_endpoint([each], [pod], {}) is (address == "10.0.0.7")
