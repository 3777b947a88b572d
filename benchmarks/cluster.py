"""What a cluster costs beyond the node itself: its start beside the same image started by hand, and its reuse."""

from __future__ import annotations

import statistics
import subprocess
import time
import uuid

from benchmarks.apps import write_app
from benchmarks.measure import SCRIPT, Figure
from benchmarks.running import RunningApp, running, scratch

IMAGE = "rancher/k3s:v1.36.0-k3s1"
RUNS = 3
WITHIN = 300.0
CLUSTER = 'cluster = app.add_k3s_cluster("k8s")'
KEPT = f"""
from fairlead import Lifetime
{CLUSTER}.with_lifetime(Lifetime.PERSISTENT)
"""


def measure() -> list[Figure]:
    """A cluster alone, from nothing and again, and its end."""
    return [_from_nothing(), *_again()]


def _from_nothing() -> Figure:
    ours, by_hand = [], []
    for _ in range(RUNS):
        with scratch() as folder:
            file = write_app(folder, CLUSTER)
            with running(file, folder) as app:
                ours.append(_until_ready(app))
        by_hand.append(_by_hand())
    median = statistics.median(ours)
    what = "a cluster of one node, from `run` until it is ready"
    baseline = "the same image by `docker run`, until kubectl says so"
    return Figure(what, median, "s", (min(ours), max(ours)), baseline, statistics.median(by_hand), "< 2 s more")


def _again() -> list[Figure]:
    taken, ended = [], []
    with scratch() as folder:
        file = write_app(folder, KEPT)
        for number in range(RUNS + 1):
            with running(file, folder) as app:
                seconds = _until_ready(app)
                if number:  # the first creates it
                    taken.append(seconds)
                ended.append(app.interrupt())
        subprocess.run([SCRIPT, "down", "--volumes", "--apphost", str(file)], env=app.env, check=True)
    return [
        Figure(
            "the next `run` with a persistent cluster, until it is ready",
            statistics.median(taken),
            "s",
            (min(taken), max(taken)),
            target="< 3 s",
        ),
        Figure("Ctrl+C with a persistent cluster", statistics.median(ended), "s", (min(ended), max(ended))),
    ]


def _until_ready(app: RunningApp) -> float:
    """Seconds from the start of `run` until the cluster is healthy."""
    app._call("wait", "k8s", "--for", "healthy", "--timeout", str(WITHIN))
    return time.perf_counter() - app.begin


def _by_hand() -> float:
    """Seconds until a node is Ready and its DNS available, as somebody sees it who asks four times a second."""
    node = f"bench-{uuid.uuid4().hex[:8]}"
    version = _docker("info", "--format", "{{.CgroupVersion}}")
    options = [] if version == "2" else ["--kubelet-arg=fail-cgroupv1=false"]
    begin = time.perf_counter()
    _docker(
        *("run", "--detach", "--name", node, "--hostname", "k8s", "--privileged", "--cgroupns", "private"),
        *("--tmpfs", "/run", "--tmpfs", "/var/run", "--publish", "127.0.0.1::6443", "--env", "K3S_TOKEN=bench"),
        *(IMAGE, "server", "--node-name", "k8s", *options),
    )
    try:
        while not _is_ready(node):
            if time.perf_counter() - begin > WITHIN:
                raise SystemExit(f"the node did not come up in {WITHIN} s")
            time.sleep(0.25)
        return time.perf_counter() - begin
    finally:
        _docker("rm", "--force", "--volumes", node)


def _is_ready(node: str) -> bool:
    kubectl = ("docker", "exec", node, "kubectl")
    nodes = subprocess.run([*kubectl, "get", "nodes", "--no-headers"], capture_output=True, text=True)
    dns = subprocess.run(
        [*kubectl, "get", "deployment", "coredns", "-n", "kube-system", "-o", "jsonpath={.status.availableReplicas}"],
        capture_output=True,
        text=True,
    )
    return " Ready " in nodes.stdout and dns.stdout.strip() not in ("", "0")


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()
