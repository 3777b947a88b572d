"""The values of charts that are releases of their own: a file for each, which their commands name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead.publish.chart.chart import Chart, SeparateRelease
from fairlead.publish.chart.sections import helm_path
from fairlead.publish.formats.format import RenderedFiles
from fairlead.publish.formats.yaml import Commented, Emitter
from fairlead.publish.own_objects.release_files import given_values_name, values_path


def render_separate_values(chart: Chart, values_of: Callable[[SeparateRelease], Any] | None = None) -> RenderedFiles:
    """The values files of all releases beside the app's.

    Args:
        chart: The app's chart.
        values_of: Gives the values of a release in a format that has them filled in; by default those that are known
            at publish.
    """
    emitter = Emitter()
    texts = {}
    private = set()
    for release in chart.separate_releases:
        path = values_path(release)
        values = release.values if values_of is None else values_of(release)
        texts[path] = emitter.document(_commented(release, values, is_open=values_of is None))
        if values_of is not None and any(passed.parameter.secret for passed in release.passed_parameters):
            private.add(path)
    return RenderedFiles(texts, frozenset(private))


def _commented(release: SeparateRelease, values: dict[str, Any], *, is_open: bool) -> dict[str, Any]:
    """The values, with a comment on the first one about those that have to be given."""
    lines = [
        f"{helm_path(passed.path)} is the {passed.parameter.path[0].removesuffix('s')} {passed.parameter.path[1]}"
        + (f", and has to be given: --values {given_values_name(release)}" if passed.required else "")
        for passed in release.passed_parameters
    ]
    if not values or not lines or not is_open:
        return values
    first, *others = values
    comment = "\n".join(f"{line}." for line in lines)
    return {first: Commented(comment, values[first]), **{key: values[key] for key in others}}
