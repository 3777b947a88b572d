"""Texts that call another program by a name which only a run's network has.

There, a resource ``api_server`` is known as ``api_server`` and as ``api-server``. A Service can't have the former name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fairlead.model.locations import Location
from fairlead.model.names import normal_form
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.checks.texts import with_defaults
from fairlead.publish.workloads.mounts.container_files import ContainerFiles


class LocalNames:
    """The names of an app's programs that no cluster knows.

    Args:
        chart: The chart.
        names: The names of all programs.
        report: Collects errors, warnings and notes.
    """

    def __init__(self, chart: Chart, names: Iterable[str], report: Report) -> None:
        self._chart = chart
        self._report = report
        self._names = {
            name: re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
            for name in names
            if name.lower() != normal_form(name)
        }

    def note(self, workload: Workload, environment: PodVariables, files: ContainerFiles) -> None:
        """Note each text of a workload that has such a name of another program in it."""
        if not self._names:
            return
        for label, text, where in self._texts(environment, files):
            for name, pattern in self._names.items():
                if name != workload.name and pattern.search(text):
                    self._report.note(
                        workload,
                        f"{label} has {name!r} in it, and the cluster knows that only as {normal_form(name)!r}",
                        f"If it is an address, write {normal_form(name)!r}: a run knows both.",
                        where,
                    )

    def _texts(self, environment: PodVariables, files: ContainerFiles) -> Iterator[tuple[str, str, Location | None]]:
        """Everything that a workload is told, as far as it is known, with what to call it and the line that gave it."""
        for name, entry in {**environment.config, **environment.secret}.items():
            yield f"the variable {name}", with_defaults(entry, self._chart), environment.places.get(name)
        for number, (text, where) in enumerate(zip(environment.args, environment.argument_places, strict=True), 1):
            yield f"argument {number}", with_defaults(text, self._chart), where
        for key, text in {**files.config, **files.secret}.items():
            yield f"the file {key}", with_defaults(text, self._chart), None
