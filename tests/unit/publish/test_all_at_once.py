"""Mistakes of a definition and reasons against publishing it are told together, so that one round corrects them all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fairlead import AppBuilder, Container, DefinitionError, apphost


def test_mistakes_and_what_speaks_against_publishing_come_together(tmp_path: Path) -> None:
    """Everything on the list must come in one go, each with resource, line and remedy, and nothing be written."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_properties(
            helm_chart_name="no good", helm_chart_version="1.x", namespace="Bad", default_storage_size="big"
        )
        two: Any = app.add_parameter("two", "2")
        app.add_container("portless", "a:1").with_endpoint("tcp")
        app.add_container("large", "a:1", env={f"V{number}": "x" * 100_000 for number in range(11)})
        app.add_container("a-b", "a:1")
        app.add_container("a_b", "a:1")
        app.add_container("scaled", "a:1").with_replicas(two)
        none = app.add_container("none", "a:1")
        inner = app.add_container("inner", "a:1").with_http_endpoint(target_port=80)
        edge = k8s.add_ingress("edge")
        edge.with_path("/none", none)
        edge.with_path("/inner", inner)

    with pytest.raises(DefinitionError) as caught:
        apphost(name="shop")(define).publish(tmp_path / "out")

    assert not (tmp_path / "out").exists()
    assert all(error.file == __file__ and error.line and error.remedy for error in caught.value.errors)
    found = {f"{error.resource}: {error.message}" for error in caught.value.errors}
    place = next(error.line for error in caught.value.errors if error.resource == "a_b") - 1
    assert found == {
        "k8s: helm_chart_name='no good' is not valid",
        "k8s: helm_chart_version='1.x' is not valid",
        "k8s: namespace='Bad' is not valid",
        "k8s: default_storage_size='big' is not valid",
        "portless: endpoint 'tcp' of a container needs a target_port",
        "large: its ConfigMap would hold 1,100,023 bytes, and Kubernetes takes 1,048,576 at most",
        f"a_b: the Container at {__file__}:{place} is 'a-b', which is the same name",
        "scaled: with_replicas() needs a number as count, not a value that is only known later",
        "none: it has no endpoints",
        "edge: the path '/inner' leads to endpoint 'http' of 'inner', which is not external",
    }


def test_a_mistake_hides_none_of_the_properties(tmp_path: Path) -> None:
    """A bad property must be told of in the same round as a mistake in its call, and as an end of the definition."""

    def stops(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        misspelt: Any = {"helm_chart_version_": "1.0.0"}
        k8s.with_properties(helm_chart_name="no good", namespace="Bad", **misspelt)
        raise RuntimeError("enough")

    with pytest.raises(DefinitionError) as caught:
        apphost(name="shop")(stops).publish(tmp_path / "out")

    assert [error.message for error in caught.value.errors] == [
        "helm_chart_name='no good' is not valid",
        "namespace='Bad' is not valid",
        "with_properties() has no 'helm_chart_version_'",
        "the definition raised RuntimeError: enough",
    ]


class Unpublishable(Container):
    """A kind that fails while it is published, as what follows from a mistake may."""

    @property
    def image_reference(self) -> str | None:
        raise RuntimeError("no image")


def test_what_breaks_off_planning_hides_nothing_else(tmp_path: Path) -> None:
    """Where a definition with a mistake can't be planned for one environment, the others' errors must be told of."""

    def define(app: AppBuilder) -> None:
        first, second = app.add_kubernetes_environment("first"), app.add_kubernetes_environment("second")
        first.with_properties(namespace="a")
        second.with_properties(namespace=app.add_parameter("namespace", "Bad"))
        app.add(Unpublishable("broken", "a:1")).with_compute_environment(first).with_endpoint("tcp")
        app.add_container("api", "a:1").with_compute_environment(second)

    with pytest.raises(DefinitionError) as caught:
        apphost(name="shop")(define).publish(tmp_path / "out")

    assert [f"{error.resource}: {error.message}" for error in caught.value.errors] == [
        "broken: endpoint 'tcp' of a container needs a target_port",
        "second: namespace='Bad' is not valid",
    ]


def test_what_follows_from_a_mistake_is_not_told(tmp_path: Path) -> None:
    """A reason against publishing on the line of a mistake, or beyond where the definition stopped, must not come."""

    def stops(app: AppBuilder) -> None:
        app.add_container("api", "MyApi:1")
        raise RuntimeError("enough")

    with pytest.raises(DefinitionError) as caught:
        apphost(name="shop")(stops).publish(tmp_path / "out")

    (only,) = caught.value.errors
    assert "RuntimeError: enough" in only.message
