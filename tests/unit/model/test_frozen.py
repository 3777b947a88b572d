"""A built app stays as it is, and attributes are looked at before it is built."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import build, mistakes

from fairlead import App, AppBuilder, Container, Generate, Mode, ModelError, Resource


class Recorder(Container):
    """A kind of another package that keeps something for its driver."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "a:1")
        self.calls: list[str] = []
        self.last: str | None = None


def of_every_kind(app: AppBuilder) -> None:
    k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="shop")
    k8s.add_ingress("edge")
    k8s.add_gateway("gate")
    k8s.add_node_pool("gpu")
    k8s.add_helm_chart("queue", "oci://charts.example.com/queue", "1.2.3", values={"n": [1]})
    volume = k8s.add_persistent_volume("data").with_access_mode("ReadWriteMany")
    pg = app.add_postgres("pg").with_data_volume()
    orders = pg.add_database("orders")
    key = app.add_parameter("key", Generate(), secret=True)
    app.add_connection_string("warehouse")
    app.add_external_service("mail", "https://mail.example.com")
    app.add_redis("cache", password=key)
    app.add_dockerfile("built", "./built", build_args={"A": "b"})
    api = app.add_uvicorn_app("api", "./api", "main:app", env={"KEY": key}, args=["-v"], references=orders)
    api.with_persistent_volume(volume, "/data", env="DATA").with_resources(cpu="1").with_http_probe("liveness")
    api.with_command("seed", print).on_ready(print).with_url("http://example.com").wait_for(orders)
    app.add_node_app("node", "./web", "server.js")
    app.add_vite_app("front", "./web")
    app.add_executable("tool", "make").with_entrypoint("sh")
    cluster = app.add_k3s_cluster("k3s", agent_count=1).with_registry().with_disabled_component("traefik")
    cluster.add_helm_release("web", "./web", values={"n": [1]}).with_helm_value("a", 1)
    cluster.add_k8s_manifest("crds", "./k8s")
    cluster.add_service_endpoint("ui", "web", 80)


def test_nothing_about_a_built_app_can_be_changed() -> None:
    """Each list, set, mapping and attribute of each kind must refuse a change, and say what to do instead."""
    app = build(of_every_kind)

    assert len({type(resource) for resource in app}) > 22
    for resource in app:
        for name, value in vars(resource).items():
            if name.startswith("_"):
                continue
            assert type(value) not in (list, dict, set), f"{name} of {resource}"
            with pytest.raises(ModelError, match="built already"):
                setattr(resource, name, value)
            if isinstance(value, list):
                with pytest.raises(ModelError, match="built already"):
                    value.append(None)
            if isinstance(value, dict):
                with pytest.raises(ModelError, match="built already"):
                    value["new"] = None
    replaced: Any = app["api"]
    with pytest.raises(ModelError, match="replicas was set on an app that is built already") as caught:
        replaced.replicas = 3
    assert caught.value.resource == "api" and caught.value.remedy and caught.value.file == __file__
    with pytest.raises(AttributeError):
        app.resources += (app["api"],)  # type: ignore[misc]
    with pytest.raises(AttributeError):
        app["k8s"].properties.namespace = "other"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        app["ui"].endpoints["http"].port = 1  # type: ignore[misc]


def test_a_copy_can_be_changed() -> None:
    """Whoever copies a list or mapping of the model must get one like others."""
    api: Any = build(of_every_kind)["api"]

    copied: Any = copy.deepcopy(api.resource_needs)
    copied["requests"]["cpu"] = "2"
    listed = [*api.waits, None]

    assert type(copied) is dict and api.resource_needs == {"requests": {"cpu": "1"}}
    assert len(listed) == len(api.waits) + 1 and copy.copy(api.waits) == api.waits


def test_what_another_package_keeps_is_its_own() -> None:
    """A kind of another package may go on changing what it keeps beside the model's attributes."""
    app = build(lambda app: app.add(Recorder("recorder")))
    recorder = app["recorder"]
    assert isinstance(recorder, Recorder)

    recorder.calls.append("start")
    recorder.last = "start"

    assert recorder.calls == ["start"]
    with pytest.raises(ModelError):
        recorder.image = "b:2"


def test_an_app_keeps_no_list_of_others() -> None:
    """An app that is made of lists must not change with them."""
    resources: Any = [Resource("one")]
    app = App("shop", Path("apphost.py"), Mode.RUN, resources)

    resources.append(Resource("two"))

    assert app.names == ("one",) and isinstance(app.resources, tuple)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("replicas", "2", "its attribute replicas was set to str"),
        ("replicas", 0, "its attribute replicas was set to 0"),
        ("replicas", None, "its attribute replicas was set to None"),
        ("image", "", "its attribute image was set to a blank"),
        ("image_tag", 5, "its attribute image_tag was set to 5"),
        ("lifetime", "persistent", "its attribute lifetime was set to str"),
        ("pull_policy", "always", "its attribute pull_policy was set to str"),
        ("platform", "amd64", "its attribute platform was set to str"),
        ("restart", "never", "its attribute restart was set to str"),
        ("max_restarts", -1, "its attribute max_restarts was set to -1"),
        ("stop_signal", "TERM", "its attribute stop_signal was set to str"),
        ("stop_timeout", 0, "its attribute stop_timeout was set to 0"),
        ("explicit_start", "yes", "its attribute explicit_start was set to str"),
        ("entrypoint", "sh", "its attribute entrypoint was set to str"),
        ("workload_kind", "Pod", "its attribute workload_kind was set to str"),
    ],
)
def test_an_attribute_is_looked_at(name: str, value: object, text: str) -> None:
    """An attribute that a definition sets itself must be a mistake where the method for it would refuse the value."""

    def define(app: AppBuilder) -> None:
        setattr(app.add_container("api", "a:1"), name, value)

    (found,) = mistakes(define)

    assert found.message == text
    assert found.resource == "api" and "Call " in str(found.remedy) and found.file == __file__


def test_a_sound_attribute_is_taken() -> None:
    """Setting an attribute to what its method takes is no mistake."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1")
        api.replicas, api.stop_timeout, api.entrypoint, api.restart = 2, 5, ["sh"], "always"

    assert mistakes(define) == []
