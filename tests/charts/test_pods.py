"""What the chart's user, and the definition, may say of pods and Services, in all three formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import Charts, Objects, built, container

from fairlead import AppBuilder, KubernetesObjects, PublishError
from fairlead.publish.publisher import publish, render

TOLERATION = {"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}
EVERYTHING: dict[str, Any] = {
    "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "annotations": {"sidecar.example.com/inject": "true"},
    "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]},
    "dnsPolicy": "ClusterFirst",
    "env": [{"name": "EXTRA", "value": "{{ not a template }}"}],
    "envFrom": [{"secretRef": {"name": "more"}}],
    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["old"]}],
    "labels": {"team": "red"},
    "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
    "livenessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 9},
    "nodeSelector": {"disk": "ssd"},
    "podSecurityContext": {"supplementalGroups": [2000]},
    "priorityClassName": "important",
    "readinessProbe": {"periodSeconds": 11, "initialDelaySeconds": 3},
    "runtimeClassName": "gvisor",
    "schedulerName": "own",
    "securityContext": {"runAsUser": 1000, "allowPrivilegeEscalation": True},
    "serviceAccount": {"create": True, "name": "mine", "annotations": {"a": "b"}, "automount": True},
    "startupProbe": {"tcpSocket": {"port": 80}},
    "terminationGracePeriodSeconds": 5,
    "tolerations": [TOLERATION],
    "topologySpreadConstraints": [{"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
    "volumeMounts": [{"name": "more", "mountPath": "/more"}],
    "volumes": [{"name": "more", "emptyDir": {}}],
}


def pod(objects: Objects, name: str = "api", kind: str = "Deployment") -> dict[str, Any]:
    """The template of a workload's pods."""
    template: dict[str, Any] = objects[kind, name]["spec"]["template"]
    return template


def define(app: AppBuilder) -> None:
    """A workload with something of its own wherever a user may add."""
    k8s = app.add_kubernetes_environment("k8s")
    api = app.add_container(
        "api", "registry.example.com/team/api:1", env={"KEY": app.add_parameter("key", secret=True)}
    )
    api.with_http_endpoint(target_port=80).with_http_health_check("/healthz").with_platform("linux/amd64")
    api.with_container_files("/etc/api", {"a.ini": "a = 1\n"})
    k8s.add_ingress("edge").with_path("/", api.with_external_http_endpoints())


def manifests(
    folder: Path, definition: Callable[[AppBuilder], None], values: Mapping[str, Any], release: str = "shop"
) -> Objects:
    """The objects of plain manifests."""
    publish(built(definition), folder, format="manifests", values=values)
    bodies = [yaml.safe_load(file.read_text()) for file in folder.rglob("*.yaml")]
    return {(body["kind"], body["metadata"]["name"]): body for body in bodies}


def like_manifests(objects: Objects) -> Objects:
    """What helm rendered, without what only helm says."""
    for body in objects.values():
        for labels in (body["metadata"]["labels"],):
            labels["app.kubernetes.io/managed-by"] = "Fairlead"
    return objects


def test_by_default_nothing_is_there(charts: Charts) -> None:
    """Without values of its user, a chart must have none of the fields that one may set."""
    charts.publish(define)
    objects = charts.render({"key": "k"})

    assert set(pod(objects)["spec"]) == {
        *("automountServiceAccountToken", "containers", "enableServiceLinks", "imagePullSecrets", "nodeSelector"),
        "volumes",
    }
    assert set(container(objects, "api")) == {
        *("name", "image", "imagePullPolicy", "ports", "env", "readinessProbe", "resources", "securityContext"),
        "volumeMounts",
    }
    assert "annotations" not in objects["Service", "api"]["metadata"]
    assert yaml.safe_load((charts.folder / "values.yaml").read_text())["pods"] == {"api": {}}


