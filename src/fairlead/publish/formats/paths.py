"""Which file each object is in: ``<resource>/<kind>.yaml``, and more words where that is not enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from fairlead.model.names import normal_form
from fairlead.publish.chart.chart import ChartObject
from fairlead.publish.chart.object_kinds import CRD

_WORDS: tuple[Callable[[ChartObject], str], ...] = (
    lambda made: made.kind.lower(),
    lambda made: f"{made.kind.lower()}-{made.name}",
    lambda made: f"{made.kind.lower()}-{made.name}-{made.namespace}".strip("-"),
    lambda made: f"{made.kind.lower()}-{made.name}-{made.namespace}-{made.group}".strip("-"),
)


def object_paths(objects: Iterable[ChartObject]) -> list[tuple[ChartObject, str]]:
    """The objects with their paths, without an extension; definitions of kinds are in ``crds``."""
    made = list(objects)
    folders = ["crds" if one.kind == CRD else normal_form(one.owner.name) for one in made]
    paths: dict[int, str] = {}
    left = list(range(len(made)))
    for word in _WORDS:
        proposed = {number: f"{folders[number]}/{word(made[number])}".replace(":", "-") for number in left}
        counts = Counter(proposed.values())
        paths |= {number: path for number, path in proposed.items() if counts[path] == 1}
        left = [number for number in left if counts[proposed[number]] > 1]
        if not left:
            break
    return [(made[number], path) for number, path in sorted(paths.items())]
