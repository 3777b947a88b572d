"""A profile of Pod Security: what can't run under it is named when the app is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import built

from fairlead import AppBuilder, DefinitionError, KubernetesObjects
from fairlead.model.kubernetes.pod_options import PodOptions
from fairlead.publish.publisher import render

REFUSED = "pods of its Deployment 'api' can't run under the profile 'restricted': "


def warnings(define: Any, project: Path | None = None) -> list[str]:
    """The warnings and notes about users and profiles."""
    rendered = render(built(define, project=project))
    return [
        f"{found.resource}: {found.message}"
        for found in (*rendered.warnings, *rendered.notes)
        if "profile" in found.message
    ]


def strict(app: AppBuilder) -> Any:
    return app.add_kubernetes_environment("k8s").with_properties(pod_security="restricted")


def test_known_images_and_our_own_need_no_word() -> None:
    """Databases, caches, pages and what waits for them must pass in silence."""

    def define(app: AppBuilder) -> None:
        strict(app)
        pg = app.add_postgres("pg").with_data_volume()
        cache = app.add_redis("cache").with_data_volume()
        web = app.add_container("web", "nginx:1.22-bookworm").with_http_endpoint(target_port=80)
        web.wait_for(pg.add_database("orders")).wait_for(cache)

    assert warnings(define) == []


def test_what_the_profile_refuses_is_named() -> None:
    """Whatever the definition asks for that the profile refuses must be warned of, with the container."""

    def loosen(objects: KubernetesObjects) -> None:
        objects.pod_spec["hostNetwork"] = True
        objects.pod_spec["volumes"] = [{"name": "node", "hostPath": {"path": "/"}}]
        objects.container["securityContext"] = {"privileged": True, "capabilities": {"add": ["SYS_ADMIN"]}}

    def define(app: AppBuilder) -> None:
        strict(app)
        app.add_container("api", "a:1").with_security_context(run_as_user=5).publish_as_kubernetes_service(loosen)

    assert [found.removeprefix(f"api: {REFUSED}") for found in warnings(define)] == [
        "the volume 'node' is a hostPath",
        "they have hostNetwork",
        "the container 'api' is privileged",
        "the container 'api' may gain privileges",
        "the container 'api' keeps capabilities",
        "the container 'api' has the capability SYS_ADMIN",
        "the container 'api' may run as root",
        "the container 'api' has no seccomp profile",
    ]


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM a\nUSER 1000:1000\n", []),
        ("FROM a\n", ["names no user"]),
        ("FROM a AS first\nUSER 5\nFROM b\n", ["names no user"]),
        ("FROM a\nUSER node\n", ["ends with USER node"]),
        ("FROM a\nUSER 0\n", ["ends with USER 0"]),
    ],
)
def test_a_dockerfile_has_to_name_a_user(tmp_path: Path, dockerfile: str, expected: list[str]) -> None:
    """A cluster can tell that an image isn't run as root by a number only."""
    (tmp_path / "Dockerfile").write_text(dockerfile)

    def define(app: AppBuilder) -> None:
        strict(app)
        app.add_dockerfile("api", ".")

    found = [f"Dockerfile {text}" for text in expected]
    assert [warning.split("./")[-1].split(", and")[0] for warning in warnings(define, tmp_path)] == found


def test_nothing_is_said_without_a_profile() -> None:
    """What a chart's user may choose is not what the definition asks for."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1")

    assert warnings(define) == []


@pytest.mark.parametrize(
    ("profile", "user", "group"), [("default", None, 10001), ("restricted", None, 10001), ("openshift", None, None)]
)
def test_the_cluster_may_choose_users(profile: str, user: int | None, group: int | None) -> None:
    """Where the cluster chooses users and groups the chart must name none, except what was asked for."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_volume("data", "/data")
        app.add_redis("cache").with_data_volume()
        asked = app.add_container("asked", "a:1").with_security_context(run_as_user=7)
        asked.wait_for(app.add_container("web", "b:1").with_http_endpoint(target_port=80))

    files = render(built(define), format="manifests", values={"podSecurity": {"profile": profile}}).files
    specs = {
        name: yaml.safe_load(files[f"{name}/{kind}.yaml"])["spec"]["template"]["spec"]
        for name, kind in (("api", "statefulset"), ("cache", "statefulset"), ("asked", "deployment"))
    }

    assert specs["api"].get("securityContext", {}).get("fsGroup") == group
    assert specs["api"]["containers"][0]["securityContext"].get("runAsUser") == user
    is_restricted = profile == "restricted"
    assert specs["cache"]["containers"][0]["securityContext"].get("runAsUser") == (999 if is_restricted else None)
    assert specs["asked"]["containers"][0]["securityContext"]["runAsUser"] == 7
    waiting = specs["asked"]["initContainers"][0]["securityContext"]
    assert waiting.get("runAsUser") == (None if profile == "openshift" else 65534)


def test_the_group_of_volumes_may_be_emptied() -> None:
    """With 0 for a group there must be none."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_volume("data", "/data")

    files = render(built(define), format="manifests", values={"podSecurity": {"fsGroup": 0}}).files

    assert "securityContext" not in yaml.safe_load(files["api/statefulset.yaml"])["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.with_toleration("bad key"),
        lambda api: api.with_toleration(value="x"),
        lambda api: api.with_toleration("a", effect="Never"),
        lambda api: api.with_node_selector({"a": "b c"}),
        lambda api: api.with_node_affinity("a", weight=101),
        lambda api: api.with_affinity("web"),
        lambda api: api.with_topology_spread("zone", max_skew=0),
        lambda api: api.with_priority_class("High"),
        lambda api: api.with_pod_label("app.kubernetes.io/name", "x"),
        lambda api: api.with_pod_annotation("checksum/config", "x"),
        lambda api: api.with_security_context(run_as_user=-1),
        lambda api: api.with_security_context(capabilities=["cap_net_admin"]),
        lambda api: api.with_service(type="Public"),
        lambda api: api.with_service(ports={80: "nowhere"}),
    ],
)
def test_a_wrong_call_is_refused_at_its_line(call: Any) -> None:
    """What the API server would refuse must be a mistake where it is written."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1")
        assert isinstance(api, PodOptions)
        call(api)

    with pytest.raises(DefinitionError) as caught:
        built(define)
    assert all(error.remedy and error.where for error in caught.value.errors)
