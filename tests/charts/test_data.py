"""What is kept, and what comes from files of the developer's machine."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import yaml
from tests.support.charts import Charts

from fairlead import AppBuilder, ContainerFile


def test_volumes_become_claims_of_a_stateful_set(charts: Charts) -> None:
    """A named volume must be claimed for each pod, once however often it is mounted, by a name that is valid."""

    def define(app: AppBuilder) -> None:
        db = app.add_container("db", "busybox:1.35").with_endpoint(target_port=5000)
        db.with_volume("My.Data_Vol", "/one").with_volume("My.Data_Vol", "/two", read_only=True)

    charts.publish(define)
    objects = charts.render()

    spec = objects["StatefulSet", "db"]["spec"]
    assert [claim["metadata"]["name"] for claim in spec["volumeClaimTemplates"]] == ["my-data-vol"]
    mounts = spec["template"]["spec"]["containers"][0]["volumeMounts"]
    assert [(mount["name"], mount["mountPath"]) for mount in mounts] == [
        ("my-data-vol", "/one"),
        ("my-data-vol", "/two"),
    ]
    assert objects["Service", spec["serviceName"]]["spec"]["clusterIP"] == "None"
    assert objects["Service", "db"]["spec"]["ports"][0]["port"] == 5000


def test_a_volume_may_be_there_already(charts: Charts) -> None:
    """A persistent volume must be mounted by the name of its claim, and not be made where it is there."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        kept = k8s.add_persistent_volume("kept").with_existing_claim("theirs")
        made = k8s.add_persistent_volume("made").with_capacity("5Gi")
        app.add_container("a", "busybox:1.35").with_persistent_volume(kept, "/kept").with_persistent_volume(made, "/m")

    charts.publish(define)
    objects = charts.render()

    (workload,) = [found for (_, name), found in objects.items() if name == "a"]
    volumes = workload["spec"]["template"]["spec"]["volumes"]
    assert {volume["persistentVolumeClaim"]["claimName"] for volume in volumes} == {"theirs", "made"}
    assert [name for kind, name in objects if kind == "PersistentVolumeClaim"] == ["made"]
    assert objects["PersistentVolumeClaim", "made"]["spec"]["resources"]["requests"]["storage"] == "5Gi"


def test_small_files_become_config_maps_and_secrets(charts: Charts, tmp_path: Path) -> None:
    """Files must be in the pod where they are in a container locally, with their text, and secret ones in a Secret."""
    (tmp_path / "app.ini").write_text("level = {{ debug }}\n")

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        api = app.add_container("api", "busybox:1.35").with_bind_mount("app.ini", "/etc/app.ini", read_only=True)
        api.with_container_files("/etc/keys", [ContainerFile("one.key", key)])

    charts.publish(define, project=tmp_path)
    objects = charts.render({"key": "k{{"})

    texts = [text for (kind, _), found in objects.items() if kind == "ConfigMap" for text in found["data"].values()]
    assert texts == ["level = {{ debug }}\n"]
    assert len([kind for kind, _ in objects if kind == "Secret"]) == 1
    mounts = objects["Deployment", "api"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    assert {mount["mountPath"] for mount in mounts} == {"/etc/app.ini", "/etc/keys/one.key"}


def test_files_that_look_secret_become_required_values(charts: Charts, tmp_path: Path) -> None:
    """A key in a mounted folder must be asked for, and be beside the copies of the others in the pod."""
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "ca.crt").write_text("public")
    (tmp_path / "certs" / "tls.key").write_text("private")

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35").with_bind_mount("certs", "/certs", read_only=True)
        api.with_bind_mount("store.p12", "/store.p12", read_only=True)

    published = charts.publish(define, project=tmp_path)
    missing = charts.failure()
    objects = charts.render({"api-tls.key": "the {{key}}", "api-store.p12": "AP8="})

    (file,) = published.values_files
    assert yaml.safe_load(file.text) == {"secrets": {"api-tls.key": "", "api-store.p12": ""}}
    for asked in (file.text, missing):
        assert 'api-tls.key: ""  # The contents of certs/tls.key. Used by api.' in asked
        assert 'api-store.p12: ""  # The contents of store.p12, in base64. Used by api.' in asked
    assert objects["ConfigMap", "api-files"]["data"] == {"ca.crt": "public"}
    secret = {key: b64decode(text) for key, text in objects["Secret", "api"]["data"].items()}
    assert secret == {"tls.key": b"the {{key}}", "store.p12": b"\x00\xff"}
    spec = objects["Deployment", "api"]["spec"]["template"]["spec"]
    mounts = {mount["mountPath"]: mount["name"] for mount in spec["containers"][0]["volumeMounts"]}
    (projected,) = [volume["projected"]["sources"] for volume in spec["volumes"] if volume["name"] == mounts["/certs"]]
    assert projected == [
        {"configMap": {"name": "api-files", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"secret": {"name": "api", "items": [{"key": "tls.key", "path": "tls.key"}]}},
    ]
