"""Typed calls that the API server, or Helm, would refuse are mistakes of the definition, at their lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.definitions import mistakes

from fairlead import AppBuilder, Container, ContainerFile, KubernetesEnvironment

Call = Callable[[Container, KubernetesEnvironment], object]

#: Tried on a real API server (Kubernetes 1.36, server-side dry run), which refuses each; but modes and versions are the
#: business of container files and of Helm.
REFUSED: dict[str, tuple[Call, str]] = {
    "liveness that has to succeed twice": (
        lambda api, _: api.with_http_probe("liveness", success_threshold=2),
        "with_http_probe() got success_threshold=2 for a liveness probe",
    ),
    "startup that has to succeed twice": (
        lambda api, _: api.with_http_probe("startup", success_threshold=2),
        "with_http_probe() got success_threshold=2 for a startup probe",
    ),
    "no period": (
        lambda api, _: api.with_http_probe("readiness", period=0),
        "with_http_probe() needs a number as period, not 0",
    ),
    "a period beyond 32 bits": (
        lambda api, _: api.with_http_probe("readiness", period=2**31),
        "with_http_probe() needs a number as period, not 2147483648",
    ),
    "replicas beyond 32 bits": (
        lambda api, _: api.with_replicas(2**31),
        "with_replicas() needs a number as count, not 2147483648",
    ),
    "a target beyond 32 bits": (
        lambda api, _: api.with_autoscaling(1, 3, cpu=2**31),
        "with_autoscaling() needs a number as cpu, not 2147483648",
    ),
    "a budget beyond 32 bits": (
        lambda api, _: api.with_disruption_budget(min_available=2**31),
        "with_disruption_budget() needs a number as min_available, not 2147483648",
    ),
    "restarts beyond 32 bits": (
        lambda api, _: api.with_restart("always", max_restarts=2**31),
        "with_restart() needs a number as max_restarts, not 2147483648",
    ),
    "a grace period beyond 64 bits": (
        lambda api, _: api.with_stop_timeout(1e19),
        "with_stop_timeout() needs a number as seconds, not 1e+19",
    ),
    "a request above its limit": (
        lambda api, _: api.with_resources(cpu="2", cpu_limit="1500m"),
        "its request of cpu, '2', is above its limit, '1500m'",
    ),
    "a request above a limit of another unit": (
        lambda api, _: api.with_resources(memory="1Gi").with_resources(memory_limit="1G"),
        "its request of memory, '1Gi', is above its limit, '1G'",
    ),
    "a volume of no size": (
        lambda _, k8s: k8s.add_persistent_volume("data").with_capacity("0"),
        "with_capacity() got '0' as amount",
    ),
    "a volume of parts of a byte": (
        lambda _, k8s: k8s.add_persistent_volume("data").with_capacity("1500m"),
        "with_capacity() got '1500m' as amount",
    ),
    "a volume of no amount": (
        lambda _, k8s: k8s.add_persistent_volume("data").with_capacity("big"),
        "with_capacity() got 'big' as amount",
    ),
    "a default size of none": (
        lambda _, k8s: k8s.with_properties(default_storage_size="0Gi"),
        "default_storage_size='0Gi' is not valid",
    ),
    "one pod and several": (
        lambda _, k8s: (
            k8s.add_persistent_volume("data").with_access_mode("ReadWriteOncePod").with_access_mode("ReadOnlyMany")
        ),
        "with_access_mode() got 'ReadOnlyMany' beside 'ReadWriteOncePod'",
    ),
    "several and one pod": (
        lambda _, k8s: (
            k8s.add_persistent_volume("data").with_access_mode("ReadWriteOnce").with_access_mode("ReadWriteOncePod")
        ),
        "with_access_mode() got 'ReadWriteOncePod' beside 'ReadWriteOnce'",
    ),
    "a source of no kind": (
        lambda _, k8s: k8s.add_persistent_volume("data").with_source({"nfss": {"server": "files", "path": "/"}}),
        "with_source() got 'nfss', and a PersistentVolume has no such source",
    ),
    "an issuer that nothing is called": (
        lambda _, k8s: k8s.add_ingress("edge").with_tls(issuer="Let's Encrypt"),
        'with_tls() got "Let\'s Encrypt" as issuer, which no object in a cluster can be called',
    ),
    "a host in upper case": (
        lambda _, k8s: k8s.add_ingress("edge").with_hostname("Shop.example.com"),
        "with_hostname() got 'Shop.example.com' as host, which is not the name of a host",
    ),
    "a host with its scheme": (
        lambda api, k8s: k8s.add_ingress("edge").with_path("/", api, host="https://shop.example.com"),
        "with_path() got 'https://shop.example.com' as host, which is not the name of a host",
    ),
    "an address as host": (
        lambda api, k8s: k8s.add_gateway("gate").with_route("/", api, host="10.0.0.1"),
        "with_route() got '10.0.0.1' as host, which is not the name of a host",
    ),
    "a certificate of no host": (
        lambda _, k8s: k8s.add_ingress("edge").with_tls("mine", hosts=["shop.example.com", "https://x.example.com"]),
        "with_tls() got 'https://x.example.com' as hosts, which is not the name of a host",
    ),
    "a preloaded host that may be forgotten": (
        lambda _, k8s: k8s.add_gateway("gate").with_hsts(300, include_subdomains=True, preload=True),
        "with_hsts(preload=True) is refused by the lists of browsers",
    ),
    "an account without an address": (
        lambda _, k8s: k8s.add_cert_manager("certs").add_issuer("le").with_lets_encrypt_staging("admin"),
        "with_lets_encrypt_staging() got 'admin' as email",
    ),
    "an ACME server in clear": (
        lambda _, k8s: k8s.add_cert_manager("certs").add_issuer("le").with_acme_server("http://acme", "a@example.com"),
        "with_acme_server() got 'http://acme' as url",
    ),
    "an issuer with two sources": (
        lambda _, k8s: k8s.add_cert_manager("certs").add_issuer("le").with_self_signed().with_ca("authority"),
        "with_ca() gives it a second source of certificates",
    ),
    "more than permission bits": (
        lambda api, _: api.with_container_files("/etc/app", [ContainerFile("run.sh", "true", mode=0o4755)]),
        "with_container_files() got the mode 0o4755 for run.sh",
    ),
    "a chart of no version": (
        lambda _, k8s: k8s.add_helm_chart("redis", "oci://charts.example.com/redis", "latest"),
        "add_helm_chart() got 'latest' as version, which Helm reads neither as a version nor as a range",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_cluster_refuses_is_a_mistake(name: str) -> None:
    """The one mistake must name the call, what it was given, and what to give, at the call's line."""
    call, message = REFUSED[name]

    def define(app: AppBuilder) -> None:
        call(app.add_container("api", "a:1").with_http_endpoint(target_port=80), app.add_kubernetes_environment("k8s"))

    (found,) = mistakes(define)

    assert found.message == message
    assert found.remedy and "True" not in found.remedy
    assert found.file == __file__ and found.line


