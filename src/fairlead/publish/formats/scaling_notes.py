"""What the notes of a chart say when an upgrade adds an autoscaler to pods that run.

A chart names no number of pods where an autoscaler decides, since each upgrade would set it back. But to Helm a number
that was in the chart before and is gone now is one to remove, and Kubernetes fills in 1. Nothing in a chart prevents
that: with the number kept, a rollback would set it to what it was when that release was made, in the middle of a load.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.leaves import Leaf
from fairlead.publish.formats.go_templates import constant, pipeline, term


def scaling_notes(chart: Chart) -> Iterator[str]:
    """Template lines for each autoscaler; they say nothing unless an upgrade adds it to several pods."""
    for chart_object in chart.objects:
        if chart_object.kind == "HorizontalPodAutoscaler" and not chart_object.is_given:
            yield from _lines(chart_object)


def _lines(autoscaler: ChartObject) -> list[str]:
    spec = autoscaler.body["spec"]
    kind, name = spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]
    found = f'lookup "apps/v1" {constant(kind)} .Release.Namespace {constant(name)}'
    own = f'lookup {constant(autoscaler.body["apiVersion"])} "HorizontalPodAutoscaler" .Release.Namespace'
    wanted = [term(condition) for condition in autoscaler.conditions]
    is_new = f"(not ({own} {constant(autoscaler.name)}))"
    fewest = spec.get("minReplicas", 1)  # a function of the definition may have changed it
    fewest = pipeline(fewest) if isinstance(fewest, Leaf) else str(fewest)
    return [
        f'{{{{- $before := dig "spec" "replicas" 0 ({found}) }}}}',
        f"{{{{- if and {' '.join([*wanted, '(gt (int $before) 1)', is_new])} }}}}",
        "",
        f"FEWER PODS FOR A MOMENT: {name} had {{{{ $before }}}} pods and gets its first autoscaler. As the chart no "
        "longer names their",
        f"number, there is 1 until the autoscaler has started {{{{ {fewest} }}}}, which takes it half a minute.",
        "{{- end }}",
    ]
