"""Which objects are in a namespace, and in which."""

from __future__ import annotations

from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import uses_builtin
from fairlead.publish.chart.object_kinds import is_cluster_wide
from fairlead.publish.own_objects.custom_kinds import defined_kinds


class Namespaces:
    """Puts the objects of one chart into its namespace.

    Args:
        chart: The chart.
    """

    def __init__(self, chart: Chart) -> None:
        self._namespace = chart.namespace
        self._defined = {found for found, scope in defined_kinds(chart).items() if scope == "Cluster"}

    def place(self, made: ChartObject, body: dict[str, Any]) -> dict[str, Any]:
        """The fields of an object with the chart's namespace, unless it names one or belongs to the whole cluster.

        A kind that nobody told us about gets one too: a cluster takes it off what can't have one, and would put what
        has to have one into the namespace that its user happens to be in.

        Args:
            made: The object.
            body: Its fields, resolved.
        """
        metadata = body["metadata"]
        if not self._namespace or metadata.get("namespace") or self._is_cluster_wide(made):
            return body
        named = {"name": metadata["name"], "namespace": self._namespace}
        return {**body, "metadata": named | {key: entry for key, entry in metadata.items() if key not in named}}

    def _is_cluster_wide(self, made: ChartObject) -> bool:
        return is_cluster_wide(made.group, made.kind) or (made.group, made.kind) in self._defined


def report_default_namespace(chart: Chart, report: Report) -> None:
    """Say which volumes outside namespaces are the same wherever it is applied, because nobody named a namespace.

    Args:
        chart: The chart, for a format that is told no namespace later.
        report: Where that is said.
    """
    if chart.namespace:
        return
    owners = {made.owner.name: made.owner for made in chart.objects if uses_builtin(made.body, "namespace")}
    for owner in owners.values():
        report.note(
            owner,
            "its volume is outside of namespaces and called as in 'default', because none is named: so it is the same "
            "one in every namespace that this is applied to",
            "Name the namespace: with_properties(namespace=…).",
        )
