"""Disruption budgets that would never let a node be emptied, and autoscalers that are added to pods that run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Mode
from fairlead.publish.publisher import publish, render

BLOCKED = "Run more pods than have to stay: {}(…), or let one go: with_disruption_budget(max_unavailable=1)."


@pytest.mark.parametrize(
    ("pods", "budget", "evictable"),
    [
        (1, {"min_available": 1}, False),
        (1, {"min_available": 0}, True),
        (2, {"min_available": 1}, True),
        (3, {"min_available": 5}, False),
        (1, {"min_available": "50%"}, False),
        (3, {"min_available": "67%"}, False),
        (3, {"min_available": "66%"}, True),
        (4, {"min_available": "100%"}, False),
        (4, {"max_unavailable": 0}, False),
        (4, {"max_unavailable": "0%"}, False),
        (1, {"max_unavailable": "1%"}, True),
        (1, {"max_unavailable": 1}, True),
    ],
)
def test_a_budget_that_lets_no_pod_go_is_said(pods: int, budget: dict[str, int | str], evictable: bool) -> None:
    """A budget must be warned of if Kubernetes would evict no pod under it, and of no other."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s")
        app.add_container("api", "api:1").with_replicas(pods).with_disruption_budget(**budget)

    warnings = render(build(define, Mode.PUBLISH)).warnings
    assert [warning.remedy for warning in warnings] == ([] if evictable else [BLOCKED.format("with_replicas")])


def test_what_counts_are_the_fewest_pods() -> None:
    """Of a workload that is scaled, the fewest pods must count."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s")
        app.add_container("one", "api:1").with_autoscaling(1, 5).with_resources(cpu="1").with_disruption_budget(
            min_available=1
        )
        app.add_container("two", "api:1").with_autoscaling(2, 5).with_resources(cpu="1").with_disruption_budget(
            min_available=1
        )

    (warning,) = render(build(define, Mode.PUBLISH)).warnings
    assert (warning.resource, warning.remedy) == ("one", BLOCKED.format("with_autoscaling"))
    assert warning.message == "its disruption budget keeps its only pod where it is, so that node can never be emptied"


@pytest.mark.parametrize("format", ["helm", "manifests", "kustomize"])
def test_an_autoscaler_that_is_added_is_said(tmp_path: Path, format: str) -> None:
    """The pods that go for a moment must be named where the chart without the autoscaler is in the folder, and once."""

    def notes(pods: int, *, scaled: bool = False, **options: Any) -> list[str]:
        def define(app: AppBuilder) -> None:
            app.add_kubernetes_environment("k8s").with_properties(namespace="shop")
            api = app.add_container("api", "api:1").with_replicas(pods).with_resources(cpu="1")
            if scaled:
                api.with_autoscaling(2, 5)

        published = publish(build(define, Mode.PUBLISH), tmp_path, format=format, **options)
        return [note.message for note in published.notes if "new autoscaler" in note.message]

    said = (
        "an upgrade from the chart in the folder leaves 1 of the 3 pods of its Deployment 'api' until the new "
        "autoscaler has started others, as the chart no longer names their number"
    )
    assert notes(3) == []
    assert notes(3, scaled=True, check=True) == notes(3, scaled=True) == [said]
    assert notes(3, scaled=True) == []
    assert notes(1) == notes(1, scaled=True) == []
