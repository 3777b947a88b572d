"""Why a workload is not as it should be: what its rollout lacks, and the reason of the first pod that holds it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.drivers.k3s.rollout.status import rollout_of


def reason_of_workload(workload: Mapping[str, Any], pod_reasons: Iterable[tuple[str, str]] = ()) -> str:
    """Why a workload is not rolled out, in one sentence; empty when all is well.

    Args:
        workload: Such as a Deployment or a Job, as the API server returns it.
        pod_reasons: Names of its pods with the reasons of these, empty for those that are well.
    """
    rollout = rollout_of(workload)
    if rollout.done:
        return ""
    told = next(((name, reason) for name, reason in pod_reasons if reason), None)
    return f"{rollout.reason}; pod {told[0]}: {told[1]}" if told else rollout.reason
