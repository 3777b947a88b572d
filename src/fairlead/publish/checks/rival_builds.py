"""Images that the charts of several environments call the same and that would be built differently for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.model.values.conditional import Conditional
from fairlead.model.values.value import Encoded, Value, ValueLike, to_text
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.resources.kubernetes import KubernetesEnvironment


def report_rival_builds(published: Sequence[tuple[KubernetesEnvironment, Chart]], report: Report) -> None:
    """Report images whose build arguments have another address of a route in each environment.

    Args:
        published: The environments and their charts.
        report: Collects errors, warnings and notes.
    """
    first: dict[str, tuple[KubernetesEnvironment, ImageBuild]] = {}
    for environment, chart in published:
        for build in chart.builds:
            before, known = first.setdefault(build.image, (environment, build))
            differing = [name for name, value in build.args.items() if _key(value) != _key(known.args.get(name, ""))]
            if differing:
                report.error(
                    environment,
                    f"the image {build.image} would have another {', '.join(differing)} than for {before.name!r}, and "
                    "one name stands for one image",
                    "Give each chart a name of its own, with_properties(helm_chart_name=…), or let the program read it "
                    "when it starts: with_environment(), with_container_files().",
                )


def _key(value: ValueLike) -> Any:
    """What is the same for two build arguments if they have the same text in each case."""
    if not isinstance(value, Value):
        return to_text(value)
    if isinstance(value, Encoded):
        return "uri", _key(value.value)
    if isinstance(value, Conditional):
        return _key(value.condition), value.matches, _key(value.then), _key(value.otherwise)
    parts = value.parts()
    if any(part is value for part in parts):
        return id(value)
    keys = [part if isinstance(part, str) else _key(part) for part in parts]
    return "".join(keys) if all(isinstance(key, str) for key in keys) else tuple(keys)
