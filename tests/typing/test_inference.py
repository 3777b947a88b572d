"""What a type checker must infer of a fluent definition. Mypy judges this file; running it shows it is true."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_type

from fairlead import (
    App,
    AppBuilder,
    Apphost,
    Container,
    Endpoint,
    Executable,
    HelmRelease,
    Image,
    K3sCluster,
    KubernetesManifest,
    Lifetime,
    Output,
    Parameter,
    Resource,
    ServiceEndpoint,
    Value,
    Workload,
    apphost,
    ref,
    when,
)
from fairlead.model.values.conditional import Conditional
from fairlead.model.values.value import Expression
from fairlead.publish.publisher import PublishResult
from fairlead.resources.connection_string import ConnectionString
from fairlead.resources.external import ExternalService
from fairlead.resources.kubernetes import Ingress, KubernetesEnvironment
from fairlead.resources.node import NodeApp, ViteApp
from fairlead.resources.postgres import Postgres, PostgresDatabase
from fairlead.resources.python import PythonApp, UvicornApp
from fairlead.resources.redis import Redis
from fairlead.testing import BlockingRunning, Running, testing


class Kafka(Container):
    """A kind of somebody else's."""

    def with_topic(self, topic: str) -> Kafka:
        """Return itself."""
        return self.with_environment("TOPIC", topic)


def define(app: AppBuilder) -> None:
    assert_type(app.add_container("web", "nginx"), Container)
    assert_type(app.add_dockerfile("built", "."), Container)
    image = app.add_image("image", ".").with_platform("linux/amd64")
    assert_type(image, Image)
    assert_type(app.add_container("worker", image, args=["work"]), Container)
    assert_type(app.add_python_app("shared", ".", module="m", image=image), PythonApp)
    assert_type(app.add_postgres("extended", image=image), Postgres)
    executable = app.add_executable("tool", "true", group=["tools", "debug"])
    assert_type(executable, Executable)
    assert_type(app.add_job("job", "busybox", command="sh", volumes={"data": "/data"}), Container)
    assert_type(app.add_job("shared-job", image, args=["migrate"]), Container)
    assert_type(app.add_job("tool-job", executable, args=["1"]), Workload)
    assert_type(app.add_executable("once", "true").as_job().with_group("tools"), Executable)
    assert_type(app.add_python_app("py", ".", module="m"), PythonApp)
    assert_type(app.add_uvicorn_app("uv", ".", "m:app"), UvicornApp)
    assert_type(app.add_node_app("node", ".", "server.js"), NodeApp)
    assert_type(app.add_vite_app("vite", "."), ViteApp)
    assert_type(app.add_external_service("mail", "https://example.com"), ExternalService)
    assert_type(app.add_connection_string("db"), ConnectionString)
    key = app.add_parameter("key", secret=True)
    assert_type(key, Parameter)

    # Every with_… and wait_… returns the type it was called on, also of a kind it does not know.
    kafka = app.add(Kafka("kafka", "kafka"))
    assert_type(kafka, Kafka)
    assert_type(kafka.with_environment("A", "b").with_args("x").with_reference(key).wait_for(key), Kafka)
    assert_type(kafka.with_volume("v", "/v").with_lifetime(Lifetime.SESSION).with_explicit_start(), Kafka)
    assert_type(
        kafka.with_user(1000).with_tmpfs("/tmp", size="1m").with_memory("1g").with_log_options(max_size=1), Kafka
    )
    assert_type(kafka.with_command_health_check(["true"], interval=5, timeout=timedelta(seconds=3)), Kafka)
    assert_type(kafka.with_stop_signal("INT").with_stop_timeout(5).with_restart("always", max_restarts=3), Kafka)
    assert_type(kafka.with_env_file(".env", publish="values"), Kafka)
    assert_type(kafka.with_bind_mount("a", "/a", publish_mount="skip"), Kafka)
    assert_type(kafka.with_topic("t").with_http_endpoint(target_port=80), Kafka)
    pg = app.add_postgres("pg").with_data_volume().with_replicas(1)
    assert_type(pg, Postgres)
    assert_type(pg.add_database("orders").with_icon("x"), PostgresDatabase)
    assert_type(pg.password, Parameter)
    assert_type(app.add_redis("cache").on_ready(print), Redis)
    k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="x")
    assert_type(k8s, KubernetesEnvironment)
    assert_type(k8s.add_ingress("edge").with_path("/", kafka), Ingress)

    # A cluster, and what is declared in it.
    cluster = app.add_k3s_cluster("dev", agent_count=1).with_data_volume().with_k3s_version("v1.36.0-k3s1")
    assert_type(cluster, K3sCluster)
    assert_type(cluster.with_pod_subnet("10.52.0.0/16").with_extra_arg("--debug").load_image("api:dev"), K3sCluster)
    release = cluster.add_helm_release("web", "./chart", values={"host": pg.endpoint("tcp").host, "n": [1, None]})
    assert_type(release.with_helm_value("a.b", key).with_helm_values_file("v.yaml").wait_for(pg), HelmRelease)
    assert_type(cluster.add_k8s_manifest("crds", "./k8s").wait_for_completion(release), KubernetesManifest)
    assert_type(cluster.add_service_endpoint("ui", "web", "http", scheme="https"), ServiceEndpoint)
    assert_type(cluster.kubeconfig, Output)
    kafka.with_reference(cluster, service_account="ops/bot")
    cluster.add_helm_release("bad5", "web", publish_as="template2")  # type: ignore[arg-type]
    cluster.add_service_endpoint("bad6", "web")  # type: ignore[call-arg]

    # Values.
    assert_type(kafka.endpoint(), Endpoint)
    assert_type(ref("{x}", x=kafka.endpoint().port), Expression)
    assert_type(when(key, "on", kafka.endpoint().port, equals="yes"), Conditional)
    when("yes", "on")  # type: ignore[arg-type]
    when(key, ["on"])  # type: ignore[arg-type]
    assert_type(pg.connection_string, Value)
    assert_type(kafka.connection_string, Value | None)
    assert_type(kafka.output("token"), Output)
    assert_type(pg.endpoint("tcp").resource, Resource)

    # Keywords of add_… are typed too.
    app.add_container("kw", "x", env={"A": key, "B": 1}, args=["x", key], ports={"http": 80}, wait_for=[pg, kafka])
    app.add_executable("kw2", "x", ".", "--port", 80, references=[pg, kafka.endpoint()], explicit_start=True)
    app.add_executable("kw3", "x", restart="on-failure", max_restarts=3, stop_timeout=5, env_file=".env")
    app.add_executable("bad4", "x", restart="never")  # type: ignore[arg-type]
    app.add_executable("bad", "x", volumes={"v": "/v"})  # type: ignore[call-arg]
    app.add_container("bad2", "x", replicas="2")  # type: ignore[arg-type]
    app.add_container("bad3", None)  # type: ignore[arg-type]