def test_a_user_may_set_what_pods_have(charts: Charts, tmp_path: Path) -> None:
    """Each key of ``pods`` must arrive in the pods: in place of a field, in it, or added to it; as in manifests."""
    charts.publish(define)
    values = {"pods": {"api": EVERYTHING}}
    objects = charts.render({"key": "k"}, values=values, release="shop")

    spec, own = pod(objects)["spec"], container(objects, "api")
    for key in ("affinity", "dnsConfig", "dnsPolicy", "hostAliases", "priorityClassName", "runtimeClassName"):
        assert spec[key] == EVERYTHING[key]
    for key in ("schedulerName", "terminationGracePeriodSeconds", "tolerations", "topologySpreadConstraints"):
        assert spec[key] == EVERYTHING[key]
    for key in ("envFrom", "lifecycle", "livenessProbe", "startupProbe"):
        assert own[key] == EVERYTHING[key]
    assert spec["nodeSelector"] == {"kubernetes.io/arch": "amd64", "disk": "ssd"}
    assert spec["securityContext"] == {"supplementalGroups": [2000]}
    assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == ("mine", True)
    assert objects["ServiceAccount", "mine"]["metadata"]["annotations"] == {"a": "b"}
    assert [volume["name"] for volume in spec["volumes"]] == ["fairlead-files", "more"]
    assert [mount["mountPath"] for mount in own["volumeMounts"]] == ["/etc/api/a.ini", "/more"]
    assert [variable["name"] for variable in own["env"]] == ["KEY", "EXTRA"]
    assert own["env"][1]["value"] == "{{ not a template }}"
    assert own["securityContext"] == {
        "allowPrivilegeEscalation": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert own["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert (own["readinessProbe"]["periodSeconds"], own["readinessProbe"]["timeoutSeconds"]) == (11, 2)
    assert own["readinessProbe"]["initialDelaySeconds"] == 3
    assert pod(objects)["metadata"]["labels"]["team"] == "red"
    assert pod(objects)["metadata"]["annotations"]["sidecar.example.com/inject"] == "true"
    given = {**values, "secrets": {"key": "k"}}
    assert manifests(tmp_path / "manifests", define, given) == like_manifests(objects)


def test_a_probe_asks_in_one_way(charts: Charts) -> None:
    """A user's way to ask must take the place of the chart's, and leave the numbers."""
    charts.publish(define)
    objects = charts.render({"key": "k"}, values={"pods": {"api": {"readinessProbe": {"exec": {"command": ["true"]}}}}})

    assert container(objects, "api")["readinessProbe"] == {
        **{"exec": {"command": ["true"]}, "periodSeconds": 5},
        **{"timeoutSeconds": 2, "failureThreshold": 3},
    }


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"pods": {"api": {"tolerationz": []}}}, "tolerationz"),
        ({"pods": {"api": {"tolerations": [{"kee": "a"}]}}}, "kee"),
        ({"pods": {"api": {"readinessProbe": {"period": 1}}}}, "period"),
        ({"pods": {"api": {"labels": {"app.kubernetes.io/name": "other"}}}}, "app.kubernetes.io/name"),
        ({"pods": {"api": {"terminationGracePeriodSeconds": "long"}}}, "terminationGracePeriodSeconds"),
        ({"pods": {"apis": {}}}, "apis"),
        ({"podSecurity": {"profile": "strict"}}, "profile"),
        ({"services": {"api": {"annotation": {}}}}, "annotation"),
        ({"commonLabels": {"helm.sh/chart": "x"}}, "helm.sh/chart"),
    ],
)
def test_a_misspelt_value_is_refused(charts: Charts, values: dict[str, Any], key: str) -> None:
    """A key that nothing reads, or a value of a wrong type, must be an error that names it, in each format."""
    charts.publish(define)

    assert key.rpartition("/")[2] in charts.failure(values={**values, "secrets": {"key": "k"}})
    with pytest.raises(PublishError) as caught:
        render(built(define), format="manifests", values={**values, "secrets": {"key": "k"}})
    assert key in caught.value.errors[0].message.replace("\\", "")


