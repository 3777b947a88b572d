"""What can be said of a cluster, and every mistake in it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import PurePath
from typing import Any

import pytest
from tests.support.definitions import build, mistakes, spelled, the_mistake, variables

from fairlead import App, AppBuilder, Lifetime, Mode, Parameter, PullPolicy
from fairlead.model.endpoints.placement import NeededPort
from fairlead.model.resource import ports_on_containers
from fairlead.resources.k3s import K3sAgent, K3sCluster, K3sRegistry
from fairlead.resources.k3s.server import NODE_PORTS, SPARE_PORTS

Say = Callable[[K3sCluster], Any]


def cluster_of(app: App) -> K3sCluster:
    cluster = app["k8s"]
    assert isinstance(cluster, K3sCluster)
    return cluster


def declared(*calls: Say, **given: Any) -> K3sCluster:
    """A cluster of which some things are said."""

    def define(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("k8s", **given)
        for call in calls:
            call(cluster)

    return cluster_of(build(define))


def mistake_of(call: Say, **given: Any) -> tuple[str, str]:
    """The only mistake in what is said of a cluster."""
    error = the_mistake(lambda app: call(app.add_k3s_cluster("k8s", **given)))
    assert error.resource == "k8s"
    assert error.line > 0
    return error.message, error.remedy or ""


def test_what_a_cluster_is_by_default() -> None:
    """Without options there must be one node, k3s's own ranges and components, and nothing that is kept."""
    cluster = declared()
    assert cluster.image_reference == "rancher/k3s:v1.36.0-k3s1"
    assert str(cluster.helm_image) == "alpine/helm:3.17.3"
    assert str(cluster.kubectl_image) == "alpine/kubectl:1.36.0"
    assert cluster.agents == []
    assert (cluster.pod_subnet, cluster.service_subnet) == (None, None)
    assert cluster.disabled_components == [], "ServiceLB is what Helm waits for (D-17)"
    assert (cluster.server_arguments, cluster.agent_arguments, cluster.loaded_images) == ([], [], [])
    assert (cluster.registry, cluster.keeps_data, cluster.volumes) == (None, False, [])
    assert cluster.lifetime is Lifetime.SESSION
    api = cluster.endpoint("api").spec
    assert (api.scheme, api.port, api.target_port, api.external) == ("https", None, 6443, False)
    assert cluster.excluded_from_manifest


def test_the_token_is_made_up() -> None:
    """Nodes must know each other by a secret that nobody can guess, a parameter of its own (D-06)."""
    app = build(lambda app: app.add_k3s_cluster("k8s", agent_count=1))
    token = app["k8s-token"]
    assert isinstance(token, Parameter)
    assert token.secret
    assert token.default is not None
    nodes = (cluster_of(app), *cluster_of(app).agents)
    assert [entry.value for node in nodes for entry in node.environment if entry.name == "K3S_TOKEN"] == [token, token]


def test_all_options() -> None:
    """Each option must be kept as it is given."""
    cluster = declared(
        lambda k8s: k8s.with_k3s_version("v1.35.1-rc1-k3s2-arm64"),
        lambda k8s: k8s.with_pod_subnet("10.52.0.0/16,fd52::/48"),
        lambda k8s: k8s.with_service_subnet("10.53.0.0/16,fd53::/112"),
        lambda k8s: k8s.with_disabled_component("traefik").with_disabled_component("my-addon"),
        lambda k8s: k8s.with_extra_arg("--kubelet-arg=max-pods=50").with_extra_arg("--debug"),
        lambda k8s: k8s.with_agent_arg("--node-label=disk=fast"),
        lambda k8s: k8s.with_helm_image(tag="4.3.1", registry="r.test").with_helm_image(image="own/helm"),
        lambda k8s: k8s.with_kubectl_image(tag="1.35.0"),
        lambda k8s: k8s.load_image("api:dev"),
        api_server_port=16443,
        agent_count=2,
        publish_as="skip",
    )
    assert cluster.image_reference == "rancher/k3s:v1.35.1-rc1-k3s2-arm64"
    assert (cluster.pod_subnet, cluster.service_subnet) == ("10.52.0.0/16,fd52::/48", "10.53.0.0/16,fd53::/112")
    assert cluster.disabled_components == ["traefik", "my-addon"]
    assert cluster.server_arguments == ["--kubelet-arg=max-pods=50", "--debug"]
    assert cluster.agent_arguments == ["--node-label=disk=fast"]
    assert str(cluster.helm_image) == "r.test/own/helm:4.3.1"
    assert str(cluster.kubectl_image) == "alpine/kubectl:1.35.0"
    assert [loaded.image for loaded in cluster.loaded_images] == ["api:dev"]
    assert cluster.endpoint("api").spec.port == 16443
    assert [agent.name for agent in cluster.agents] == ["k8s-agent-0", "k8s-agent-1"]
    assert cluster.publish_as == "skip"


