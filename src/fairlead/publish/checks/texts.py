"""Texts as a cluster gets them, and those that no file can hold."""

from __future__ import annotations

from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import Text, When, resolve

#: The characters that YAML can't hold: zero bytes, and the halves of pairs that stand for bytes that are no text.
UNWRITABLE = "[\0\ud800-\udfff]"


def with_defaults(entry: Text | When, chart: Chart) -> str:
    """A text as it is when nobody changes a value of the chart."""
    text: Any = entry.content if isinstance(entry, When) else entry
    return text if isinstance(text, str) else resolve(text, chart.values.default, _BUILTINS)


_BUILTINS: dict[Any, str] = {"release": "", "namespace": "", "manager": "", "chart": "", "version": ""}
