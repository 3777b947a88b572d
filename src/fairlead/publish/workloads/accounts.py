"""Who a pod is for the cluster, and what it may do there: next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject, OptionalAccount
from fairlead.publish.chart.common_metadata import add_common_metadata
from fairlead.publish.chart.conditions import AnyOf, Switch
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import Part, Text, WithDefault
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.chart.pod_schema import pod_value

_GROUP = "rbac.authorization.k8s.io"


class AccountChoice:
    """Which ServiceAccount a resource's pods have: that of the definition, unless the chart's user names another.

    Args:
        chart: The chart.
        resource: The resource's own name.
        account: The name of the account by the definition.
    """

    def __init__(self, chart: Chart, resource: str, account: str) -> None:
        self._user = pod_value(chart, resource)
        self.name: Text = WithDefault(self._part("name"), ObjectName("ServiceAccount", account))

    def _part(self, key: str) -> Part:
        return Part(self._user, "serviceAccount", key)

    def is_created(self, default: bool) -> Switch:
        """Whether the chart has the account.

        Args:
            default: Whether it does where its user doesn't say.
        """
        return Switch(self._part("create"), default)

    @property
    def is_made(self) -> AnyOf:
        """Whether the chart's user asks for an account, where the definition doesn't."""
        return AnyOf(self._part("name"), self.is_created(False))

    @property
    def annotations(self) -> Part:
        """What the chart's user adds to the account's annotations."""
        return self._part("annotations")


def service_account(chart: Chart, name: str, choice: AccountChoice, annotations: Mapping[str, Text]) -> dict[str, Any]:
    """A ServiceAccount. It mounts no token by itself: its pods say whether they want one.

    Args:
        chart: The chart it is in.
        name: The name of the workload's objects.
        choice: Its own name.
        annotations: Its annotations.
    """
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            **metadata(chart, name),
            "name": choice.name,
            "annotations": OpenMapping(annotations, choice.annotations),
        },
        "automountServiceAccountToken": False,
    }


def account_object(chart: Chart, account: OptionalAccount) -> ChartObject:
    """An optional account as an object, on the condition that the user asks for it."""
    choice = AccountChoice(chart, account.owner.name, account.name)
    return ChartObject(account.owner, service_account(chart, account.name, choice, {}), (choice.is_created(False),))


def account_objects(chart: Chart) -> list[ChartObject]:
    """All optional accounts of a chart as objects."""
    objects = [account_object(chart, account) for account in chart.optional_accounts]
    add_common_metadata(chart, objects)
    return objects


def note_unchanged_accounts(chart: Chart) -> None:
    """Note those objects as optional accounts that functions of the definition could have changed and did not."""
    kept = []
    for made in chart.objects:
        account = OptionalAccount(made.owner, object_name(made.owner.name))
        if made.kind == "ServiceAccount" and not made.is_given and _is_unchanged(chart, made, account):
            chart.optional_accounts.append(account)
        else:
            kept.append(made)
    chart.objects[:] = kept


def _is_unchanged(chart: Chart, made: ChartObject, account: OptionalAccount) -> bool:
    original = account_object(chart, account)
    add_common_metadata(chart, [original])
    return made.body == original.body and made.conditions == original.conditions


def role(chart: Chart, name: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """A Role that allows what its rules say, and nothing else."""
    return {"apiVersion": f"{_GROUP}/v1", "kind": "Role", "metadata": metadata(chart, name), "rules": rules}


def role_binding(chart: Chart, name: str, account: Text) -> dict[str, Any]:
    """What gives an account of the release's namespace the Role of the same name as the binding."""
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": metadata(chart, name),
        "roleRef": {"apiGroup": _GROUP, "kind": "Role", "name": ObjectName("Role", name)},
        "subjects": [{"kind": "ServiceAccount", "name": account}],
    }