def build(host: Apphost) -> App:
    app = host.build()
    assert_type(app, App)
    assert_type(app["pg"], Resource)
    assert_type([resource for resource in app], list[Resource])
    return app


def use_verbs(host: Apphost) -> None:
    """The verbs have signatures of their own: a keyword that is misspelt must not pass."""
    assert_type(
        host.publish("out", target="k8s", format="helm", check=True, strict=True, values={"a": 1}), PublishResult
    )
    assert_type(host.start(exclude={"web"}, parameters={"key": "x"}), testing)
    host.publish(tarjet="k8s")  # type: ignore[call-arg]
    host.publish("out", check="yes")  # type: ignore[arg-type]
    host.start(exclud={"web"})  # type: ignore[call-arg]
    host.build(modus="run")  # type: ignore[call-arg]
    host.main("run", "web")  # type: ignore[call-arg]


async def use_running(host: Apphost) -> None:
    async with host.start() as app:
        assert_type(app, Running)


def use_running_without_a_loop(host: Apphost) -> None:
    with host.start() as app:
        assert_type(app, BlockingRunning)
        assert_type(app.http("api").get("/").status, int)


@apphost
def shop(app: AppBuilder) -> None:
    app.add_redis("cache")


@apphost(name="other")
def named(app: AppBuilder) -> None:
    app.add_redis("cache")


assert_type(shop, Apphost)
assert_type(named, Apphost)


def test_the_decorator_keeps_its_promise() -> None:
    """What is inferred of the decorator must be so."""
    assert isinstance(shop, Apphost) and named.name == "other"
    assert isinstance(build(Apphost(lambda app: (app.add_postgres("pg"), None)[1], name="x"))["pg"], Workload)
