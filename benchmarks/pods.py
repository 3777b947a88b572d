"""What a thousand pods of a cluster cost the host that shows them."""

from __future__ import annotations

import time
from pathlib import Path

import yaml

from benchmarks.apps import write_app
from benchmarks.measure import Figure
from benchmarks.running import RunningApp, running, scratch

DEPLOYMENTS = 10
PODS = 1000
PATIENCE = 300
REST_SECONDS = 10
CLUSTER = 'cluster = app.add_k3s_cluster("k8s")'
MANIFEST = f'{CLUSTER}\ncluster.add_k8s_manifest("many", "./many.yaml", wait=False)'


def measure() -> list[Figure]:
    """Memory and processor time of the host with a cluster of a thousand pods, which no node takes.

    A pod that waits for a node has no container that costs this machine anything, and a spec and events as any other.
    """
    with scratch() as folder:
        (folder / "many.yaml").write_text(yaml.safe_dump_all(map(deployment, range(DEPLOYMENTS))), encoding="utf-8")
        with running(write_app(folder, CLUSTER), folder) as app:
            wait_for_pods(app, 1)
            alone = memory_of(app, "VmRSS")
        with running(write_app(folder, MANIFEST), folder) as app:
            wait_for_pods(app, PODS)
            before = app.host.cpu_times()
            time.sleep(REST_SECONDS)
            after = app.host.cpu_times()
            used = (after.user + after.system) - (before.user + before.system)
            return [
                Figure(
                    "memory of the host with 1,000 pods in a cluster",
                    memory_of(app, "VmRSS"),
                    "MiB",
                    baseline="with the cluster alone",
                    baseline_value=alone,
                    target="< 160 MiB",
                ),
                Figure("the most memory it had meanwhile", memory_of(app, "VmHWM"), "MiB", target="< 160 MiB"),
                Figure("processor with 1,000 pods at rest", 100 * used / REST_SECONDS, "% of a core"),
            ]


def deployment(number: int) -> dict[str, object]:
    """A Deployment of a hundred pods that are as large as those of usual charts."""
    labels = {"app.kubernetes.io/name": f"web-{number}", "app.kubernetes.io/instance": "many"}
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5}
    container = {
        "image": "registry.example.com/team/web:1.2.3",
        "env": [{"name": f"SETTING_{place}", "value": "a value of usual length"} for place in range(15)],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
        "ports": [{"containerPort": 8080, "name": "http"}],
    }
    containers = [{"name": name, **container} for name in ("web", "proxy")]
    template = {
        "metadata": {"labels": labels},
        "spec": {"nodeSelector": {"example.com/nowhere": "true"}, "containers": containers},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"web-{number}", "namespace": "default"},
        "spec": {"replicas": PODS // DEPLOYMENTS, "selector": {"matchLabels": labels}, "template": template},
    }


def wait_for_pods(app: RunningApp, count: int) -> None:
    """Wait until so many pods are shown, each with its reason if no node takes it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        pods = [resource for resource in app.resources() if resource["type"] == "Pod"]
        told = [pod for pod in pods if pod["state"] != "Waiting" or "no node" in str(pod["reason"])]
        if len(told) >= count:
            return
        time.sleep(1)
    raise SystemExit(f"there were not {count} pods within {PATIENCE} s")


def memory_of(app: RunningApp, field: str) -> float:
    """MiB of memory of the host: ``VmRSS`` now, ``VmHWM`` the most it had (proc(5))."""
    status = Path(f"/proc/{app.host.pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) / 1024
