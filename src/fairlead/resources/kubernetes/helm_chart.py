"""Helm charts of others that are installed together with the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from fairlead.model.kubernetes.chart_versions import VERSION_REMEDY, is_version_range
from fairlead.model.locations import Location, mistake
from fairlead.model.resource import Resource
from fairlead.model.value import Value


class HelmChart(Resource):
    """A chart that the app's chart depends on.

    Args:
        name: The resource's name, under which its values are.
        chart: The chart's name in its repository, or ``oci://…`` with it.
        version: Its version, or a range as Helm reads it.
        repo: The repository's address; none for ``oci://…``.
        values: Its values; leaves may be deferred.
    """

    kind: ClassVar[str] = "Helm chart"

    def __init__(
        self,
        name: str,
        chart: str,
        version: str,
        *,
        repo: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name)
        good = self._text("add_helm_chart", "chart", chart) and self._text("add_helm_chart", "version", version)
        address = self._optional_text("add_helm_chart", "repo", repo)
        base, _, last = chart.rpartition("/") if good else ("", "", "")
        self.chart = last
        self.version = version
        self.repo = address or base
        self.values: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
        if good and bool(address) == chart.startswith("oci://"):
            mistake(
                f"the chart {chart!r} has {'two repositories' if address else 'no repository'}",
                resource=self.name,
                remedy="Give repo='https://…' with the chart's name, or the chart as 'oci://…' without a repo.",
            )
        if good and not is_version_range(version):
            mistake(
                f"add_helm_chart() got {version!r} as version, which Helm reads neither as a version nor as a range",
                resource=self.name,
                remedy=VERSION_REMEDY,
            )
        if values is not None and not isinstance(values, Mapping):
            mistake(
                f"values= needs a mapping, not {type(values).__name__}",
                resource=self.name,
                remedy="Write it like the chart's values.yaml: values={'replicas': 2}.",
            )

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the deferred ones among the values."""
        yield from super()._given_values()
        yield from ((value, self.where) for value in _deferred(self.values))


def _deferred(content: object) -> Iterator[Value]:
    if isinstance(content, Value):
        yield content
    elif isinstance(content, Mapping):
        for entry in content.values():
            yield from _deferred(entry)
    elif isinstance(content, (list, tuple)):
        for entry in content:
            yield from _deferred(entry)
