"""What keeps the pods of a workload: a Deployment, a StatefulSet, a DaemonSet, a Job or a CronJob."""

from __future__ import annotations

from typing import Any

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.jobs import JobIdentity
from fairlead.publish.chart.labels import metadata, object_labels, selector
from fairlead.publish.chart.leaves import Text
from fairlead.publish.chart.names import OBJECT, cut, suffixed
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.open_mapping import OpenMapping

#: The kinds that keep any number of pods, and those whose pods end.
SCALABLE_KINDS = ("Deployment", "StatefulSet")
RUN_ONCE_KINDS = ("Job", "CronJob")
#: How often the Job of a kind makes a new pod for one that failed, where the definition doesn't say.
RETRIES = {"Job": 6, "CronJob": 2}
#: The schedule of what runs only when it is asked for: a CronJob has to have one, and this day never comes.
NEVER = "0 0 31 2 *"
#: How many old revisions are kept to go back to.
HISTORY = 3
Template = dict[str, Any]


def pods_of(workload: Workload) -> int:
    """How many pods there may be at once of something that can be scaled."""
    return workload.replicas if workload.autoscaling is None else workload.autoscaling.maximum


def deployment(chart: Chart, name: str, template: Template, replicas: Any, *, recreate: bool) -> dict[str, Any]:
    """A Deployment.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects.
        template: Its pods.
        replicas: How many, as a value of the chart.
        recreate: Whether an old pod has to go before the new one can have its volumes.
    """
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(chart, name),
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": HISTORY,
            "selector": {"matchLabels": selector(name)},
            "strategy": {"type": "Recreate"} if recreate else rolling,
            "template": template,
        },
    }


def stateful_set(
    chart: Chart, name: str, template: Template, replicas: Any, claims: list[dict[str, Any]]
) -> dict[str, Any]:
    """A StatefulSet, whose pods keep their names and volumes.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects; its own may be shorter.
        template: Its pods.
        replicas: How many, as a value of the chart.
        claims: The claims that each pod gets.
    """
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": suffixed(name), "labels": object_labels(chart, name)},
        "spec": {
            "serviceName": ObjectName("Service", headless_name(name)),
            "replicas": replicas,
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


def job(chart: Chart, identity: JobIdentity, template: Template, retries: int = RETRIES["Job"]) -> dict[str, Any]:
    """A Job.

    Its name changes with its pods, which can't be changed: an upgrade that changes them creates a new Job, any other
    leaves the old one as it is. It has no time to live: the pods that wait for it have to find it, and Helm would
    create it again.

    Args:
        chart: The chart it is in.
        identity: Its identity, which is completed for these pods.
        template: Its pods.
        retries: How often it makes a new pod for one that failed.
    """
    template = run_once_template(template)
    identity.identify(template)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": identity.name, "labels": object_labels(chart, identity.workload)},
        "spec": {"backoffLimit": retries, "template": template},
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


def job_template(chart: Chart, name: str, template: Template, retries: int) -> dict[str, Any]:
    """A CronJob that never runs by itself, from which Jobs are made.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects; its own may be shorter.
        template: Its pods.
        retries: How often a Job makes a new pod for one that failed.
    """
    body = cron_job(chart, name, template, NEVER, retries)
    return {**body, "spec": {"suspend": True, **body["spec"]}}


def run_once_template(template: Template) -> Template:
    """The template with ``restartPolicy: Never``: the Job replaces a failed pod, whose log stays readable."""
    spec: OpenMapping = template["spec"]
    return {**template, "spec": spec.rebuilt({"restartPolicy": "Never", **spec})}


def headless_name(name: str) -> str:
    """The name of the Service that gives each pod of a StatefulSet a name of its own."""
    return f"{cut(name, OBJECT - len('-headless'))}-headless"
