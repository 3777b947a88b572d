"""Properties of an environment that Helm or Kubernetes would refuse."""

from __future__ import annotations

import re

from fairlead.model.kubernetes.persistent_volumes import ACCESS_MODES
from fairlead.model.names import is_subdomain, listing
from fairlead.publish.chart.chart import MAX_RELEASE, Chart
from fairlead.publish.chart.claims import is_quantity
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.names import is_label
from fairlead.publish.chart.properties import default_text
from fairlead.publish.checks.texts import UNWRITABLE
from fairlead.publish.images.image_names import PULL_POLICIES
from fairlead.publish.workloads.service import TYPES
from fairlead.publish.workloads.storage import TYPES as STORAGE_TYPES
from fairlead.resources.kubernetes import KubernetesEnvironment

_VERSION = re.compile(
    r"v?(0|[1-9]\d*)(\.(0|[1-9]\d*)){0,2}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)
_CHART_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,249}")


def check_properties(environment: KubernetesEnvironment, chart: Chart, report: Report) -> None:
    """Report properties of an environment that Helm or Kubernetes would refuse."""
    properties = environment.properties

    def expect(good: bool, name: str, found: str, remedy: str) -> None:
        if not good:
            report.error(environment, f"{name}={found!r} is not valid", remedy)

    expect(_CHART_NAME.fullmatch(chart.name) is not None, "helm_chart_name", chart.name, "Use letters, digits, . _ -")
    expect(_VERSION.fullmatch(chart.version) is not None, "helm_chart_version", chart.version, "Write it like 1.2.3.")
    expect(
        len(chart.description) <= 1024 and not UNWRITABLE.search(chart.description),
        "helm_chart_description",
        chart.description[:20] + "…",
        "Keep it to 1024 characters of text.",
    )
    expect(
        is_label(chart.release) and len(chart.release) <= MAX_RELEASE,
        "release_name",
        chart.release,
        f"Use at most {MAX_RELEASE} lower-case letters, digits and hyphens.",
    )
    expect(
        chart.namespace is None or is_label(chart.namespace),
        "namespace",
        str(chart.namespace),
        "Use at most 63 lower-case letters, digits and hyphens.",
    )
    for name, known in (
        ("default_image_pull_policy", PULL_POLICIES),
        ("default_service_type", TYPES),
        ("default_storage_type", STORAGE_TYPES),
        ("default_storage_read_write_policy", ACCESS_MODES),
    ):
        found = default_text(getattr(properties, name))
        expect(found is None or found in known, name, str(found), f"Use one of {listing(known)}.")
    kind = default_text(properties.default_storage_class_name)
    expect(
        kind is None or is_subdomain(kind),
        "default_storage_class_name",
        str(kind),
        "Use lower-case letters, digits, '-' and '.'.",
    )
    size = default_text(properties.default_storage_size)
    expect(size is None or is_quantity(size), "default_storage_size", str(size), "Write it like 1Gi.")
