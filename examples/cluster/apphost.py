"""A harbour: its notice board is a chart in a cluster, and an operator on this machine posts the notices.

`fairlead run` starts it. No `helm`, `kubectl` or `k3s` has to be installed for it.
"""

from __future__ import annotations

from fairlead import AppBuilder, ContainerFile, Generate, apphost, ref

PYTHON = "python:3.11-slim-bookworm"
FRONT = """\
server {{
    listen 80;
    location / {{ proxy_pass {board}/; }}
}}
"""


@apphost
def harbour(app: AppBuilder) -> None:
    key = app.add_parameter("seal-key", Generate(), secret=True, description="Signs what the board says.")
    cache = app.add_redis("cache")
    tide = (
        app.add_python_app("tide", "harbour", script="tide.py").with_http_endpoint().with_http_health_check("/healthz")
    )

    k8s = app.add_k3s_cluster("k8s", agent_count=1).load_image(PYTHON)
    notices = k8s.add_k8s_manifest("notices", "./k8s/overlay")
    board = k8s.add_helm_release(
        "board",
        "./chart",
        namespace="harbour",
        values={
            "image": PYTHON,
            "cache": {"host": cache.endpoint("tcp").host, "port": cache.endpoint("tcp").port},
            "tideUrl": tide.endpoint().url,
            "sealKey": key,
        },
    ).wait_for(cache)
    door = k8s.add_service_endpoint("door", "board", 80, namespace="harbour").wait_for_completion(board)

    operator = (
        app.add_python_app("operator", "operator", command="kopf")
        .with_http_endpoint(name="liveness")
        .with_http_health_check("/healthz")
        .with_reference(k8s)
        .wait_for_completion(notices)
    )
    liveness = ref("--liveness=http://localhost:{port}/healthz", port=operator.endpoint("liveness").target_port)
    operator.with_args("run", "notice_operator.py", "--all-namespaces", "--standalone", liveness)

    (
        app.add_python_app("lookout", "harbour", script="lookout.py")
        .with_http_endpoint()
        .with_http_health_check("/healthz")
        .with_reference(door)
        .wait_for(door)
    )
    front = ContainerFile("default.conf", ref(FRONT, board=door.endpoint().url))
    (
        app.add_container("front", "nginx:1.22-bookworm")
        .with_http_endpoint(target_port=80)
        .with_container_files("/etc/nginx/conf.d", [front])
        .with_http_health_check("/healthz")
        .wait_for(door)
    )


if __name__ == "__main__":
    harbour.main()