def test_components_are_disabled_once() -> None:
    """A component that is named twice must be left out once."""
    cluster = declared(lambda k8s: k8s.with_disabled_component("traefik").with_disabled_component("traefik"))
    assert cluster.disabled_components == ["traefik"]


def test_agents_add_up() -> None:
    """Every call must add agents, which are children with names of their own and join their server."""
    cluster = declared(lambda k8s: k8s.with_agent_count(1).with_agent_count(0).with_agent_count(2))
    assert [agent.name for agent in cluster.agents] == ["k8s-agent-0", "k8s-agent-1", "k8s-agent-2"]
    assert all(isinstance(agent, K3sAgent) and agent.parent is cluster for agent in cluster.agents)
    assert all(agent.excluded_from_manifest for agent in cluster.agents)


STEPS: list[Say] = [
    lambda k8s: k8s.with_agent_count(1),
    lambda k8s: k8s.with_lifetime(Lifetime.PERSISTENT).with_data_volume(),
    lambda k8s: k8s.with_image("own/k3s").with_k3s_version("v1.35.1-k3s1").with_image_registry("r.test"),
    lambda k8s: k8s.with_pull_policy(PullPolicy.NEVER).with_platform("linux/arm64").with_registry(),
]


@pytest.mark.parametrize("order", [*permutations(range(len(STEPS)))], ids=str)
def test_the_order_of_calls_does_not_matter(order: tuple[int, ...]) -> None:
    """What holds for the cluster must hold for its agents and its registry, whenever they were declared (D-24)."""
    cluster = declared(*(STEPS[number] for number in order))
    agent = cluster.agents[0]
    for node in (cluster, agent):
        assert node.image_reference == "r.test/own/k3s:v1.35.1-k3s1"
        assert (node.pull_policy, node.platform) == (PullPolicy.NEVER, "linux/arm64")
        assert node.lifetime is Lifetime.PERSISTENT
    assert cluster.registry is not None
    assert cluster.registry.lifetime is Lifetime.PERSISTENT
    assert [(volume.name, volume.target) for volume in agent.volumes] == [
        ("k8s-agent-0-data", "/var/lib/rancher/k3s"),
        ("k8s-agent-0-data-node", "/etc/rancher/node"),
    ]


def test_images_of_tools_hold_for_releases_before_them() -> None:
    """The image of Helm must hold for a release that was declared before it (D-24)."""

    def define(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("k8s")
        cluster.add_helm_release("web", "web")
        cluster.with_helm_image(tag="4.3.1")

    release = build(define)["web"]
    assert str(release.cluster.helm_image) == "alpine/helm:4.3.1"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "volume"), [(None, "k8s-data"), ("kept", "kept")])
def test_data_and_identity_are_kept_together(name: str | None, volume: str) -> None:
    """What a node is known by must be kept with its data, or the server refuses it (D-02, D-03)."""
    cluster = declared(lambda k8s: k8s.with_data_volume(name))
    assert [(mount.name, mount.target) for mount in cluster.volumes] == [
        (volume, "/var/lib/rancher/k3s"),
        (f"{volume}-node", "/etc/rancher/node"),
    ]


def test_the_last_data_volume_counts() -> None:
    """A second call must take the place of the first, as for any container."""
    cluster = declared(lambda k8s: k8s.with_data_volume("one").with_data_volume("two"))
    assert [mount.name for mount in cluster.volumes] == ["two", "two-node"]


@pytest.mark.parametrize(
    ("call", "name", "port"),
    [
        (lambda k8s: k8s.with_registry(), "k8s-registry", None),
        (lambda k8s: k8s.with_registry("images", port=5001), "images", 5001),
    ],
)
def test_a_registry(call: Say, name: str, port: int | None) -> None:
    """A registry must be a child with a volume and an endpoint of its own."""
    registry = declared(call).registry
    assert isinstance(registry, K3sRegistry)
    assert registry.name == name
    assert (registry.endpoint().spec.port, registry.endpoint().spec.target_port) == (port, 5000)
    assert [mount.target for mount in registry.volumes] == ["/var/lib/registry"]
    assert registry.excluded_from_manifest


