"""What functions of a definition leave behind when they change objects: secrets, checksums and values of no use.

The chart is planned before the functions are called. So what only the old objects needed is still there afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.leaves import ChartValue
from fairlead.publish.chart.object_names import ObjectKey, RemovedObject
from fairlead.publish.own_objects.data_checksums import data_hash, refresh_checksum
from fairlead.publish.own_objects.unread_keys import drop_unread, keys_read
from fairlead.publish.own_objects.unused_values import drop_unused_values, values_of


class ChartState(NamedTuple):
    """What the objects of a chart use, before functions change them.

    Args:
        values: The values in the objects of each resource that has functions, by its name.
        data: A hash of each of their ConfigMaps and Secrets, and whose it is.
        keys: The keys of their Secrets that objects read.
    """

    values: Mapping[str, frozenset[ChartValue]]
    data: Mapping[ObjectKey, tuple[str, str]]
    keys: Mapping[ObjectKey, frozenset[str]]

    @staticmethod
    def of(chart: Chart) -> ChartState:
        """The state of a chart now."""
        changing = [entry for entry in chart.objects if _has_functions(entry)]
        data = [entry for entry in changing if entry.kind in ("ConfigMap", "Secret")]
        secrets = [entry.key for entry in data if entry.kind == "Secret"]
        return ChartState(
            {name: values_of(chart, name) for name in {entry.owner.name for entry in changing}},
            {entry.key: (entry.owner.name, data_hash(entry)) for entry in data},
            {key: keys_read(chart, key) for key in secrets},
        )


def clear_leftovers(chart: Chart, before: ChartState, removed: Mapping[ObjectKey, RemovedObject]) -> None:
    """Take out of a chart what functions made useless.

    Args:
        chart: The chart, with all its objects; renames are followed.
        before: Its state before the functions were called.
        removed: What they removed or renamed.
    """
    for key, keys in before.keys.items():
        drop_unread(chart, _current(key, removed), keys)
    for key, (owner, old) in before.data.items():
        chart_object = chart.find(_current(key, removed))
        if chart_object is None or data_hash(chart_object) != old:
            refresh_checksum(chart, owner, key, chart_object)
    drop_unused_values(chart, before.values)


def _has_functions(chart_object: ChartObject) -> bool:
    return isinstance(chart_object.owner, CustomizableObjects) and bool(chart_object.owner.customizations)


def _current(key: ObjectKey, removed: Mapping[ObjectKey, RemovedObject]) -> ObjectKey:
    """What an object is called now."""
    entry = removed.get(key)
    return ObjectKey(entry.successor.kind, entry.successor.name) if entry and entry.successor else key
