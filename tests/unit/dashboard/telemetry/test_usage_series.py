"""The host's own samples of CPU and memory as series."""

from __future__ import annotations

from tests.support.definitions import build

from fairlead import AppBuilder
from fairlead.dashboard.telemetry.store.usage_history import UsageHistory
from fairlead.dashboard.telemetry.usage_series import usage_series
from fairlead.runtime.usage.book import Usage, UsageSample


def define(app: AppBuilder) -> None:
    """A resource with replicas, and one with a name that looks like that of a replica."""
    app.add_executable("api", "sleep", ".", "1").with_replicas(2)
    app.add_executable("job-1", "sleep", ".", "1")


def test_replicas_are_lines_of_their_resource() -> None:
    """A resource with replicas must have a series of each and none of its own, and only what is asked for be given."""
    history = UsageHistory()
    values = {"api": Usage(30.0, 3.0), "api-1": Usage(10.0, 1.0), "api-2": Usage(20.0, 2.0), "job-1": Usage(5.0, 9.0)}
    history.add(UsageSample(1.0, values))
    history.add(UsageSample(2.0, values))
    app = build(define)

    found = list(usage_series(history.histories(), app, None, 2.0))
    assert [(each.instrument.name[8:11], each.sender.resource, each.sender.instance) for each in found] == [
        ("cpu", "api", "api-1"),
        ("mem", "api", "api-1"),
        ("cpu", "api", "api-2"),
        ("mem", "api", "api-2"),
        ("cpu", "job-1", "job-1"),
        ("mem", "job-1", "job-1"),
    ]
    assert [[(sample.time, sample.value) for sample in each.samples] for each in found[:2]] == [
        [(2.0, 10.0)],
        [(2.0, 1.0)],
    ]
    assert {each.sender.resource for each in usage_series(history.histories(), app, {"job-1"}, 0.0)} == {"job-1"}
