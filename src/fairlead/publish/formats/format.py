"""What a renderer is: from a chart and the values that were given for it to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.records import record


@record
class RenderedFiles:
    """What a renderer makes.

    Args:
        texts: Contents by path.
        private: The paths of what nobody but its owner may read.
    """

    texts: dict[str, str]
    private: frozenset[str] = frozenset()


Renderer = Callable[[Chart, Mapping[str, Any], Report], RenderedFiles]


@record
class ValuesFile:
    """A file with the values that have to be given when a chart is installed, to be filled in.

    Args:
        name: How the commands call it.
        text: YAML with empty texts; empty where no value has to be given.
    """

    name: str
    text: str


@record
class Format:
    """One way to write a chart down.

    Args:
        render: Makes the files.
        commands: What brings them into a cluster, for the folder that they are in and the values that were given.
        takes_values: Whether values are filled in at publish, and not when it is installed.
        values_files: The files that the commands take values from, with the values that have to be given.
    """

    render: Renderer
    commands: Callable[[Chart, str, Mapping[str, Any]], list[str]]
    takes_values: bool
    values_files: Callable[[Chart], list[ValuesFile]] = lambda _: []
