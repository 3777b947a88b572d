"""The commands of Helm that bring a chart into a cluster."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.formats.required_values import app_values_file
from fairlead.publish.own_objects.custom_kinds import objects_of_unknown_kinds
from fairlead.publish.own_objects.release_files import release_commands


def install_commands(chart: Chart, folder: str, _given: Mapping[str, Any]) -> list[str]:
    """The commands that install a chart; values that have to be given are in the file that they name.

    Args:
        chart: The chart.
        folder: Where it is.
    """
    # By `build`, which keeps to Chart.lock, helm takes no repository that it was not told of before by `repo add`.
    first = (
        [f"helm dependency update {shlex.quote(folder)}"] if any(other.repository for other in chart.subcharts) else []
    )
    words = ["helm upgrade --install", chart.release, shlex.quote(folder)]
    if chart.namespace:
        words.append(f"--namespace {chart.namespace} --create-namespace")
    values = app_values_file(chart)
    if values.text:
        words.append(f"--values {values.name}")
    command = " ".join(words)
    # Where a dependency brings the kinds of some objects, the first makes these known, the second makes the objects.
    own = [f"{command} --wait", command] if objects_of_unknown_kinds(chart) else [command]
    before = release_commands(chart, shlex.quote(folder), before=True, with_given=True)
    after = release_commands(chart, shlex.quote(folder), before=False, with_given=True)
    return [*before, *first, *own, *after]
