"""Calls that a type checker must refuse: each has a comment, without which it is an error for mypy and for pyright.

Mypy judges this file with the rest of the tree, where a comment that is needed by no error is an error itself; pyright
judges it in ``test_wrong_calls``. Nothing runs it.
"""

from __future__ import annotations

from fairlead import (
    ActionContext,
    AppBuilder,
    Apphost,
    CallbackContext,
    Container,
    K3sCluster,
    KubernetesEnvironment,
    KubernetesObjects,
    Lifetime,
    Parameter,
    Postgres,
    Resource,
)


def wants_a_number(context: int) -> str:
    return str(context)


def wants_two(context: ActionContext, other: int) -> str:
    return f"{context.resource.name} {other}"


def gives_a_list(context: CallbackContext) -> list[str]:
    return [context.resource.name]


def gives_nothing() -> None: ...


def gives_text(context: ActionContext) -> str:
    return context.resource.name


def adding(app: AppBuilder, key: Parameter) -> None:
    app.add_container("a")  # type: ignore[call-arg]
    app.add_container("a", 5)  # type: ignore[arg-type]
    app.add_container("a", None)  # type: ignore[arg-type]
    app.add_container("a", "a:1", replica=2)  # type: ignore[call-arg]
    app.add_container("a", "a:1", replicas="2")  # type: ignore[arg-type]
    app.add_container("a", "a:1", env=["A=1"])  # type: ignore[arg-type]
    app.add_container("a", "a:1", env={"A": None})  # type: ignore[dict-item]
    app.add_container("a", "a:1", ports={"http": "80"})  # type: ignore[dict-item]
    app.add_container("a", "a:1", volumes=["data"])  # type: ignore[arg-type]
    app.add_container("a", "a:1", lifetime="for ever")  # type: ignore[arg-type]
    app.add_container("a", "a:1", restart="unless-stopped")  # type: ignore[arg-type]
    app.add_container("a", "a:1", wait_for="pg")  # type: ignore[arg-type]
    app.add_container("a", "a:1", stdin="open")  # type: ignore[call-arg]
    app.add_executable("a", "true", volumes={"v": "/v"})  # type: ignore[call-arg]
    app.add_executable("a", "true", stdin="pipe")  # type: ignore[arg-type]
    app.add_python_app("a", ".", modul="main")  # type: ignore[call-arg]
    app.add_uvicorn_app("a", ".")  # type: ignore[call-arg]
    app.add_uvicorn_app("a", ".", "m:app", reload="yes")  # type: ignore[arg-type]
    app.add_postgres("a", password="secret")  # type: ignore[arg-type]
    app.add_postgres("a", image=15)  # type: ignore[arg-type]
    app.add_redis("a", user="me")  # type: ignore[call-arg]
    app.add_parameter("a", default=[1])  # type: ignore[arg-type]
    app.add_connection_string("a", "postgresql://…")  # type: ignore[arg-type]
    app.add_kubernetes_environment()  # type: ignore[call-arg]
    app.add_k3s_cluster("a", publish_as="dependency")  # type: ignore[arg-type]
    app.add(Container)  # type: ignore[type-var]
    app.add(key.name)  # type: ignore[type-var]
    app.on_before_start(wants_a_number)  # type: ignore[arg-type]


def on_any_resource(resource: Resource, pg: Postgres) -> None:
    resource.wait_for("pg")  # type: ignore[arg-type]
    resource.wait_for_completion(pg, exit_code="0")  # type: ignore[arg-type]
    resource.with_health_check(gives_text)  # type: ignore[arg-type]
    resource.with_health_check(wants_a_number)  # type: ignore[arg-type]
    resource.with_command("seed", wants_two)  # type: ignore[arg-type]
    resource.with_command("seed", gives_text, inputs=["amount"])  # type: ignore[list-item]
    resource.on_ready(gives_nothing())  # type: ignore[func-returns-value, arg-type]
    resource.on_stopped(wants_two)  # type: ignore[arg-type]
    resource.with_url(5)  # type: ignore[arg-type]
    resource.with_environment("A", "b")  # type: ignore[attr-defined]
    pg.add_database()  # type: ignore[call-arg]
    pg.with_replica(2)  # type: ignore[attr-defined]
    pg.replica = 2  # type: ignore[attr-defined]


def on_a_container(api: Container, pg: Postgres) -> None:
    api.with_environment("A", None)  # type: ignore[arg-type]
    api.with_environment("A", ["b"])  # type: ignore[arg-type]
    api.with_environment("A", pg)  # type: ignore[arg-type]
    api.with_environment("A", wants_a_number)  # type: ignore[arg-type]
    api.with_environment("A", gives_a_list)  # type: ignore[arg-type]
    api.with_environment("A", gives_text)  # type: ignore[arg-type]
    api.with_environment("A", gives_nothing)  # type: ignore[arg-type]
    api.with_args(["a", "b"])  # type: ignore[arg-type]
    api.with_args(gives_nothing)  # type: ignore[arg-type]
    api.with_args(wants_two)  # type: ignore[arg-type]
    api.with_reference("pg")  # type: ignore[arg-type]
    api.with_endpoint(protocol="sctp")  # type: ignore[arg-type]
    api.with_http_endpoint(target_port="80")  # type: ignore[arg-type]
    api.with_http_health_check(status="200")  # type: ignore[arg-type]
    api.with_http_probe("ready")  # type: ignore[arg-type]
    api.with_lifetime("forever")  # type: ignore[arg-type]
    api.with_lifetime(True)  # type: ignore[arg-type]
    api.with_user(1.5)  # type: ignore[arg-type]
    api.with_capabilities(added=["ALL"])  # type: ignore[call-arg]
    api.with_ulimit("nofile", "1024")  # type: ignore[arg-type]
    api.with_gpus("some")  # type: ignore[arg-type]
    api.with_tmpfs("/tmp", mode="1777")  # type: ignore[arg-type]
    api.with_command_health_check(5)  # type: ignore[arg-type]
    api.with_command_health_check(["true"], interval="30s")  # type: ignore[arg-type]
    api.with_pull_policy("IfNotPresent")  # type: ignore[arg-type]
    api.with_bind_mount("a", "/a", publish_mount="copy")  # type: ignore[arg-type]
    api.with_env_file(".env", publish="all")  # type: ignore[arg-type]
    api.with_container_files("/etc", {"a": 5})  # type: ignore[arg-type]
    api.with_restart("never")  # type: ignore[arg-type]
    api.with_stop_timeout("5s")  # type: ignore[arg-type]
    api.with_volume("data")  # type: ignore[call-arg]


