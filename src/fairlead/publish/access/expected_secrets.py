"""The Secrets with certificates that have to be made beside the chart, because no issuer fills them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.model.names import listing
from fairlead.publish.access.certificates import HostCertificate
from fairlead.publish.chart.chart import Chart, ExpectedSecret
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Text, chart_values
from fairlead.resources.kubernetes import Router


def expect_secrets(chart: Chart, router: Router, planned: Iterable[HostCertificate]) -> None:
    """Remember the Secrets that no issuer fills."""
    for certificate in planned:
        if certificate.given.issuer is None:
            chart.expected_secrets.append(
                ExpectedSecret(router, certificate.secret_name, tuple(certificate.host_names), certificate.given.where)
            )


def report_expected_secrets(chart: Chart, report: Report) -> None:
    """Say which Secrets with certificates have to be made, because no object of the chart makes them.

    Args:
        chart: The chart, with all its objects.
        report: Collects errors, warnings and notes.
    """
    made = set(_made_secrets(chart))
    chart.expected_secrets = [secret for secret in chart.expected_secrets if _default(chart, secret.name) not in made]
    option = f" --namespace {chart.namespace}" if chart.namespace else ""
    for secret in chart.expected_secrets:
        name = _default(chart, secret.name)
        place = f"the Secret {name!r}, and nothing in the chart makes that"
        report.note(
            secret.owner,
            f"its certificate has to be in {place if name else f'a Secret that {listing(_names(secret.name))} names'}",
            f"Make it: kubectl create secret tls {name or 'NAME'}{option} --cert=FILE --key=FILE. Or let cert-manager "
            "do so: with_tls(issuer=…).",
            secret.where,
        )


def _names(text: Text) -> Iterator[str]:
    return (".".join(value.path) for value in chart_values(text))


def _default(chart: Chart, name: Text) -> str:
    return chart.values.default_text(name) or ""


def _made_secrets(chart: Chart) -> Iterator[str]:
    """The Secrets that objects of the definition's own make: as such, or by the field that operators read it from."""
    for chart_object in chart.objects:
        if not chart_object.is_given:
            continue
        yield chart_object.name
        spec = chart_object.body.get("spec")
        spec = spec if isinstance(spec, dict) else {}
        target = spec.get("target")
        for name in (spec.get("secretName"), target.get("name") if isinstance(target, dict) else None):
            if isinstance(name, str):
                yield name
