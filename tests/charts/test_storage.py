"""Volumes and files, as the real helm renders them."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from tests.support.charts import Charts, container

from fairlead import AppBuilder, ContainerFile, ref
from fairlead.publish.chart.names import object_name


def spec_of(workload: dict[str, Any]) -> dict[str, Any]:
    spec = workload["spec"]["template"]["spec"]
    assert isinstance(spec, dict)
    return spec


def test_a_volume_of_its_own_makes_a_stateful_set(charts: Charts) -> None:
    """Each pod must get a claim of its own, with size, class and mode as values and no version in its labels."""

    def define(app: AppBuilder) -> None:
        app.add_postgres("pg").with_data_volume("My Data.v1")

    charts.publish(define)

    given = {"storage": {"My Data.v1": {"size": "5Gi", "storageClass": "fast", "accessMode": "ReadWriteOncePod"}}}
    found = charts.render({"pg-password": "x"}, values=given)["StatefulSet", "pg"]
    (claim,) = found["spec"]["volumeClaimTemplates"]
    (mount,) = spec_of(found)["containers"][0]["volumeMounts"]
    assert claim["metadata"]["name"] == mount["name"] == "my-data-v1"
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOncePod"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    assert mount["mountPath"] == "/var/lib/postgresql/data"
    assert not [key for key in claim["metadata"]["labels"] if "version" in key or "chart" in key]


def test_a_shared_volume_is_one_claim(charts: Charts) -> None:
    """A volume that two workloads mount must be one claim, which survives the release, and keep them Deployments."""

    def define(app: AppBuilder) -> None:
        app.add_container("one", "busybox:1.35").with_volume("shared", "/data").with_volume("shared", "/again")
        app.add_container("two", "busybox:1.35").with_volume("shared", "/data", read_only=True)

    charts.publish(define)

    objects = charts.render()
    claim = objects["PersistentVolumeClaim", "shared"]
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    one, two = (spec_of(objects["Deployment", name]) for name in ("one", "two"))
    assert one["volumes"] == two["volumes"] == [{"name": "shared", "persistentVolumeClaim": {"claimName": "shared"}}]
    assert [mount["mountPath"] for mount in one["containers"][0]["volumeMounts"]] == ["/data", "/again"]
    assert two["containers"][0]["volumeMounts"][0]["readOnly"] is True
    assert objects["Deployment", "one"]["spec"]["strategy"] == {"type": "Recreate"}


def test_scratch_volumes_are_empty_ones(charts: Charts) -> None:
    """A volume without a name must live as long as the pod, and leave its workload a Deployment."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35").with_volume(None, "/tmp/a").with_volume(None, "/tmp/b")

    charts.publish(define)

    found = spec_of(charts.render()["Deployment", "api"])
    assert [volume["emptyDir"] for volume in found["volumes"]] == [{}, {}]
    assert len({volume["name"] for volume in found["volumes"]}) == 2


def test_other_types_of_storage(charts: Charts) -> None:
    """Named volumes must be what the environment's default says."""

    def define(app: AppBuilder) -> None:
        one = app.add_kubernetes_environment("one").with_properties(default_storage_type="emptyDir")
        two = app.add_kubernetes_environment("two").with_properties(default_storage_type="hostPath")
        app.add_container("api", "busybox:1.35").with_volume("d", "/d").with_compute_environment(one, two)

    charts.publish(define)

    (empty,) = spec_of(charts.render(chart="one")["Deployment", "api"])["volumes"]
    (host,) = spec_of(charts.render(chart="two")["Deployment", "api"])["volumes"]
    assert empty == {"name": "d", "emptyDir": {}}
    assert host["hostPath"] == {"path": "/var/lib/default/shop/d", "type": "DirectoryOrCreate"}
    given = {"storage": {"d": {"hostPath": "/mnt/d"}}}
    (host,) = spec_of(charts.render(chart="two", values=given)["Deployment", "api"])["volumes"]
    assert host["hostPath"]["path"] == "/mnt/d"


