"""What pods may do, and where they can write, in a real cluster: a strict namespace, and a disk of the node."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.charts import built
from tests.support.cluster import COMING_UP, Cluster, run
from tests.support.waiting import until_seen

from fairlead import AppBuilder
from fairlead.publish.publisher import publish
from fairlead.resources.postgres import Postgres

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]

POSTGRES = "fairlead-test-pods/postgres:15"
NOTES = "fairlead-test-pods/notes:1"
OTHERS = ("redis:7.0-bookworm", "nginx:1.22-bookworm", "busybox:1.35", "alpine/kubectl:1.36.0")
SECRETS = {"pg-password": "p w/%", "cache-password": "q"}
#: The official image's entrypoint begins as any user; that of the test bed's stand-in only as root.
ENTRYPOINT = r"""FROM postgres:15-bookworm
RUN mv /usr/local/bin/docker-entrypoint.sh /usr/local/bin/begin-as-root && printf '%s\n' '#!/bin/sh' 'set -eu' \
    '[ "$(id -u)" != 0 ] || exec begin-as-root "$@"' \
    'mkdir -p "$PGDATA" && chmod 700 "$PGDATA"' \
    'if [ ! -s "$PGDATA/PG_VERSION" ]; then' \
    '  printf "%s" "$POSTGRES_PASSWORD" > /tmp/password' \
    '  initdb --username="$POSTGRES_USER" --pwfile=/tmp/password' \
    '  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"' \
    'fi' \
    'exec postgres -c "listen_addresses=*"' > /usr/local/bin/docker-entrypoint.sh \
    && chmod 755 /usr/local/bin/docker-entrypoint.sh
"""
WRITER = """FROM busybox:1.35
USER 472
CMD ["sh", "-c", "mkdir -p /data/www && echo kept > /data/www/note && exec httpd -f -p 8080 -h /data/www"]
"""
CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: disks}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
"""
DISK = """\
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: %(name)s}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: disks
  local: {path: /mnt/%(name)s}
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [server]}]
"""


@pytest.fixture(scope="module")
def ready(cluster: Cluster, image: Callable[[str], str]) -> Iterator[Cluster]:
    """The cluster, with the images of these tests."""
    for name in (*OTHERS, "postgres:15-bookworm"):
        image(name)
    for name, dockerfile in ((POSTGRES, ENTRYPOINT), (NOTES, WRITER)):
        run("docker", "build", "--quiet", "--tag", name, "-", given=dockerfile)
    asyncio.run(until_seen(cluster.is_up, "the cluster is up", within=COMING_UP))
    cluster.bring((POSTGRES, NOTES, *OTHERS))
    yield cluster
    run("docker", "rmi", "--force", POSTGRES, NOTES)


@pytest.fixture
def namespace(ready: Cluster) -> Iterator[str]:
    name = f"pods-{uuid.uuid4().hex[:8]}"
    ready.kubectl("create", "namespace", name)
    yield name
    ready.drop(name)


def add_disks(cluster: Cluster, *names: str) -> None:
    """Give the cluster volumes on the disk of its node, which only root can write to as they are."""
    run("docker", "exec", cluster.node, "mkdir", "--mode=755", *(f"/mnt/{name}" for name in names))
    disks = [DISK % {"name": name} for name in names]
    cluster.kubectl("apply", "--filename", "-", given="".join([CLASS, *disks]))


def install(cluster: Cluster, chart: Path, namespace: str, **values: object) -> None:
    """Install or upgrade a chart, and wait until all of it is ready."""
    command = ("upgrade", "--install", "pods", chart, "--namespace", namespace)
    try:
        cluster.helm(*command, "--wait", "--wait-for-jobs", "--timeout", "240s", values=values)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{cluster.evidence(namespace)}") from None


