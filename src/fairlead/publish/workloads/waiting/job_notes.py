"""The notes of a release: which work of its Jobs was completed, so that no rollback does it again.

They are one ConfigMap. The pods that wait for a Job write down that it was completed. The Job itself, and pods that
start when it is gone, look there first.
"""

from __future__ import annotations

from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.jobs import JobIdentity
from fairlead.publish.chart.labels import shared_labels
from fairlead.publish.chart.leaves import Builtin, Text, join
from fairlead.publish.chart.sections import Section
from fairlead.publish.workloads.waiting.job_scripts import SKIP_IF_COMPLETED
from fairlead.publish.workloads.waiting.wait_containers import kubectl_container

_RUNS = ("auto", "always", "never")
#: How a Job is waited for that runs whenever it is created, because to do its work twice does no harm.
IDEMPOTENT = "always"


def notes_name() -> Text:
    """The name of the ConfigMap."""
    return join([Builtin("release"), "-job-notes"])


def notes_object(chart: Chart) -> dict[str, Any]:
    """The ConfigMap. It has no data of its own: what pods write into it outlives all upgrades and rollbacks."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": notes_name(), "labels": shared_labels(chart)},
    }


def run_value(chart: Chart, workload: str) -> Text:
    """The value that says whether a Job runs.

    Args:
        chart: The chart.
        workload: The resource that is published as the Job.
    """
    schema = {"type": "string", "enum": list(_RUNS)}
    return chart.values.declare(Section.JOBS.value(workload, "run"), _RUNS[0], schema=schema)


def skip_if_completed(chart: Chart, name: str, job: JobIdentity, run: Text) -> dict[str, Any]:
    """The container by which a Job ends at once where its work was completed before.

    Args:
        chart: The chart.
        name: What the container is called.
        job: The Job.
        run: Whether the Job runs.
    """
    arguments = [notes_name(), job.work, job.image, job.workload, run]
    container = kubectl_container(chart, name, SKIP_IF_COMPLETED, arguments)
    label = {"fieldRef": {"fieldPath": "metadata.labels['job-name']"}}
    container["env"] = [{"name": "JOB_NAME", "valueFrom": label}]
    return container


def rules_of_waiting(jobs: list[JobIdentity]) -> list[dict[str, Any]]:
    """The rules of a Role that may look at these Jobs, and note that they were completed."""
    return [
        _rule("batch", "jobs", [job.name for job in jobs], "get", "list", "watch"),
        _rule("", "configmaps", [notes_name()], "get", "patch"),
    ]


def rules_of_skipping(job: JobIdentity) -> list[dict[str, Any]]:
    """The rules of a Role by which a Job may read and forget notes, and end itself."""
    return [
        _rule("", "configmaps", [notes_name()], "get", "patch"),
        _rule("batch", "jobs", [job.name], "get", "patch"),
        _rule("batch", "jobs/status", [job.name], "get", "patch"),
    ]


def _rule(group: str, resource: str, names: list[Text], *verbs: str) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": [resource], "resourceNames": names, "verbs": list(verbs)}
