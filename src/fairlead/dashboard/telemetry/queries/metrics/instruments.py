"""The instruments that have data."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.dashboard.telemetry.documents import InstrumentView
from fairlead.dashboard.telemetry.queries.attributes import Mask, attribute_text
from fairlead.dashboard.telemetry.queries.metrics.selection import Selection
from fairlead.dashboard.telemetry.queries.metrics.titles import title_of

_MOST_VALUES = 100


def instrument_view(selection: Selection, mask: Mask) -> InstrumentView:
    """Return an instrument as a list shows it."""
    instrument = selection.instrument
    return InstrumentView(
        name=instrument.name,
        title=mask(title_of(instrument.name)),
        kind=instrument.kind,
        unit=instrument.unit,
        description=mask(instrument.description),
        resources=tuple(dict.fromkeys(each.sender.resource for each in selection.series)),
        attributes=_attributes(selection, mask),
    )


def _attributes(selection: Selection, mask: Mask) -> dict[str, tuple[str, ...]]:
    values: dict[str, dict[str, None]] = {}
    for series in selection.series:
        for name, value in series.attributes.items():
            known = values.setdefault(name, {})
            if len(known) < _MOST_VALUES:
                known[mask(attribute_text(value))] = None
    return {name: _in_order(list(known)) for name, known in sorted(values.items())}


def _in_order(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        sorted(values, key=lambda value: (not value.isdecimal(), len(value) if value.isdecimal() else 0, value))
    )