def test_a_disk_of_a_node_can_be_written_to(ready: Cluster, namespace: str, tmp_path: Path) -> None:
    """A program that isn't root, of an image that we don't know, must be able to write to its volume."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_properties(default_storage_class_name="disks")
        notes = app.add_container("notes", NOTES).with_volume("notes", "/data")
        notes.with_http_endpoint(target_port=8080).with_http_health_check("/note")

    publish(built(define), tmp_path)
    add_disks(ready, "disk")

    install(ready, tmp_path, namespace)

    assert ready.kubectl("exec", "--namespace", namespace, "notes-0", "--", "cat", "/data/www/note") == "kept"


def test_a_strict_namespace_takes_all_pods(ready: Cluster, namespace: str, tmp_path: Path) -> None:
    """What began as root must run as a user under ``restricted``, and find the data that it had before."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_properties(default_storage_class_name="disks")
        pg = app.add(Postgres("pg", image=POSTGRES)).with_data_volume()
        orders = pg.add_database("orders")
        cache = app.add_redis("cache", password=app.add_parameter("cache-password", secret=True)).with_data_volume()
        app.add_redis("scratch")
        migrate = app.add_container("migrate", NOTES, args=["sh", "-c", "true"]).wait_for(orders)
        web = app.add_container("web", "nginx:1.22-bookworm").with_http_endpoint(target_port=80)
        web.with_http_health_check("/").wait_for(cache).wait_for_completion(migrate)
        notes = app.add_container("notes", NOTES).with_volume("notes", "/data").with_stop_timeout(1)
        notes.with_http_endpoint(target_port=8080).with_http_health_check("/note")

    publish(built(define), tmp_path)
    add_disks(ready, "one", "two", "three")
    install(ready, tmp_path, namespace, secrets=SECRETS)
    psql = ("exec", "--namespace", namespace, "statefulset/pg", "--", "psql", "-h", "/var/run/postgresql")
    query = (*psql, "-U", "postgres", "-d", "orders", "-tAc")
    ready.kubectl(*query, "CREATE TABLE kept AS SELECT 42 AS answer")

    ready.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    install(ready, tmp_path, namespace, secrets=SECRETS, podSecurity={"profile": "restricted"})

    assert ready.kubectl(*query, "SELECT answer FROM kept") == "42"
    pods = ready.objects("pods", "--field-selector", "status.phase=Running", namespace=namespace)
    running = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    assert {pod["metadata"]["labels"]["app.kubernetes.io/name"] for pod in running} == {
        *("pg", "cache", "scratch", "web", "notes")
    }
    for pod in running:
        assert ready.kubectl("exec", "--namespace", namespace, pod["metadata"]["name"], "--", "id", "-u") != "0"


FINDS = """
echo "user $(id -u):$(id -g) in $(pwd) on $(hostname)"
touch /no 2>/dev/null || echo "root is read-only"
touch /scratch/yes && df -k /scratch /dev/shm | awk 'NR > 1 { print $NF, $2 }'
grep mast /etc/hosts; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; grep CapBnd /proc/self/status
"""


def test_programs_find_their_settings(ready: Cluster, namespace: str, tmp_path: Path) -> None:
    """A program must find each setting that a pod has a field for, and be ready when its health command ends with 0."""

    def define(app: AppBuilder) -> None:
        start = "sleep 2; touch /scratch/well; sleep 3600 & wait"
        box = app.add_container("box", "busybox:1.35", args=["sh", "-c", start], user="1000:1001", read_only_root=True)
        box.with_tmpfs("/scratch", size="2m").with_shm_size("8m").with_working_directory("/home").with_host_name("deck")
        box.with_sysctl("net.ipv4.ip_unprivileged_port_start", 80).with_extra_host("mast", "10.1.2.3").with_init()
        box.with_capabilities(drop=["ALL"]).with_memory("64m").with_label("com.example/team", "crew")
        box.with_command_health_check('test "$(cat /scratch/well)" = ""', interval=1, start_period=60)
        app.add_container("strong", "busybox:1.35", args=["sleep", "3600"]).with_privileged()

    publish(built(define), tmp_path)

    install(ready, tmp_path, namespace)

    exec_in = ("exec", "--namespace", namespace, "deployment/box", "--", "sh", "-c")
    assert ready.kubectl(*exec_in, FINDS).splitlines() == [
        "user 1000:1001 in /home on deck",
        "root is read-only",
        "/scratch 2048",
        "/dev/shm 8192",
        "10.1.2.3\tmast",
        "80",
        "CapBnd:\t0000000000000000",
    ]
