"""Schedules are judged as Kubernetes judges them (robfig/cron v3, ``ParseStandard``)."""

from __future__ import annotations

import pytest

from fairlead.model.kubernetes.schedule import schedule_problem


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "0 3 * * *",
        "*/15 0-23/2 1,15 jan-MAR mon-FRI",
        "59 23 31 12 6",
        "? ? ? ? ?",
        "5/10 * * * sun",
        "  0   3 * * *",
        "@daily",
        "@every 1h30m",
        "@every 1.5h",
    ],
)
def test_what_kubernetes_takes_is_taken(schedule: str) -> None:
    """A schedule that a cluster takes must pass."""
    assert schedule_problem(schedule) is None


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("nonsense", "the schedule 'nonsense' has 1 fields, and not five"),
        ("0 3 * * * *", "the schedule '0 3 * * * *' has 6 fields, and not five"),
        ("60 3 * * *", "the schedule '60 3 * * *' has '60' as its minute"),
        ("0 24 * * *", "the schedule '0 24 * * *' has '24' as its hour"),
        ("0 0 0 * *", "the schedule '0 0 0 * *' has '0' as its day"),
        ("0 0 * 13 *", "the schedule '0 0 * 13 *' has '13' as its month"),
        ("0 0 * * 7", "the schedule '0 0 * * 7' has '7' as its weekday"),
        ("0 0 * mon *", "the schedule '0 0 * mon *' has 'mon' as its month"),
        ("*/0 * * * *", "the schedule '*/0 * * * *' has '*/0' as its minute"),
        ("*/ * * * *", "the schedule '*/ * * * *' has '*/' as its minute"),
        ("5-1 * * * *", "the schedule '5-1 * * * *' has '5-1' as its minute"),
        ("1, * * * *", "the schedule '1, * * * *' has '1,' as its minute"),
        ("٣ * * * *", "the schedule '٣ * * * *' has '٣' as its minute"),
        ("@often", "there is no schedule '@often'"),
        ("@every day", "there is no schedule '@every day'"),
        (
            "TZ=Europe/Berlin 0 3 * * *",
            "the schedule 'TZ=Europe/Berlin 0 3 * * *' names a time zone, which Kubernetes refuses there",
        ),
    ],
)
def test_what_kubernetes_refuses_is_refused(schedule: str, problem: str) -> None:
    """A schedule that a cluster refuses must be a mistake, with the part that is wrong."""
    assert schedule_problem(schedule) == problem
