"""Where pods run in relation to other pods: near those of a workload, away from them, or spread evenly."""

from __future__ import annotations

from typing import Any

from fairlead.model.kubernetes.pod_options import PodAffinity
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.labels import selector
from fairlead.publish.chart.names import object_name

_WHEN = "DuringSchedulingIgnoredDuringExecution"


def pod_affinity(workload: Workload) -> dict[str, Any]:
    """The fields of a pod that say where it runs in relation to others."""
    fields: dict[str, Any] = {}
    for affinity in workload.affinities:
        kind = "podAffinity" if affinity.is_near else "podAntiAffinity"
        terms = fields.setdefault("affinity", {}).setdefault(kind, {})
        strength = "required" if affinity.weight is None else "preferred"
        terms.setdefault(f"{strength}{_WHEN}", []).append(_term(workload, affinity))
    if workload.spreads:
        fields["topologySpreadConstraints"] = [
            {
                "maxSkew": spread.max_skew,
                "topologyKey": spread.topology_key,
                "whenUnsatisfiable": "DoNotSchedule" if spread.required else "ScheduleAnyway",
                "labelSelector": _selector(workload.name),
            }
            for spread in workload.spreads
        ]
    return fields


def _term(workload: Workload, affinity: PodAffinity) -> dict[str, Any]:
    other = workload.name if affinity.target is None else affinity.target.name
    term = {"labelSelector": _selector(other), "topologyKey": affinity.topology_key}
    return term if affinity.weight is None else {"weight": affinity.weight, "podAffinityTerm": term}


def _selector(name: str) -> dict[str, Any]:
    return {"matchLabels": selector(object_name(name))}
