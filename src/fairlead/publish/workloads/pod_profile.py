"""How much pods are held to: by what each image is known to need, or by a profile of Kubernetes' Pod Security.

The profile is a value of the chart. So what differs between profiles stands in the objects with the condition on which
it is there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, get_args

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.conditions import Condition, Not, OneOf
from fairlead.publish.chart.leaves import ChartValue, When
from fairlead.publish.chart.properties import property_value
from fairlead.publish.chart.sections import Section
from fairlead.resources.kubernetes.properties import PodSecurityProfile

#: What each image is known to need; ``restricted``, by users that the chart chooses; the same by the cluster's.
DEFAULT, _, OPENSHIFT = PROFILES = get_args(PodSecurityProfile)
_COMMENT = (
    "default (what each image is known to need), restricted (for a namespace that enforces this profile of Pod\n"
    "Security), or openshift (the same, by users and groups that the cluster chooses)."
)
_GROUP_COMMENT = (
    "The group that may write to volumes of images that Fairlead doesn't know; 0 for none. It has no effect on\n"
    "hostPath volumes."
)


def profile(chart: Chart) -> ChartValue:
    """The value that chooses the profile."""
    schema = {"type": "string", "enum": list(PROFILES)}
    path = Section.POD_SECURITY.value("profile")
    return property_value(chart, chart.app, path, chart.pod_security, schema=schema, comment=_COMMENT)


def is_default(chart: Chart) -> Condition:
    """Whether each image has what it is known to need."""
    return _one_of(profile(chart), DEFAULT)


def is_restricted(chart: Chart) -> Condition:
    """Whether pods are held to the profile ``restricted``, by whichever users."""
    return _none_of(profile(chart), DEFAULT)


def needs_user(chart: Chart) -> Condition:
    """Whether images that begin as root get a user of theirs from the chart."""
    return _none_of(profile(chart), DEFAULT, OPENSHIFT)


def has_own_ids(chart: Chart) -> Condition:
    """Whether users and groups are the chart's choice."""
    return _none_of(profile(chart), OPENSHIFT)


@lru_cache(maxsize=16)
def _one_of(value: ChartValue, *texts: str) -> OneOf:
    """The same condition for all pods, so that a renderer knows it again."""
    return OneOf(value, *texts)


@lru_cache(maxsize=16)
def _none_of(value: ChartValue, *texts: str) -> Not:
    return Not(_one_of(value, *texts))


def fixed_id(chart: Chart, number: int) -> When:
    """A user or group that the chart chooses."""
    return When((has_own_ids(chart),), number)


def volume_group(chart: Chart, default: int) -> ChartValue:
    """The value with the group of volumes; 0 for none."""
    schema = {"type": "integer", "minimum": 0}
    return chart.values.declare(
        Section.POD_SECURITY.value("fsGroup"), default, kind="integer", schema=schema, comment=_GROUP_COMMENT
    )


def group_of_volumes(group: Any, *conditions: Condition) -> dict[str, When]:
    """The fields of a pod that let a group write to its volumes."""
    return {"fsGroup": When(conditions, group), "fsGroupChangePolicy": When(conditions, "OnRootMismatch")}