def test_persistent_volumes_live_by_themselves(charts: Charts) -> None:
    """One must be a claim, with a source the volume too, and one that is there already only be referred to."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        plain = k8s.add_persistent_volume("plain").with_capacity("10Gi").with_access_mode("ReadWriteMany")
        files = k8s.add_persistent_volume("files").with_source({"nfs": {"server": "nas", "path": "/x"}})
        fast = k8s.add_persistent_volume("f" * 64).with_source({"nfs": {"server": "nas", "path": "/y"}})
        fast.with_storage_class("fast")
        there = k8s.add_persistent_volume("there").with_existing_claim("theirs")
        api = app.add_container("api", "busybox:1.35").with_volume("plain", "/plain").with_persistent_volume(plain)
        api.with_persistent_volume(fast, "/fast")
        api.with_persistent_volume(files, "/files", read_only=True)
        app.add_python_app("worker", "./nowhere", script="x.py").with_persistent_volume(there, "/there")

    charts.publish(define)

    objects = charts.render()
    assert objects["PersistentVolumeClaim", "plain"]["spec"]["accessModes"] == ["ReadWriteMany"]
    assert objects["PersistentVolumeClaim", "plain"]["spec"]["resources"]["requests"]["storage"] == "10Gi"
    claim = objects["PersistentVolumeClaim", "files"]
    volume = objects["PersistentVolume", claim["spec"]["volumeName"]]
    assert volume["spec"]["nfs"] == {"server": "nas", "path": "/x"}
    assert volume["metadata"]["annotations"] == claim["metadata"]["annotations"]
    assert volume["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert claim["spec"]["storageClassName"] == volume["spec"]["storageClassName"] == ""
    claim = objects["PersistentVolumeClaim", object_name("f" * 64)]
    long = objects["PersistentVolume", claim["spec"]["volumeName"]]
    assert claim["spec"]["storageClassName"] == long["spec"]["storageClassName"] == "fast"
    seen = {volume["metadata"]["name"], long["metadata"]["name"]}
    for release, namespace in (("r" * 53, "default"), ("other", "default"), ("release", "n" * 63), ("other", "other")):
        made = charts.render(release=release, namespace=namespace)
        called = {name for kind, name in made if kind == "PersistentVolume"}
        assert len(called) == 2
        assert all(re.fullmatch("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", name) for name in called)
        assert not called & seen
        seen |= called
    mounts = {mount["mountPath"]: mount for mount in container(objects, "api")["volumeMounts"]}
    assert mounts["/files"]["readOnly"] is True
    worker = spec_of(objects["Deployment", "worker"])
    assert worker["volumes"] == [{"name": "there", "persistentVolumeClaim": {"claimName": "theirs"}}]
    assert worker["securityContext"]["fsGroup"] == 10001
    assert ("PersistentVolumeClaim", "there") not in objects


def test_a_persistent_volume_at_two_places_is_one_volume(charts: Charts) -> None:
    """A program that has a volume at two places must have one volume in its pod, mounted twice."""

    def define(app: AppBuilder) -> None:
        uploads = app.add_kubernetes_environment("k8s").add_persistent_volume("uploads")
        api = app.add_python_app("api", "./nowhere", script="x.py").with_persistent_volume(uploads, "/srv/uploads")
        api.with_persistent_volume(uploads, "/srv/public", read_only=True)

    charts.publish(define)

    spec = spec_of(charts.render()["Deployment", "api"])
    assert spec["volumes"] == [{"name": "uploads", "persistentVolumeClaim": {"claimName": "uploads"}}]
    assert spec["containers"][0]["volumeMounts"] == [
        {"name": "uploads", "mountPath": "/srv/uploads"},
        {"name": "uploads", "mountPath": "/srv/public", "readOnly": True},
    ]


def test_files_come_from_config_maps_and_secrets(charts: Charts, tmp_path: Path) -> None:
    """Text, bytes, what is deferred and what is secret must arrive under their paths, with their modes."""
    (tmp_path / "host.conf").write_text("from the host {{ .Values }}\n")

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        level = app.add_parameter("level", "info")
        other = app.add_container("other", "busybox:1.35").with_http_endpoint(target_port=80)
        api = app.add_container("api", "busybox:1.35", env={"A": "b"})
        api.with_container_files("/etc/app", {"a.conf": "text\n$(X)"})
        api.with_container_files("/etc/app", {"b.bin": b"\x00\xff"})
        api.with_container_files("/etc/app", {"key.pem": key})
        api.with_container_files(
            "/etc/app/sub",
            [
                ContainerFile("a.conf", ref("{l} {u}", l=level, u=other.endpoint().url), mode=0o600),
                ContainerFile("host.conf", source=str(tmp_path / "host.conf")),
            ],
        )

    charts.publish(define)

    objects = charts.render({"key": "hunter2"})
    config, secret = objects["ConfigMap", "api-files"], objects["Secret", "api"]
    spec = spec_of(objects["Deployment", "api"])
    keys = {mount["mountPath"]: mount["subPath"] for mount in spec["containers"][0]["volumeMounts"]}
    assert config["data"][keys["/etc/app/a.conf"]] == "text\n$(X)"
    assert config["data"][keys["/etc/app/sub/a.conf"]] == "info http://other:80"
    assert config["data"][keys["/etc/app/sub/host.conf"]] == "from the host {{ .Values }}\n"
    assert base64.b64decode(config["binaryData"][keys["/etc/app/b.bin"]]) == b"\x00\xff"
    assert base64.b64decode(secret["data"][keys["/etc/app/key.pem"]]) == b"hunter2"
    items = {
        item["key"]: item["mode"] for volume in spec["volumes"] for item in volume.get("configMap", {}).get("items", [])
    }
    assert items[keys["/etc/app/sub/a.conf"]] == 0o600
    assert items[keys["/etc/app/a.conf"]] == 0o644
    assert objects["ConfigMap", "api"]["data"] == {"A": "b"}


def test_pods_roll_when_their_files_change(charts: Charts) -> None:
    """A value in a file must change the pods that have the file, and only those."""

    def define(app: AppBuilder) -> None:
        level = app.add_parameter("level", "info")
        app.add_container("one", "busybox:1.35").with_container_files("/etc", {"a": ref("{l}", l=level)})
        app.add_container("two", "busybox:1.35").with_container_files("/etc", {"a": "fixed"})

    charts.publish(define)

    before, after = charts.render(), charts.render(values={"parameters": {"level": "debug"}})
    assert before["Deployment", "one"] != after["Deployment", "one"]
    assert before["Deployment", "two"] == after["Deployment", "two"]


def test_small_bind_mounts_become_copies(charts: Charts, tmp_path: Path) -> None:
    """A folder must hide what the image has there, with its subfolders; a file must lie beside what is there."""
    (tmp_path / "conf" / "deep").mkdir(parents=True)
    (tmp_path / "conf" / "a.ini").write_text("a")
    (tmp_path / "conf" / "deep" / "a.ini").write_text("deep")
    (tmp_path / "empty").mkdir()
    (tmp_path / "one.ini").write_text("one")

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35").with_bind_mount("conf", "/conf", read_only=True)
        api.with_bind_mount("one.ini", "/etc/one.ini", read_only=True)
        api.with_bind_mount("empty", "/empty", read_only=True)

    published = charts.publish(define, project=tmp_path)

    objects = charts.render()
    data, spec = objects["ConfigMap", "api-files"]["data"], spec_of(objects["Deployment", "api"])
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    mounts = {mount["mountPath"]: mount for mount in spec["containers"][0]["volumeMounts"]}
    folder = volumes[mounts["/conf"]["name"]]["configMap"]["items"]
    assert {item["path"]: data[item["key"]] for item in folder} == {"a.ini": "a", "deep/a.ini": "deep"}
    assert data[mounts["/etc/one.ini"]["subPath"]] == "one"
    assert volumes[mounts["/empty"]["name"]]["emptyDir"] == {}
    assert not [note for note in published.notes if "can't be written" in note.message]
