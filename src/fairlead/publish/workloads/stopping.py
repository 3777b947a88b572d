"""How the pods of a program are stopped: how long they have, and by which signal they are asked."""

from __future__ import annotations

import re
from math import ceil
from typing import Any

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.publish.images.builds import dockerfile_of, is_generated
from fairlead.publish.project.project_files import ProjectFiles, SourceError

_STOPSIGNAL = rb"(?im)^[ \t]*STOPSIGNAL[ \t]+(\S+)"


def grace_period(workload: Workload) -> dict[str, Any]:
    """The field of a pod that says how long its program has to end; empty for the 30 seconds of Kubernetes."""
    if workload.stop_timeout is None:
        return {}
    return {"terminationGracePeriodSeconds": ceil(workload.stop_timeout)}


def report_stop_signal(workload: Workload, sources: ProjectFiles, report: Report) -> None:
    """Say that a stop signal is not published where only an image of the user's can give it.

    Pods have a field for it behind a feature gate, which no cluster can be counted on to have.

    Args:
        workload: The workload.
        sources: Reads files of the app's folder.
        report: Collects errors, warnings and notes.
    """
    signal = workload.stop_signal
    is_own = workload.built_image is None and is_generated(workload, sources)
    if signal is None or (is_own and cluster_kind_of(workload).takes_stop_signal):
        return
    dockerfile = dockerfile_of(workload, sources)
    if dockerfile is not None and _signal_in(dockerfile, sources) == signal:
        return
    where = f"its Dockerfile, {dockerfile}" if dockerfile is not None else "the Dockerfile of its image"
    report.note(
        workload,
        f"only a run takes notice of with_stop_signal({signal!r}): in a cluster the image says by which signal it is "
        "stopped",
        f"Write STOPSIGNAL {signal} into {where}."
        if not is_own
        else "Nothing has to be done: the page is served by nginx, which is stopped in its own way.",
    )


def _signal_in(dockerfile: str, sources: ProjectFiles) -> str | None:
    """The signal that a Dockerfile gives last, with its SIG."""
    try:
        signals = re.findall(_STOPSIGNAL, sources.file(dockerfile))
    except SourceError:
        return None
    if not signals:
        return None
    name = signals[-1].decode("utf-8", "replace").upper()
    return name if name.startswith("SIG") else f"SIG{name}"
