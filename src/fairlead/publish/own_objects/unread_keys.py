"""Keys of Secrets that no object reads any more, since a function removed their only use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import values_in_text
from fairlead.publish.chart.object_names import ObjectKey
from fairlead.publish.chart.values_yaml import keys_comment
from fairlead.publish.own_objects.references import references

#: What stands for all keys of a Secret.
_ALL = "*"


def keys_read(chart: Chart, secret: ObjectKey) -> frozenset[str]:
    """The keys of a Secret that the objects of a chart read."""
    return frozenset(
        key
        for entry in chart.objects
        for reference in references(entry.body)
        if reference.names(secret)
        for key in _keys_in(reference.within)
    )


def _keys_in(selector: Mapping[str, Any]) -> Iterator[str]:
    """The keys that a mapping with the name of a Secret selects: one, some, or all."""
    items = selector.get("items")
    if isinstance(key := selector.get("key"), str):
        yield key
    elif isinstance(items, list):
        yield from (str(item.get("key")) for item in items if isinstance(item, dict))
    else:
        yield _ALL


def drop_unread(chart: Chart, key: ObjectKey, before: frozenset[str]) -> None:
    """Take those keys out of a Secret that objects read before, and none reads now; and a Secret that has none left."""
    chart_object, now = chart.find(key), keys_read(chart, key)
    data = chart_object.body.get("data") if chart_object else None
    unread = before - now if _ALL not in now else frozenset[str]()
    if chart_object is None or not isinstance(data, dict) or not unread & data.keys():
        return
    remaining = {name: entry for name, entry in data.items() if name not in unread}
    if remaining:
        chart_object.body["data"] = remaining
        for existing_secret in values_in_text(chart_object.conditions):
            chart.values.comment(existing_secret, keys_comment(remaining))
    else:
        chart.objects.remove(chart_object)
