"""What keeps the pods of a workload: a Deployment, a StatefulSet, a DaemonSet, a Job or a CronJob."""

from __future__ import annotations

from typing import Any

from fairlead.model.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.identity import digest
from fairlead.publish.chart.labels import metadata, object_labels, selector
from fairlead.publish.chart.leaves import Checksum, Named, Text, checksum_parts, join
from fairlead.publish.chart.names import OBJECT, cut, suffixed
from fairlead.publish.chart.object_names import ObjectName

#: The kinds that keep any number of pods, and those whose pods end.
SCALABLE_KINDS = ("Deployment", "StatefulSet")
RUN_ONCE_KINDS = ("Job", "CronJob")
#: How often the Job of a kind makes a new pod for one that failed, where the definition doesn't say.
RETRIES = {"Job": 6, "CronJob": 2}
#: How many old revisions are kept to go back to.
HISTORY = 3
#: The digits that tell one version of a Job from another.
DIGITS = 10
Template = dict[str, Any]


def pods_of(workload: Workload) -> int:
    """How many pods there may be at once of something that can be scaled."""
    return workload.replicas if workload.autoscaling is None else workload.autoscaling.maximum


def deployment(chart: Chart, name: str, template: Template, replicas: Text | None, *, recreate: bool) -> dict[str, Any]:
    """A Deployment.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects.
        template: Its pods.
        replicas: How many; None where something else decides.
        recreate: Whether an old pod has to go before the new one can have its volumes.
    """
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(chart, name),
        "spec": {
            **({} if replicas is None else {"replicas": replicas}),
            "revisionHistoryLimit": HISTORY,
            "selector": {"matchLabels": selector(name)},
            "strategy": {"type": "Recreate"} if recreate else rolling,
            "template": template,
        },
    }


def stateful_set(
    chart: Chart, name: str, template: Template, replicas: Text | None, claims: list[dict[str, Any]]
) -> dict[str, Any]:
    """A StatefulSet, whose pods keep their names and volumes.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects; its own may be shorter.
        template: Its pods.
        replicas: How many; None where something else decides.
        claims: The claims that each pod gets.
    """
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": suffixed(name), "labels": object_labels(chart, name)},
        "spec": {
            "serviceName": ObjectName("Service", headless_name(name)),
            **({} if replicas is None else {"replicas": replicas}),
            "revisionHistoryLimit": HISTORY,
            "selector": {"matchLabels": selector(name)},
            "template": template,
            **({"volumeClaimTemplates": claims} if claims else {}),
        },
    }


def daemon_set(chart: Chart, name: str, template: Template) -> dict[str, Any]:
    """A DaemonSet: a pod on each node."""
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata(chart, name),
        "spec": {
            "revisionHistoryLimit": HISTORY,
            "selector": {"matchLabels": selector(name)},
            "template": template,
        },
    }


def job(chart: Chart, name: str, template: Template, retries: int = RETRIES["Job"]) -> dict[str, Any]:
    """A Job.

    The pods of a Job can't be changed, so its name changes with them: an upgrade that changes them makes a new Job, any
    other leaves the old one as it is. It has no time to live: whoever waits for it has to find it, and Helm would make
    it, and so run it, again.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects.
        template: Its pods.
        retries: How often it makes a new pod for one that failed.
    """
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": job_name(chart, name, template), "labels": object_labels(chart, name)},
        "spec": {"backoffLimit": retries, "template": run_once_template(template)},
    }


def cron_job(
    chart: Chart, name: str, template: Template, schedule: Text, retries: int = RETRIES["CronJob"]
) -> dict[str, Any]:
    """A CronJob. A run that is due while the last one is still at work is left out.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects; its own may be shorter.
        template: Its pods.
        schedule: When it runs.
        retries: How often a run makes a new pod for one that failed.
    """
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": suffixed(name), "labels": object_labels(chart, name)},
        "spec": {
            "schedule": schedule,
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"backoffLimit": retries, "template": run_once_template(template)}},
        },
    }


def run_once_template(template: Template) -> Template:
    """Pods that are not started again; the Job makes new ones, so that what a failed one has written can be read."""
    return {**template, "spec": {"restartPolicy": "Never", **template["spec"]}}


def job_name(chart: Chart, name: str, template: Template) -> Text:
    """The name of a Job: a checksum of its pods, and of the values in them, tells its versions apart."""
    used = dict.fromkeys(checksum_parts(template))
    checksum = Checksum((digest(template), *used), DIGITS)
    named = Named(f"{chart.name}.job.{name}", join([f"{suffixed(name)}-", checksum]))
    chart.names.append(named)
    return named


def headless_name(name: str) -> str:
    """The name of the Service that gives each pod of a StatefulSet a name of its own."""
    return f"{cut(name, OBJECT - len('-headless'))}-headless"
