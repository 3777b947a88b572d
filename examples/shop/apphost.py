"""A shop: orders come in through a web front, are stored in Postgres, queued in Redis, and paid for by a worker.

`fairlead run` starts it on this machine, `fairlead publish` writes its Helm chart.
"""

from __future__ import annotations

from fairlead import AppBuilder, ContainerFile, Lifetime, apphost, ref

FRONT = """\
server {{
    listen 80;
    root /srv/shop;
    location /api/ {{ proxy_pass {api}/; }}
}}
"""

#: What each program asks of a cluster, and the most that it may use.
REQUESTS = {"cpu": "50m", "memory": "96Mi", "ephemeral_storage": "32Mi"}
LIMITS = {"cpu_limit": "1", "memory_limit": "256Mi", "ephemeral_storage_limit": "256Mi"}


@apphost
def shop(app: AppBuilder) -> None:
    key = app.add_parameter("payment-key", secret=True, description="Signs payments. Any text will do here.")

    pg = app.add_postgres("pg").with_data_volume().with_lifetime(Lifetime.PERSISTENT)
    orders = pg.add_database("orders")
    cache = app.add_redis("cache")

    migrate = app.add_python_app("migrate", "api", script="shop_migrate.py").with_reference(orders).wait_for(orders)
    api = (
        app.add_uvicorn_app("api", "api", "shop_api:app", args=["--no-access-log"])
        .with_reference(orders)
        .with_reference(cache)
        .with_http_health_check("/healthz")
        .wait_for(cache)
        .wait_for_completion(migrate)
        .with_replicas(2)
    )
    worker = (
        app.add_python_app("worker", "api", script="shop_worker.py")
        .with_reference(orders)
        .with_reference(cache)
        .with_environment("PAYMENT_KEY", key)
        .wait_for(cache)
        .wait_for_completion(migrate)
    )
    web = (
        app.add_container("web", "nginx:1.22-bookworm")
        .with_http_endpoint(target_port=80)
        .with_container_files("/etc/nginx/conf.d", [ContainerFile("default.conf", ref(FRONT, api=api.endpoint()))])
        .with_container_files("/srv/shop", [ContainerFile("index.html", source="web/index.html")])
        .with_http_health_check("/")
        .with_external_http_endpoints()
        .wait_for(api)
    )

    k8s = app.add_kubernetes_environment("k8s").with_properties(helm_chart_name="shop", namespace="shop")
    k8s.with_network_policies().add_ingress("edge").with_path("/", web)
    for program in (pg, cache, migrate, api, worker, web):
        program.with_resources(**REQUESTS, **LIMITS)
    for program in (migrate, api, worker):
        program.with_security_context(read_only_root_filesystem=True)
    api.with_disruption_budget(max_unavailable=1)


if __name__ == "__main__":
    shop.main()
