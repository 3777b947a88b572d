"""Volumes and files, as the real helm renders them."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import yaml
from tests.support.charts import Charts, container

from fairlead import AppBuilder, ContainerFile, ref, when
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


def test_a_volume_that_exists_is_claimed_by_its_name(charts: Charts) -> None:
    """A claim must name a volume that the cluster has, be of its class, and take name and class from values."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        disk = k8s.add_persistent_volume("disk").with_existing_volume("disk-7").with_capacity("5Gi")
        fast = k8s.add_persistent_volume("fast").with_existing_volume(app.add_parameter("volume"))
        fast.with_storage_class("ssd")
        api = app.add_container("api", "busybox:1.35").with_persistent_volume(disk, "/disk")
        api.with_persistent_volume(fast, "/fast")

    charts.publish(define)
    assert charts.missing() == {"parameters": {"volume": ""}}
    given = {"parameters": {"volume": "disk-9"}, "storage": {"disk": {"existingVolume": "disk-8"}}}
    objects = charts.render(values=given)

    assert not [key for key in objects if key[0] == "PersistentVolume"]
    assert objects["PersistentVolumeClaim", "disk"]["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "",
        "volumeName": "disk-8",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    claim = objects["PersistentVolumeClaim", "fast"]["spec"]
    assert (claim["storageClassName"], claim["volumeName"]) == ("ssd", "disk-9")


def test_a_claim_may_have_no_class(charts: Charts) -> None:
    """No class must be another thing than the default class, in the definition and in the values of any claim."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        none = k8s.add_persistent_volume("none").with_storage_class("")
        usual = k8s.add_persistent_volume("usual")
        api = app.add_container("api", "busybox:1.35").with_persistent_volume(none, "/none")
        api.with_persistent_volume(usual, "/usual")
        app.add_container("pg", "busybox:1.35").with_volume("data", "/data")

    def classes(**given: str) -> list[str | None]:
        objects = charts.render(values={"storage": {name: {"storageClass": text} for name, text in given.items()}})
        (template,) = objects["StatefulSet", "pg"]["spec"]["volumeClaimTemplates"]
        claims = [objects["PersistentVolumeClaim", name] for name in ("none", "usual")]
        return [claim["spec"].get("storageClassName") for claim in (*claims, template)]

    charts.publish(define)
    assert classes() == ["", None, None]
    assert classes(none="", usual="-", data="-") == [None, "", ""]
    assert classes(none="slow", usual="slow", data="slow") == ["slow", "slow", "slow"]


def test_a_volume_says_how_it_is_mounted_and_kept(charts: Charts) -> None:
    """Mount options and reclaim policy must be the volume's, annotations with parameters the claim's."""

    def define(app: AppBuilder) -> None:
        region, debug = app.add_parameter("region", "eu"), app.add_parameter("debug", False)
        files = app.add_kubernetes_environment("k8s").add_persistent_volume("files")
        files.with_source({"nfs": {"server": "nas", "path": "/x"}}).with_access_mode("ReadWriteMany")
        files.with_mount_options("nfsvers=4.1", "hard").with_reclaim_policy("Delete")
        files.with_volume_annotation("example.com/backup", ref("{r}-daily", r=region))
        files.with_volume_annotation("example.com/keep", when(debug, "no", "yes")).with_volume_annotation("a", "{{b}}")
        app.add_container("api", "busybox:1.35").with_persistent_volume(files, "/files")

    charts.publish(define)
    objects = charts.render(values={"parameters": {"region": "us"}})

    claim = objects["PersistentVolumeClaim", "files"]
    assert claim["metadata"]["annotations"] == {
        "example.com/backup": "us-daily",
        "example.com/keep": "yes",
        "a": "{{b}}",
        "helm.sh/resource-policy": "keep",
    }
    volume = objects["PersistentVolume", claim["spec"]["volumeName"]]["spec"]
    assert volume["mountOptions"] == ["nfsvers=4.1", "hard"]
    assert volume["persistentVolumeReclaimPolicy"] == "Delete"


def test_options_without_effect_are_said(charts: Charts) -> None:
    """What a claim or a volume that is made elsewhere can't be given must be warned of, with what to do instead."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_persistent_volume("one").with_reclaim_policy("Delete")
        k8s.add_persistent_volume("two").with_existing_volume("disk").with_mount_options("hard")
        k8s.add_persistent_volume("three").with_existing_claim("data").with_storage_class("")

    assert [f"{warning.resource}: {warning.message}" for warning in charts.publish(define).warnings] == [
        "one: with_reclaim_policy() has no effect: the cluster makes its volume, by its class",
        "two: with_mount_options() has no effect: its volume is there already",
        "three: with_storage_class() has no effect: its claim is there already",
    ]


def test_a_claim_that_is_only_read_is_mounted_so(charts: Charts) -> None:
    """A persistent volume that a pod only reads must be read-only for its node too; not one that it also writes."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        media = k8s.add_persistent_volume("media").with_access_mode("ReadOnlyMany").with_access_mode("ReadWriteMany")
        app.add_container("web", "busybox:1.35").with_persistent_volume(media, "/media", read_only=True)
        app.add_container("old", "busybox:1.35").with_volume("media", "/m").with_persistent_volume(
            media, read_only=True
        )
        api = app.add_container("api", "busybox:1.35").with_persistent_volume(media, "/in", read_only=True)
        api.with_persistent_volume(media, "/out")

    charts.publish(define)
    objects = charts.render()

    claims = {name: spec_of(objects["Deployment", name])["volumes"][0] for name in ("web", "old", "api")}
    only_read = {"name": "media", "persistentVolumeClaim": {"claimName": "media", "readOnly": True}}
    assert claims["web"] == claims["old"] == only_read
    assert claims["api"] == {"name": "media", "persistentVolumeClaim": {"claimName": "media"}}
    mounts = {name: container(objects, name)["volumeMounts"] for name in claims}
    assert [mount.get("readOnly", False) for mount in mounts["api"]] == [True, False]
    assert mounts["old"][0]["readOnly"] is True


def test_one_variable_tells_where_the_data_is(charts: Charts) -> None:
    """The variable of a volume must be the path at which the pod has it, and no value that could differ from that."""

    def define(app: AppBuilder) -> None:
        media = app.add_kubernetes_environment("k8s").add_persistent_volume("media")
        app.add_container("api", "busybox:1.35").with_volume("data", "/data", env="DATA_PATH")
        worker = app.add_python_app("worker", "./nowhere", script="x.py").with_volume("jobs", "/jobs", env="JOBS")
        worker.with_persistent_volume(media, "/media", env="MEDIA").with_environment("OTHER", "x")

    charts.publish(define)
    objects = charts.render()

    assert objects["ConfigMap", "api"]["data"] == {"DATA_PATH": "/data"}
    assert objects["ConfigMap", "worker"]["data"] == {"JOBS": "/jobs", "MEDIA": "/media", "OTHER": "x"}
    worker = objects["StatefulSet", "worker"]["spec"]
    assert [claim["metadata"]["name"] for claim in worker["volumeClaimTemplates"]] == ["jobs"]
    mounts = worker["template"]["spec"]["containers"][0]["volumeMounts"]
    assert {mount["name"]: mount["mountPath"] for mount in mounts} == {"jobs": "/jobs", "media": "/media"}
    assert worker["template"]["spec"]["securityContext"]["fsGroup"] == 10001
    values = yaml.safe_load((charts.folder / "values.yaml").read_text())
    assert values["config"] == {"worker": {"OTHER": "x"}}
