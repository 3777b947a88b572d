"""Names, sizes and texts of a finished chart that Kubernetes or Helm would refuse."""

from __future__ import annotations

import re
from typing import Any

from fairlead.model.names import is_label
from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import yaml_refuses
from fairlead.publish.chart.sections import Section
from fairlead.publish.checks.texts import UNWRITABLE, with_defaults

#: What one ConfigMap or Secret may hold.
MAX_DATA = 1024 * 1024


def check_values(chart: Chart, report: Report) -> None:
    """Report texts in values.yaml that no file can hold; what has a place of its own is reported there."""
    for declared in chart.values:
        texts = _texts(declared.default)
        if all(map(str.isprintable, texts)):
            continue  # as nearly all are
        text = "\n".join(texts)
        if declared.value.section is not Section.CONFIG and re.search(UNWRITABLE, text):
            report.error(None, f"the value {'.'.join(declared.value.path)} is not text (UTF-8)", "Correct it.")
        elif refused := yaml_refuses(text):
            report.error(
                None,
                f"the value {'.'.join(declared.value.path)} holds the character {refused!a}, which Helm takes in "
                "no value",
                "Leave it out, or encode the text, for example as base64.",
            )


def check_objects(chart: Chart, report: Report) -> None:
    """Report names that Kubernetes refuses or that two objects share, and data that is too large for one object."""
    seen: dict[tuple[str, str, str, str], ChartObject] = {}
    for made in chart.objects:
        kind, name = made.kind, made.name
        if not is_label(name) and not (made.is_given and _is_path(name)):
            report.error(made.owner, f"its {made.kind} would be called {made.shown_name!r}", "Choose another name.")
        first = seen.setdefault((made.group, kind, made.namespace, name), made)
        if first is not made:
            report.error(
                made.owner,
                f"its {made.kind} would be called {made.shown_name!r}, like that of {first.owner.name!r} at "
                f"{first.owner.where}",
                "Rename one of the two.",
            )
        if kind in ("ConfigMap", "Secret"):
            size = sum(
                len(key) + len(with_defaults(entry, chart).encode("utf-8", "surrogatepass"))
                for field in ("data", "binaryData")
                for key, entry in _mapping(made.body.get(field)).items()
            )
            if size > MAX_DATA:
                report.error(
                    made.owner,
                    f"its {made.kind} would hold {size:,} bytes, and Kubernetes takes {MAX_DATA:,} at most",
                    "Put what is large into the image or a volume.",
                )


def _mapping(content: Any) -> dict[str, Any]:
    return content if isinstance(content, dict) else {}


def _is_path(name: str) -> bool:
    """Whether it can be the name of an object of any kind; most kinds take less, which the cluster will say."""
    return len(name) <= 253 and name not in (".", "..") and not re.search(r"[/%\s]", name)


def _texts(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [text for entry in content.items() for part in entry for text in _texts(part)]
    return [content] if isinstance(content, str) else []
