"""Who a program is for the cluster that it is published to, where in a run it has a kubeconfig of a local one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.model.kubernetes.workload_options import Account
from fairlead.model.programs.inputs import Reference
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.names import object_name

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")


def account_of(workload: Workload) -> Account | None:
    """The ServiceAccount of a program's pods: its own, or that of its reference to a cluster; None for none."""
    if workload.account is not None:
        return workload.account
    for reference in _references(workload):
        return Account(_account_name(reference), create=True)
    return None


def drop_given_accounts(chart: Chart) -> None:
    """Leave out the accounts that a manifest of the definition brings, or another program has."""
    known: set[str] = set()
    given = {made.name for made in chart.objects if made.kind == "ServiceAccount" and made.is_given}
    kept = []
    for made in chart.objects:
        owner = made.owner
        if made.kind == "ServiceAccount" and isinstance(owner, Workload) and owner.account is None:
            if made.name in given | known:
                continue
            known.add(made.name)
        kept.append(made)
    chart.objects[:] = kept
    taken = {made.name for made in kept if made.kind == "ServiceAccount"}
    chart.optional_accounts[:] = [account for account in chart.optional_accounts if account.name not in taken]


def report_accounts(chart: Chart, workloads: Iterable[Workload], report: Report) -> None:
    """Say which programs have rights in a run that nothing in the chart gives them.

    Args:
        chart: The chart, with all its objects.
        workloads: The programs that are published.
        report: Collects errors, warnings and notes.
    """
    bound = set(_bound_accounts(chart))
    for workload in workloads:
        references = list(_references(workload))
        _report_conflict(workload, references, report)
        account = account_of(workload)
        name = (account.name if account else None) or object_name(workload.name)
        for reference in references[:1]:
            if name not in bound:
                _report_rights(workload, reference, name, report)


def _references(workload: Workload) -> Iterator[Reference]:
    return (reference for reference in workload.references if reference.target.accepts_service_account)


def _account_name(reference: Reference) -> str | None:
    return reference.service_account.partition("/")[2] if reference.service_account else None


def _report_conflict(workload: Workload, references: list[Reference], report: Report) -> None:
    names = {name for reference in references if (name := _account_name(reference))}
    if len(names) > 1 and workload.account is None:
        report.error(
            workload,
            f"its references to clusters name the accounts {', '.join(sorted(names))}, and a pod has one",
            "Say which one it has in the cluster: with_service_account(…).",
            references[-1].where,
        )


def _report_rights(workload: Workload, reference: Reference, name: str, report: Report) -> None:
    """Say that an account has no rights by the chart; without one of its own, the program had all of them."""
    remedy = "Publish a Role and a RoleBinding for it, for example by add_manifest(); or bind it by other means."
    if reference.service_account:
        message = f"it runs as the ServiceAccount {name!r}, which nothing in the chart gives rights to"
        report.note(workload, message, remedy, reference.where)
    else:
        report.warn(
            workload,
            f"in a run it has all rights in {reference.target.name!r}; published, it runs as the ServiceAccount "
            f"{name!r}, which nothing in the chart gives rights to",
            remedy,
            reference.where,
        )


def _bound_accounts(chart: Chart) -> Iterator[str]:
    """The accounts that bindings of the definition's own name; those that we make are for waiting."""
    for made in chart.objects:
        if made.kind in _BINDINGS and made.is_given:
            for subject in made.body.get("subjects") or ():
                if isinstance(subject, dict) and subject.get("kind") == "ServiceAccount":
                    yield str(subject.get("name"))
