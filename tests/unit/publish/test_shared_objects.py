"""Environments whose objects can't be in one cluster, or in one namespace of it."""

from __future__ import annotations

from typing import Any

from tests.support.definitions import build

from fairlead import AppBuilder, Mode
from fairlead.publish.publisher import render

CONSEQUENCE = "Helm refuses to install the second, because the objects belong to the first, and kubectl overwrites them"


def two(first: str | None, second: str | None, *, apart: bool = False) -> Any:
    """What is said of two environments with these namespaces that have a program in common."""

    def define(app: AppBuilder) -> None:
        one, other = app.add_kubernetes_environment("one"), app.add_kubernetes_environment("other")
        if first:
            one.with_properties(namespace=first)
        if second:
            other.with_properties(namespace=second)
        api = app.add_container("api", "api:1").with_environment("A", "1").with_http_endpoint(target_port=80)
        api.with_compute_environment(one, *([] if apart else [other]))
        app.add_container("web", "web:1").with_compute_environment(other)

    rendered = render(build(define, Mode.PUBLISH))
    return [
        [(said.resource, said.message) for said in kind if "it has objects of" in said.message]
        for kind in (rendered.warnings, rendered.notes)
    ]


def test_a_program_in_two_environments_without_namespace_is_warned_of() -> None:
    """Objects that both releases would have in one namespace must be named: Helm refuses to install the second."""
    message = f"it has objects of 'one' too: Deployment api, Service api and 1 more. In one namespace {CONSEQUENCE}"
    assert two(None, None) == [[("other", message)], []]


def test_the_same_namespace_may_be_one_of_two_clusters() -> None:
    """Where the definition names one namespace for both, a note must be enough."""
    message = f"it has objects of 'one' too: Deployment api, Service api and 1 more. In one cluster {CONSEQUENCE}"
    assert two("shop", "shop") == [[], [("other", message)]]


def test_environments_that_can_be_side_by_side() -> None:
    """Nothing must be said of other namespaces, and of environments without an object in common."""
    assert two("shop", "other") == two(None, "other") == two(None, None, apart=True) == [[], []]


def test_cluster_wide_objects_are_shared_by_all_namespaces() -> None:
    """An object of the whole cluster must be named whatever the namespaces are."""
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "reader"}}

    def define(app: AppBuilder) -> None:
        for name in ("one", "other"):
            app.add_kubernetes_environment(name).with_properties(namespace=name).add_manifest({**role, "rules": []})

    notes = [note.message for note in render(build(define, Mode.PUBLISH)).notes]
    assert f"it has objects of 'one' too: ClusterRole reader. In one cluster {CONSEQUENCE}" in notes
