"""Where charts of others are that are in the app's own release."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart, Subchart
from fairlead.publish.chart.sections import Section


def chart_files(chart: Chart) -> dict[str, str]:
    """The files of the other charts that are written into the chart's own folder, where Helm looks for them."""
    return {
        f"{folder}/{path}": text
        for found in chart.subcharts
        if (folder := chart_folder(found, "")) and found.files
        for path, text in found.files.items()
    }


def enabled_subcharts(chart: Chart, given: Mapping[str, Any]) -> list[Subchart]:
    """The other charts that the values leave in, where a format has values filled in.

    Args:
        chart: The chart.
        given: The values that are set, in which nothing is wrong.
    """
    switches = given.get(Section.CHARTS.key, {})
    return [found for found in chart.subcharts if switches.get(found.alias, {}).get("enabled", True)]


def chart_folder(found: Subchart, base: str) -> str | None:
    """Where a chart is that is a folder; None for one from a repository.

    Args:
        found: The chart.
        base: The folder that a relative path starts at, which is the chart's that depends on it.
    """
    if not found.repository:
        return posixpath.normpath(posixpath.join(base, "charts", found.name))
    scheme, _, path = found.repository.partition("://")
    return posixpath.normpath(posixpath.join(base, path)) if scheme == "file" else None
