"""An app with a workload of each kind and each kind of controller, for those that judge what is published."""

from __future__ import annotations

from fairlead import AppBuilder, ContainerFile, apphost, ref


@apphost(name="all-workloads")
def all_workloads(app: AppBuilder) -> None:
    k8s = app.add_kubernetes_environment("k8s").with_network_policies()
    key = app.add_parameter("key", secret=True)
    pg = app.add_postgres("pg").with_data_volume()
    orders, bills = pg.add_database("orders"), pg.add_database("bills")
    cache = app.add_redis("cache", password=key).with_data_volume()

    migrate = app.add_python_app("migrate", "./migrate", script="main.py").with_reference(orders).wait_for(orders)
    import_ = app.add_container("import", "busybox:1.35", args=["true"]).with_workload("Job").wait_for(bills)
    api = app.add_python_app("api", "./api", script="main.py").with_http_endpoint().with_http_health_check("/healthz")
    api.with_reference(orders).with_reference(cache).wait_for(cache).wait_for_completion(migrate)
    api.with_autoscaling(2, 4).with_resources(cpu="100m").with_external_http_endpoints()
    app.add_node_app("site", "./site", "server.js").with_http_endpoint().with_reference(api).wait_for(api)
    front = app.add_container("front", "nginx:1.22-bookworm", ports={"http": 80}).wait_for(api)
    front.with_container_files("/etc/nginx/conf.d", [ContainerFile("key.conf", ref("# {k}", k=key))])
    front.with_external_http_endpoints()

    uploads = k8s.add_persistent_volume("uploads")
    app.add_container("store", "registry.example.com/store:2", ports={"http": 8080}).with_persistent_volume(
        uploads, "/data"
    )
    app.add_container("index", "registry.example.com/index:2").with_volume("index", "/index").with_replicas(2)
    app.add_container("agent", "registry.example.com/agent:2").with_workload("DaemonSet").with_service_account()
    app.add_container("report", "busybox:1.35", args=["true"]).with_workload("CronJob", schedule="@daily")
    app.add_python_app("worker", "./worker", script="main.py").with_environment("KEY", key).wait_for_completion(import_)
    k8s.add_ingress("edge").with_path("/", front).with_path("/api", api)
