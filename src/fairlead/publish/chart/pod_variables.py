"""The variables and arguments of a container, as data."""

from __future__ import annotations

from fairlead.model.locations import Location
from fairlead.publish.chart.leaves import Text, When


class PodVariables:
    """The variables and arguments of a workload's container.

    ``config`` and ``secret`` have what anyone and what only the program may see, by variable; ``args`` are escaped for
    Kubernetes, with references to variables for what is secret. ``places`` and ``argument_places`` have the lines that
    gave them.
    """

    def __init__(self) -> None:
        self.config: dict[str, Text | When] = {}
        self.secret: dict[str, Text | When] = {}
        self.args: list[Text] = []
        self.places: dict[str, Location] = {}
        self.argument_places: list[Location] = []
