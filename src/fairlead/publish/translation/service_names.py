"""Addresses that are written with a name which only a run's network has, such as ``http://api_server:8000``.

There, a resource ``api_server`` is known as ``api_server`` and as ``api-server``. A Service can't have the former name,
so the chart has the latter where a text of the definition is an address without doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fairlead.model.names import normal_form
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.leaves import Joined, Text, join
from fairlead.publish.chart.names import object_name

#: How the variables end that hold nothing but the name of a host.
_HOST_VARIABLE = re.compile(r"(?i)(HOST|HOSTNAME|SERVER|ADDR|ADDRESS|BROKER|NODE)S?$")


class ServiceNames:
    """The names of an app's programs that no Service can have.

    Args:
        workloads: The programs that have Services in the chart.
    """

    def __init__(self, workloads: Iterable[Workload]) -> None:
        self._names = {
            workload.name: (_address(workload.name), object_name(workload.name))
            for workload in workloads
            if workload.name.lower() != normal_form(workload.name)
        }

    def in_cluster(self, text: Text, variable: str | None = None) -> tuple[Text, list[str]]:
        """A text with the names of Services, and the names that these replace.

        Args:
            text: The text.
            variable: The variable that it is the value of; None for an argument.
        """
        replaced: list[str] = []
        for name, (pattern, service) in self._names.items():
            if isinstance(text, str) and text.lower() == name.lower():
                other: Text = service if variable is not None and _HOST_VARIABLE.search(variable) else text
            else:
                parts = text.parts if isinstance(text, Joined) else (text,)
                other = join(pattern.sub(service, part) if isinstance(part, str) else part for part in parts)
            if other != text:
                text = other
                replaced.append(name)
        return text, replaced


def _address(name: str) -> re.Pattern[str]:
    """Where a name is that of a host: in a URL, or before the number of a port."""
    host = re.escape(name)
    return re.compile(rf"(?i)(?<=//){host}(?=[:/?#]|$)|(?<=@){host}(?=[:/?#]|$)|(?<![\w.@/-]){host}(?=:\d{{2,5}}\b)")
