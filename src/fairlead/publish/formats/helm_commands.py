"""The commands of Helm that bring a chart into a cluster."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.formats.required_values import values_file
from fairlead.publish.own_objects.subcharts import objects_of_unknown_kinds


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
    values = values_file(chart)
    if values.text:
        words.append(f"--values {values.name}")
    command = " ".join(words)
    if objects_of_unknown_kinds(chart):  # the first makes their kinds known, the second makes them
        return [*first, f"{command} --wait", command]
    return [*first, command]
