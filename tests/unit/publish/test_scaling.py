"""Disruption budgets that would never let a node be emptied."""

from __future__ import annotations

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Mode
from fairlead.publish.publisher import render

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