def in_a_cluster(api: Container, k8s: KubernetesEnvironment, key: Parameter) -> None:
    k8s.with_properties(helm_chart_nam="shop")  # type: ignore[call-arg]
    k8s.with_properties(namespace=None)  # type: ignore[arg-type]
    k8s.with_properties(namespace=5)  # type: ignore[arg-type]
    k8s.with_properties(default_storage_type="floppy")  # type: ignore[arg-type]
    k8s.with_properties(default_service_type="Loadbalancer")  # type: ignore[arg-type]
    k8s.with_properties(default_image_pull_policy="always")  # type: ignore[arg-type]
    k8s.with_properties(default_storage_read_write_policy="ReadWrite")  # type: ignore[arg-type]
    k8s.properties.namespace = "shop"  # type: ignore[misc]
    k8s.with_waits(pods=False)  # type: ignore[call-arg]
    k8s.add_manifest([{"kind": "ConfigMap"}])  # type: ignore[arg-type]
    k8s.add_node_pool("gpu", labels=["gpu"])  # type: ignore[arg-type]
    k8s.add_persistent_volume("data").with_access_mode("ReadWrite")  # type: ignore[arg-type]
    k8s.add_persistent_volume("data").with_capacity(10)  # type: ignore[arg-type]
    ingress = k8s.add_ingress("edge")
    ingress.with_path("/", "web")  # type: ignore[arg-type]
    ingress.with_path("/", api, path_type="PathPrefix")  # type: ignore[arg-type]
    ingress.with_tls(issuer="le", issuer_kind="Cluster")  # type: ignore[arg-type]
    ingress.with_hostname(5)  # type: ignore[arg-type]
    ingress.with_tls(hosts=[5])  # type: ignore[list-item]
    ingress.with_tls(issuer=k8s)  # type: ignore[arg-type]
    k8s.add_gateway("way").with_hsts("1y")  # type: ignore[arg-type]
    k8s.add_helm_chart("queue", "./queue", order="later")  # type: ignore[arg-type]
    k8s.add_cert_manager("certs").add_issuer("own", "Cluster")  # type: ignore[arg-type]
    k8s.add_gateway("gate").with_route("/", api, path_type="Prefix")  # type: ignore[arg-type]
    api.with_workload("Pod")  # type: ignore[arg-type]
    api.with_workload("CronJob", schedul="@daily")  # type: ignore[call-arg]
    api.with_compute_environment("k8s")  # type: ignore[arg-type]
    api.with_node_pool("gpu")  # type: ignore[arg-type]
    api.with_resources(cpu=1)  # type: ignore[arg-type]
    api.with_autoscaling("1", 3)  # type: ignore[arg-type]
    api.with_autoscaling(1, 3, cpu="80%")  # type: ignore[arg-type]
    api.with_disruption_budget(min_available=0.5)  # type: ignore[arg-type]
    api.with_service_account(create="no")  # type: ignore[arg-type]
    api.with_persistent_volume("data")  # type: ignore[arg-type]
    api.publish_as_kubernetes_service(key)  # type: ignore[arg-type]
    api.publish_as_kubernetes_service(wants_a_number)  # type: ignore[arg-type]
    api.publish_as_kubernetes_service(change_pods)


def change_pods(objects: KubernetesObjects) -> None:
    objects.pods()  # type: ignore[attr-defined]


def in_a_local_cluster(cluster: K3sCluster) -> None:
    cluster.add_helm_release("web")  # type: ignore[call-arg]
    cluster.add_helm_release("web", "./chart", publish_as="template")  # type: ignore[arg-type]
    cluster.add_k8s_manifest("crds", "./k8s", publish_as="dependency")  # type: ignore[arg-type]
    cluster.add_service_endpoint("ui", "web")  # type: ignore[call-arg]
    cluster.add_service_endpoint("ui", "web", 80, publish_as="dependency")  # type: ignore[arg-type]
    cluster.with_agent_count("2")  # type: ignore[arg-type]


def with_verbs(shop: Apphost) -> None:
    shop.build("test")  # type: ignore[arg-type]
    shop.build(modus="run")  # type: ignore[call-arg]
    shop.publish(tarjet="k8s")  # type: ignore[call-arg]
    shop.publish(format="compose")  # type: ignore[arg-type]
    shop.publish(check="yes")  # type: ignore[arg-type]
    shop.start(behavior="hope")  # type: ignore[arg-type]
    shop.start(parameters={"key": 5})  # type: ignore[dict-item]
    shop.build()["pg"].with_lifetime(Lifetime.SESSION)  # type: ignore[attr-defined]
    shop.build().resources += ()  # type: ignore[misc]
