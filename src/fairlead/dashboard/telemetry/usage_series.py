"""The host's own samples of CPU and memory as series of two instruments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from fairlead.dashboard.telemetry.queries.metrics.titles import CPU, MEMORY
from fairlead.dashboard.telemetry.records import Instrument, Sender
from fairlead.dashboard.telemetry.store.series import KeptSeries, Sample
from fairlead.dashboard.telemetry.store.usage_history import History
from fairlead.model.app import App
from fairlead.model.replicas import find_replica

_CPU = Instrument(CPU, "gauge", "%", "Use of one core, measured by Fairlead once a second.")
_MEMORY = Instrument(MEMORY, "gauge", "By", "Memory in use, measured by Fairlead once a second.")


def usage_series(
    histories: Mapping[str, tuple[History, History]],
    app: App,
    resources: Collection[str] | None,
    since: float,
) -> Iterator[KeptSeries]:
    """The series of some resources.

    Args:
        histories: CPU and memory by id; of a resource with replicas also those of each, whose ids end with its number.
        app: The app, which tells resources from replicas.
        resources: Whose series; None for all.
        since: Samples of before this time are left out.
    """
    replicas = {id: replica.resource.name for id in histories if (replica := find_replica(app, id)) is not None}
    owners = set(replicas.values())
    for id, (cpu, memory) in histories.items():
        resource = replicas.get(id, id)
        if id not in owners and (resources is None or resource in resources):
            for instrument, history in ((_CPU, cpu), (_MEMORY, memory)):
                yield _series(instrument, resource, id, history, since)


def _series(instrument: Instrument, resource: str, instance: str, history: History, since: float) -> KeptSeries:
    series = KeptSeries((instrument.name, instance), instrument, Sender(resource, instance), {}, False)
    series.samples.extend(Sample(time, None, value, 0, (), (), ()) for time, value in history.samples(since))
    return series