def test_what_a_cluster_takes_is_none() -> None:
    """The neighbours of what is refused must be taken."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1").with_http_endpoint(target_port=80)
        k8s = app.add_kubernetes_environment("k8s").with_properties(default_storage_size="0.5Gi")
        api.with_http_probe("readiness", success_threshold=2, initial_delay=0, period=2**31 - 1)
        api.with_http_probe("startup", success_threshold=1).with_stop_timeout(3600.5)
        # A later call mends an earlier one.
        api.with_resources(cpu="2", cpu_limit="1").with_resources(cpu_limit="2000m")
        api.with_resources(memory="1024Mi", memory_limit="1Gi", ephemeral_storage="1e3")
        api.with_container_files("/etc/app", [ContainerFile("run.sh", "true", mode=0o755)])
        volume = k8s.add_persistent_volume("data").with_capacity("1e9").with_source({"csi": {"driver": "d"}})
        volume.with_access_mode("ReadWriteOnce").with_access_mode("ReadOnlyMany")
        k8s.add_persistent_volume("one").with_access_mode("ReadWriteOncePod").with_access_mode("ReadWriteOncePod")
        edge = k8s.add_ingress("edge").with_hostname("*.example.com").with_hostname("localhost")
        edge.with_tls(issuer="letsencrypt.prod").with_path("/", api, host="1.example.com")

    assert mistakes(define) == []


@pytest.mark.parametrize(
    "version",
    [
        *("1.2.3", "v1.20.2", "1.2", "1", "1.2.3-rc.1+build.5", "*", "x", "1.x", "1.2.x", "1.2.*"),
        *("^1.2", "~1.2.x", "~> 1.2", ">= 1.0.0", "=1.2.3", "!=1.2.3", ">=1.0 <2.0", ">=1.0, <2", ">= 1.0,<2.0"),
        *("1.2 - 2.3.4", "1.2.3 || 2.x", "^1 || >=3.0.0 <4 || 5", " 1.2.3 "),
    ],
)
def test_versions_that_helm_reads(version: str) -> None:
    """What Helm reads as a version or a range must be taken, in a chart and in a release of a local cluster."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").add_helm_chart("redis", "oci://charts.example.com/redis", version)
        app.add_k3s_cluster("dev").add_helm_release("web", "web", "https://charts.example.com", version)

    assert mistakes(define) == []


@pytest.mark.parametrize(
    "version", ["latest", "one", "1.2.3.4", ">=", "^^1", "1,,2", "1 ||", "|| 1", "1.2.3 -", "- 1", "=> > 1", "1.2.3-"]
)
def test_versions_that_helm_does_not_read(version: str) -> None:
    """What Helm reads as no version must be a mistake."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").add_helm_chart("redis", "oci://charts.example.com/redis", version)
        app.add_k3s_cluster("dev").add_helm_release("web", "web", "https://charts.example.com", version)

    assert [error.message.partition(", ")[0] for error in mistakes(define)] == [
        f"add_helm_chart() got {version!r} as version",
        f"add_helm_release() got {version!r} as version",
    ]


def test_the_account_of_a_reference_is_in_a_namespace() -> None:
    """A namespace has no dots, though the name of an account may."""

    def define(app: AppBuilder) -> None:
        cluster, api = app.add_k3s_cluster("dev"), app.add_container("api", "a:1")
        api.with_reference(cluster, service_account="ops/bot.one")
        api.with_reference(cluster, "second", service_account="ops.team/bot")

    assert [error.message for error in mistakes(define)] == ["with_reference() got 'ops.team/bot' as service_account"]