def test_spare_ports() -> None:
    """Ports for endpoints that are declared later must be published from the start."""
    ports = list(ports_on_containers(declared()))
    assert ports[0] == NeededPort("k8s", "spare-tcp-0", within=NODE_PORTS, spare=True)
    assert {protocol: [port.protocol for port in ports].count(protocol) for protocol in ("tcp", "udp")} == SPARE_PORTS


def test_an_image_of_the_app_is_loaded() -> None:
    """A container that the app builds must be taken as an image as well as a name."""

    def define(app: AppBuilder) -> None:
        api = app.add_dockerfile("api", ".")
        app.add_k3s_cluster("k8s").load_image(api).load_image("b:1")

    app = build(define)
    assert [loaded.image for loaded in cluster_of(app).loaded_images] == [app["api"], "b:1"]


# What others get of it


def test_a_process_gets_the_path_of_a_kubeconfig() -> None:
    """A process must get a path, under the name that tools read and under one of the cluster's own."""

    def define(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("my-k8s")
        app.add_executable("tool", "true").with_reference(cluster)

    found = variables(build(define), "tool")
    assert [*found] == ["KUBECONFIG", "MY_K8S_KUBECONFIG"]
    assert found["KUBECONFIG"].name == "kubeconfig-of-tool"
    assert not found["KUBECONFIG"].secret, "a path is none"


def test_a_container_gets_a_copy() -> None:
    """A container must get a copy that only its user can read."""

    def define(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("K8S")
        app.add_container("box", "busybox").with_reference(cluster, connection_name="other")

    from fairlead.model.composition.contributions import contributions_to

    app = build(define)
    assert spelled(variables(app, "box")) == {
        "KUBECONFIG": "/var/run/fairlead/k8s/kubeconfig",
        "OTHER_KUBECONFIG": "/var/run/fairlead/k8s/kubeconfig",
    }
    box: Any = app["box"]
    files = [file for given in contributions_to(box, Mode.RUN) for file in given.contribution.files]
    assert [(file.path, file.mode) for file in files] == [("/var/run/fairlead/k8s/kubeconfig", 0o600)]
    contents: Any = files[0].contents
    assert contents.secret
    assert contents.name == "kubeconfig-of-box"


def test_a_consumer_may_have_the_rights_of_an_account() -> None:
    """A ServiceAccount must be asked for by its namespace and name."""

    def define(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("k8s")
        app.add_executable("tool", "true").with_reference(cluster, service_account="ops/bot")

    assert variables(build(define), "tool")["KUBECONFIG"].name == "kubeconfig-of-tool-as-ops/bot"


def test_nothing_of_it_is_published() -> None:
    """In a chart a consumer must get no path of this machine (D-29)."""

    def define(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("k8s", publish_as="external")
        app.add_container("box", "busybox").with_reference(cluster)

    assert variables(build(define, Mode.PUBLISH), "box") == {}


def test_its_kubeconfig_is_secret() -> None:
    """The text of a kubeconfig with all rights must be treated as a secret."""
    assert declared().kubeconfig.secret


# Mistakes


@pytest.mark.parametrize(
    ("version", "message", "remedy"),
    [
        ("1.36", "'1.36', which is no version of k3s", "Write it like a tag of the image: 'v1.36.0-k3s1'."),
        ("latest", "'latest', which is no version of k3s", "For another image use with_image()."),
        ("v1.36.0", "'v1.36.0', which is no version of k3s", "'v1.36.0-k3s1'"),
        (
            "v1.36.0+k3s1",
            "'v1.36.0+k3s1', which is how k3s calls the version, and not a tag of its image",
            "Write 'v1.36.0-k3s1'.",
        ),
    ],
)
def test_a_wrong_version(version: str, message: str, remedy: str) -> None:
    """A version that can be no tag of the image must be a mistake, with the tag that was meant."""
    text, way_out = mistake_of(lambda k8s: k8s.with_k3s_version(version))
    assert text == f"with_k3s_version() got {message}"
    assert remedy in way_out


@pytest.mark.parametrize("method", ["with_pod_subnet", "with_service_subnet"])
@pytest.mark.parametrize(
    ("cidr", "message", "remedy"),
    [
        ("10.52.0.0/99", "which is no range of addresses", "Write it like '10.52.0.0/16'."),
        ("10.52.0.1/16", "which is no range of addresses: 10.52.0.1/16 has host bits set", "'10.52.0.0/16'"),
        ("pods", "which is no range of addresses", "'10.52.0.0/16'"),
        ("10.52.0.0/16,", "which is no range of addresses", "'10.52.0.0/16'"),
        ("10.52.0.0/16,10.53.0.0/16", "which are too many ranges", "an IPv4 and an IPv6 one"),
        ("10.52.0.0/16,fd52::/48,10.53.0.0/16", "which are too many ranges", "an IPv4 and an IPv6 one"),
        ("10.52.0.0", "which is too small for a cluster", "Give one from /"),
        ("0.0.0.0/0", "which is too large for a cluster", "Give one from /"),
    ],
)
def test_malformed_subnets(method: str, cidr: str, message: str, remedy: str) -> None:
    """A range that is none, or that no cluster can work with, must be a mistake at its own line."""
    text, way_out = mistake_of(lambda k8s: getattr(k8s, method)(cidr))
    assert text.startswith(f"{method}() got {cidr!r}, {message}")
    assert remedy in way_out


@pytest.mark.parametrize(
    ("pods", "services"),
    [
        ("10.43.0.0/16", None),
        (None, "10.42.128.0/24"),
        ("10.52.0.0/16", "10.52.0.0/16"),
        ("10.0.0.0/8", "10.53.0.0/16"),
        ("10.52.0.0/16,fd52::/48", "10.53.0.0/16,fd52::/112"),
    ],
)
def test_subnets_that_overlap(pods: str | None, services: str | None) -> None:
    """Ranges that have an address in common must be a mistake, with k3s's own where none is given."""

    def call(k8s: K3sCluster) -> None:
        if pods is not None:
            k8s.with_pod_subnet(pods)
        if services is not None:
            k8s.with_service_subnet(services)

    pods_text, services_text = pods or "10.42.0.0/16", services or "10.43.0.0/16"
    assert mistake_of(call) == (
        f"its pods' subnet {pods_text} and its services' subnet {services_text} overlap",
        "Choose two ranges that have no address in common.",
    )


@pytest.mark.parametrize(
    ("cidr", "agents", "arguments", "room"),
    [
        ("10.52.0.0/24", 0, (), None),
        ("10.52.0.0/24", 1, (), "one node"),
        ("10.52.0.0/23", 2, (), "2 nodes"),
        ("10.52.0.0/24,fd52::/48", 1, (), "one node"),
        ("fd52::/48", 40, (), None),
        ("10.52.0.0/24", 3, ("--kube-controller-manager-arg=node-cidr-mask-size=26",), None),
    ],
)
def test_a_subnet_has_room_for_all_nodes(cidr: str, agents: int, arguments: tuple[str, ...], room: str | None) -> None:
    """A range in which not every node gets addresses for its pods must be a mistake, however it came about."""

    def define(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("k8s", agent_count=agents).with_pod_subnet(cidr)
        for argument in arguments:
            cluster.with_extra_arg(argument)

    expected = [f"its pods' subnet {cidr} has addresses for {room}, and it has {agents + 1}"] if room else []
    assert [error.message for error in mistakes(define)] == expected


OWN_FLAGS = {
    "--token=x": "FAIRLEAD_PARAMETER_",
    "--token-file=x": "FAIRLEAD_PARAMETER_",
    "--node-name=x": "rename that",
    "--server=https://x": "Agents join the server of their cluster",
    "--data-dir=/x": "with_data_volume()",
    "--https-listen-port=1": "api_server_port=",
    "--cluster-cidr=10.1.0.0/16": "with_pod_subnet()",
    "--service-cidr=10.1.0.0/16": "with_service_subnet()",
    "--disable=traefik": "with_disabled_component()",
    "--write-kubeconfig=/x": "with_reference()",
    "--cluster-init": "one server",
}


@pytest.mark.parametrize("method", ["with_extra_arg", "with_agent_arg"])
@pytest.mark.parametrize(("argument", "remedy"), OWN_FLAGS.items())
def test_arguments_that_are_set_otherwise(method: str, argument: str, remedy: str) -> None:
    """An argument that an option stands for must be refused with that option's name."""
    text, way_out = mistake_of(lambda k8s: getattr(k8s, method)(argument))
    assert text == f"{method}(): {argument.partition('=')[0]} is set by Fairlead"
    assert remedy in way_out


@pytest.mark.parametrize("method", ["with_extra_arg", "with_agent_arg"])
def test_arguments_are_one_text_each(method: str) -> None:
    """A flag without its hyphens must be a mistake that shows how one is written."""
    assert mistake_of(lambda k8s: getattr(k8s, method)("debug")) == (
        f"{method}(): 'debug' is no flag",
        "Write flag and value as one text: '--flag=value'.",
    )


def test_a_component_that_is_misspelt() -> None:
    """A name close to a component's must be taken for a misspelling; one of the user's own manifests may be any."""
    assert mistake_of(lambda k8s: k8s.with_disabled_component("treafik")) == (
        "with_disabled_component(): there is no component 'treafik'; k3s has 'coredns', 'servicelb', 'traefik', "
        "'local-storage', 'metrics-server'",
        "Did you mean 'traefik'?",
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda k8s: k8s.with_k3s_version(136), "with_k3s_version() needs text as version, not int"),
        (lambda k8s: k8s.with_k3s_version(None), "with_k3s_version() needs text as version, not None"),
        (lambda k8s: k8s.with_k3s_version(" "), "with_k3s_version() needs text as version, not a blank"),
        (lambda k8s: k8s.with_agent_count("2"), "with_agent_count() needs a number as count, not str"),
        (lambda k8s: k8s.with_agent_count(True), "with_agent_count() needs a number as count, not bool"),
        (lambda k8s: k8s.with_agent_count(-1), "with_agent_count() needs a number as count, not -1"),
        (lambda k8s: k8s.with_agent_count(51), "with_agent_count() needs a number as count, not 51"),
        (lambda k8s: k8s.with_pod_subnet(10), "with_pod_subnet() needs text as subnet, not int"),
        (lambda k8s: k8s.with_service_subnet(None), "with_service_subnet() needs text as subnet, not None"),
        (lambda k8s: k8s.with_disabled_component(1), "with_disabled_component() needs text as component, not int"),
        (lambda k8s: k8s.with_extra_arg(PurePath("x")), "with_extra_arg() needs text as argument, not PurePosixPath"),
        (lambda k8s: k8s.with_agent_arg(""), "with_agent_arg() needs text as argument, not a blank"),
        (lambda k8s: k8s.with_data_volume(""), "with_data_volume() needs text as name, not a blank"),
        (lambda k8s: k8s.with_helm_image(tag=3), "with_helm_image() needs text as tag, not int"),
        (lambda k8s: k8s.with_helm_image(tag=""), "with_helm_image() needs text as tag, not a blank"),
        (lambda k8s: k8s.with_kubectl_image(image=" "), "with_kubectl_image() needs text as image, not a blank"),
        (lambda k8s: k8s.with_kubectl_image(registry=1), "with_kubectl_image() needs text as registry, not int"),
        (lambda k8s: k8s.with_registry(port=70000), "port=70000 is not a port"),
        (lambda k8s: k8s.with_registry(name=1), "with_registry() needs text as name, not int"),
        (lambda k8s: (k8s.with_registry(), k8s.with_registry()), "with_registry() was called twice"),
        (lambda k8s: k8s.load_image(1), "load_image() needs text as image, not int"),
        (lambda k8s: k8s.load_image(""), "load_image() needs text as image, not a blank"),
        (lambda k8s: k8s.with_lifetime("for ever"), "with_lifetime() got 'for ever' as lifetime"),
    ],
)
def test_wrong_arguments(call: Say, message: str) -> None:
    """Every option must refuse what it can't use, in one mistake at its own line."""
    text, way_out = mistake_of(call)
    assert text == message
    assert way_out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"api_server_port": 0}, "api_server_port=0 is not a port"),
        ({"api_server_port": "6443"}, "api_server_port is not a port but str"),
        ({"agent_count": -1}, "with_agent_count() needs a number as count, not -1"),
        ({"agent_count": None}, "with_agent_count() needs a number as count, not None"),
        ({"publish_as": "dependency"}, "add_k3s_cluster() got 'dependency' as publish_as"),
        ({"publish_as": 1}, "add_k3s_cluster() got int as publish_as"),
    ],
)
def test_wrong_arguments_of_the_cluster_itself(given: dict[str, Any], message: str) -> None:
    """What is given with the cluster must be judged as what is said of it later."""
    assert mistake_of(lambda k8s: None, **given)[0] == message


def test_a_name_that_is_taken_by_a_part_of_it() -> None:
    """Agents, token and registry must not take a name that something else of the app has."""

    def define(app: AppBuilder) -> None:
        app.add_container("k8s-agent-0", "busybox")
        app.add_k3s_cluster("k8s", agent_count=1)

    error = the_mistake(define)
    assert (error.resource, "has the same name" in error.message) == ("k8s-agent-0", True)


def test_two_clusters() -> None:
    """An app must be able to have several, with tokens and nodes of their own."""
    app = build(lambda app: (app.add_k3s_cluster("a", agent_count=1), app.add_k3s_cluster("b", agent_count=1)))
    assert {"a", "a-token", "a-agent-0", "b", "b-token", "b-agent-0"} == set(app.names)