def test_common_labels_and_annotations_are_everywhere(charts: Charts, tmp_path: Path) -> None:
    """They must be on all objects and pods, and in no selector; a definition may set them too."""

    def labelled(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_common_label("team", "red")
        k8s.with_common_annotation("example.com/contact", "me")
        app.add_redis("cache").with_data_volume()
        k8s.add_ingress("edge").with_ingress_annotation("own", "1").with_path(
            "/", app.add_container("web", "nginx:1.22-bookworm", ports={"http": 80}).with_external_http_endpoints()
        )

    charts.publish(labelled)
    values = {"commonLabels": {"cost": "42"}, "pods": {"web": {"labels": {"cost": "7"}}}}
    objects = charts.render(values=values, release="shop")

    assert len(objects) == 6
    for body in objects.values():
        assert body["metadata"]["labels"]["team"] == "red"
        assert body["metadata"]["labels"]["cost"] == "42"
        assert body["metadata"]["annotations"]["example.com/contact"] == "me"
    assert objects["Ingress", "edge"]["metadata"]["annotations"]["own"] == "1"
    assert pod(objects, "web")["metadata"]["labels"]["cost"] == "7"
    assert pod(objects, "cache", "StatefulSet")["metadata"]["annotations"] == {"example.com/contact": "me"}
    for kind, name in (("Deployment", "web"), ("StatefulSet", "cache")):
        assert set(objects[kind, name]["spec"]["selector"]["matchLabels"]) == {
            *("app.kubernetes.io/name", "app.kubernetes.io/instance"),
        }
    assert manifests(tmp_path / "manifests", labelled, values) == like_manifests(objects)


def test_images_may_come_from_a_mirror(charts: Charts) -> None:
    """One value must name another registry for all images, and pull secrets of an outer chart must count."""

    def waiting(app: AppBuilder) -> None:
        pg = app.add_postgres("pg")
        app.add_container("api", "registry.example.com/team/api:1").wait_for(pg).wait_for(pg.add_database("orders"))

    charts.publish(waiting)
    mirror = {"imageRegistry": "mirror.example.com/hub", "imagePullSecrets": [{"name": "outer"}]}
    values = {"global": {**mirror, "theirs": 1}, "imagePullSecrets": [{"name": "inner"}]}
    objects = charts.render({"pg-password": "p"}, values=values)

    specs = [body["spec"]["template"]["spec"] for body in objects.values() if "template" in body.get("spec", {})]
    images = {found["image"] for spec in specs for found in (*spec.get("initContainers", ()), *spec["containers"])}
    assert images == {
        f"mirror.example.com/hub/{image}"
        for image in ("postgres:15-bookworm", "team/api:1", "busybox:1.35", "alpine/kubectl:1.36.0")
    }
    assert [spec["imagePullSecrets"] for spec in specs] == [[{"name": "inner"}, {"name": "outer"}]] * 3


def test_a_service_may_be_a_load_balancer(charts: Charts) -> None:
    """Annotations, further ports and fields of a Service must be values, and a definition may set the first two."""

    def exposed(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1").with_http_endpoint(target_port=8000)
        api.with_service(type="LoadBalancer", annotations={"cloud.example.com/type": "nlb"}, ports={80: "http"})

    charts.publish(exposed)
    service = charts.render()["Service", "api"]
    assert service["metadata"]["annotations"] == {"cloud.example.com/type": "nlb"}
    assert service["spec"]["type"] == "LoadBalancer"
    assert [(port["port"], port["targetPort"]) for port in service["spec"]["ports"]] == [(8000, "http"), (80, "http")]

    more = [{"name": "web", "port": 81, "targetPort": "http", "nodePort": 30081}]
    values = {"type": "NodePort", "ports": more, "externalTrafficPolicy": "Local"}
    changed = charts.render(values={"services": {"api": values}})["Service", "api"]["spec"]
    assert (changed["type"], changed["externalTrafficPolicy"]) == ("NodePort", "Local")
    assert changed["ports"][1:] == more


def test_ways_in_and_autoscalers_have_a_switch(charts: Charts) -> None:
    """Each must be left out at will; without its autoscaler a workload must have a number of pods again."""

    def scaled(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        api = app.add_container("api", "a:1", ports={"http": 80}).with_external_http_endpoints()
        api.with_autoscaling(2, 5).with_disruption_budget(min_available=1).with_resources(cpu="1")
        k8s.add_ingress("edge").with_path("/", api)
        k8s.add_gateway("gate").with_gateway_class("c").with_route("/", api)

    charts.publish(scaled)
    objects = charts.render()
    assert objects["PodDisruptionBudget", "api"]["spec"]["minAvailable"] == 1
    assert "replicas" not in objects["Deployment", "api"]["spec"]

    off = {"enabled": False}
    values = {"autoscaling": {"api": off}, "ingress": {"edge": off}, "gateway": {"gate": off}}
    changed = charts.render(values={**values, "disruptionBudgets": {"api": {"minAvailable": "50%"}}})
    assert sorted(changed) == [("Deployment", "api"), ("PodDisruptionBudget", "api"), ("Service", "api")]
    assert changed["Deployment", "api"]["spec"]["replicas"] == 2
    assert changed["PodDisruptionBudget", "api"]["spec"]["minAvailable"] == "50%"


def test_a_definition_may_place_and_confine_pods(charts: Charts) -> None:
    """What the typed calls say must arrive; what needs nothing of the release is a default that a user may change."""

    def placed(app: AppBuilder) -> None:
        cache = app.add_container("cache", "c:1")
        api = app.add_container("api", "a:1").with_toleration("dedicated", "web", effect="NoSchedule")
        api.with_toleration(effect="NoExecute", seconds=30).with_node_selector({"disk": "ssd"})
        api.with_node_affinity("zone", "a", "b").with_node_affinity("fast", weight=5)
        api.with_affinity(cache, weight=10).with_anti_affinity().with_topology_spread(required=True)
        api.with_priority_class("important").with_pod_label("team", "red").with_pod_annotation("a", "b")
        api.with_security_context(
            run_as_user=1000, read_only_root_filesystem=True, capabilities=["NET_BIND_SERVICE"], fs_group=2000
        )

    charts.publish(placed)
    objects = charts.render()
    spec = pod(objects)["spec"]

    def chosen(name: str) -> dict[str, Any]:
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "release"}
        return {"labelSelector": {"matchLabels": labels}}

    assert spec["tolerations"] == [TOLERATION, {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}]
    assert (spec["nodeSelector"], spec["priorityClassName"]) == ({"disk": "ssd"}, "important")
    terms = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert terms == [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a", "b"]}]}]
    assert spec["affinity"]["podAffinity"] == {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 10, "podAffinityTerm": {**chosen("cache"), "topologyKey": "kubernetes.io/hostname"}}
        ]
    }
    assert spec["affinity"]["podAntiAffinity"] == {
        "requiredDuringSchedulingIgnoredDuringExecution": [{**chosen("api"), "topologyKey": "kubernetes.io/hostname"}]
    }
    assert spec["topologySpreadConstraints"] == [
        {
            **{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"},
            **chosen("api"),
        }
    ]
    assert spec["securityContext"] == {"fsGroup": 2000, "fsGroupChangePolicy": "OnRootMismatch"}
    assert container(objects, "api")["securityContext"] == {
        **{"allowPrivilegeEscalation": False, "runAsUser": 1000, "readOnlyRootFilesystem": True},
        **{"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod(objects)["metadata"]["labels"]["team"] == "red"
    assert pod(objects)["metadata"]["annotations"] == {"a": "b"}

    values = {"tolerations": [], "labels": {"team": "blue"}, "topologySpreadConstraints": []}
    changed = pod(charts.render(values={"pods": {"api": values}}))
    assert changed["spec"]["tolerations"] == changed["spec"]["topologySpreadConstraints"] == []
    assert changed["metadata"]["labels"]["team"] == "blue"


def test_a_job_is_a_new_one_when_its_pods_change(charts: Charts) -> None:
    """A Job's pods can't be changed, so each value that reaches them must be part of its name."""

    def once(app: AppBuilder) -> None:
        migrate = app.add_container("migrate", "m:1")
        app.add_container("api", "a:1").wait_for_completion(migrate)

    charts.publish(once)
    changes: list[dict[str, Any]] = [
        {},
        {"pods": {"migrate": {"tolerations": [TOLERATION]}}},
        {"podSecurity": {"profile": "restricted"}},
        {"commonLabels": {"team": "red"}},
        {"global": {"imageRegistry": "mirror.example.com"}},
        {"global": {"imagePullSecrets": [{"name": "outer"}]}},
    ]
    jobs = [[key for key in charts.render(values=values) if key[0] == "Job"] for values in changes]

    assert [len(found) for found in jobs] == [1] * len(changes)
    assert len({name for ((_, name),) in jobs}) == len(changes)
    tolerated = charts.render(values=changes[1])
    assert pod(tolerated, jobs[1][0][1], "Job")["spec"]["tolerations"] == [TOLERATION]
    other = charts.render(values={"pods": {"api": {"tolerations": [TOLERATION]}}})
    assert ("Job", jobs[0][0][1]) in other


def test_a_function_changes_pods_that_a_user_may_change(charts: Charts) -> None:
    """A function must find plain mappings, and what it leaves must be open to the user as before."""

    def change(objects: KubernetesObjects) -> None:
        objects.container["securityContext"]["runAsUser"] = 5
        objects.container["env"].append({"name": "MORE", "value": "1"})
        objects.pod_spec["tolerations"] = [TOLERATION]

    def changed(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1", env={"KEY": app.add_parameter("key", secret=True)})
        api.publish_as_kubernetes_service(change)

    charts.publish(changed)
    objects = charts.render({"key": "k"})
    assert pod(objects)["spec"]["tolerations"] == [TOLERATION]
    assert container(objects, "api")["securityContext"]["runAsUser"] == 5

    values = {"tolerations": [], "securityContext": {"runAsUser": 6}, "env": [{"name": "LAST", "value": "2"}]}
    objects = charts.render({"key": "k"}, values={"pods": {"api": values}})
    assert pod(objects)["spec"]["tolerations"] == []
    assert container(objects, "api")["securityContext"]["runAsUser"] == 6
    assert [variable["name"] for variable in container(objects, "api")["env"]] == ["KEY", "MORE", "LAST"]
