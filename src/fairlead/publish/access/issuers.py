"""Issuers of cert-manager: what an environment's ``add_issuer`` becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fairlead.publish.access.certificates import HostCertificate, RouterObjects
from fairlead.publish.access.public_values import PublicValues
from fairlead.publish.access.routes import if_given
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import ChartValue, Text
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.sections import Section
from fairlead.publish.context import PlanningContext
from fairlead.publish.own_objects.acceptance import Acceptor
from fairlead.publish.translation.addresses import is_excluded
from fairlead.publish.translation.translator import ValueSite
from fairlead.resources.kubernetes import Issuer, KubernetesEnvironment, Router

#: The group of cert-manager's API.
GROUP = "cert-manager.io"

Published = Sequence[tuple[Router, RouterObjects]]


def add_issuers(context: PlanningContext, published: Published) -> None:
    """Add the issuers of an environment to its chart, and report routers that name one which is not there.

    Args:
        context: The chart in the making.
        published: The environment's routers, and what they are published as.
    """
    environment, report = context.environment, context.report
    if environment.cert_managers:
        context.chart.present_groups.add(GROUP)
    issuers = [issuer for manager in environment.cert_managers for issuer in manager.issuers]
    present = [issuer for issuer in issuers if not is_excluded(issuer)]
    for issuer in present:
        body = _body(context, issuer, published)
        if body is not None:
            site = ValueSite(issuer, issuer.where, "its object")
            accepted = Acceptor(context, site).accept(body)
            if accepted is not None:
                context.chart.add(issuer, accepted)
    for router in (*environment.ingresses, *environment.gateways):
        if not router.excluded_from_manifest:
            _check_issuers_of(router, present, environment, report)


def _body(context: PlanningContext, issuer: Issuer, published: Published) -> dict[str, Any] | None:
    values = PublicValues(context, issuer, Section.ISSUERS)
    spec = _spec(issuer, published, values, context.report)
    if spec is None:
        return None
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": issuer.issuer_kind,
        "metadata": metadata(context.chart, object_name(issuer.name)),
        "spec": spec,
    }


def _spec(issuer: Issuer, published: Published, values: PublicValues, report: Report) -> dict[str, Any] | None:
    """What certificates come from; None, reported, where the definition does not say it."""
    has_solver = issuer.http01 or bool(issuer.solvers)
    if issuer.acme is not None and has_solver:
        return {"acme": _acme(issuer, published, values, report)}
    if issuer.acme is not None:
        report.error(
            issuer,
            "nothing proves to its ACME server that the hosts are yours",
            "Say how: with_http01_solver(), or with_solver({'dns01': {…}}).",
        )
    elif has_solver:
        report.error(
            issuer,
            "it has a solver, and no ACME server that asks for one",
            "Name the server: with_lets_encrypt_production('you@example.com').",
        )
    elif issuer.ca_secret is not None:
        comment = "A Secret with the certificate and the key of the certificate authority (tls.crt, tls.key)."
        name = values.value(
            ("caSecretName",), issuer.ca_secret, "the Secret of its authority", issuer.where, minimum=1, comment=comment
        )
        return {"ca": {"secretName": name}}
    elif issuer.self_signed:
        return {"selfSigned": {}}
    else:
        report.error(
            issuer,
            "it does not say where certificates come from",
            "Say it: with_lets_encrypt_staging('you@example.com').with_http01_solver(), with_ca(…) or "
            "with_self_signed().",
        )
    return None


def _acme(issuer: Issuer, published: Published, values: PublicValues, report: Report) -> dict[str, Any]:
    acme = issuer.acme
    assert acme is not None
    comment = "The directory of the ACME server."
    server = values.value(("server",), acme.server, "its server", acme.where, minimum=1, comment=comment)
    comment = "The address that the ACME server writes to."
    email = values.value(("email",), acme.email, "its e-mail address", acme.where, minimum=1, comment=comment)
    solvers: list[Any] = [solver for solver, _ in issuer.solvers]
    if issuer.http01:
        _check_wildcards(issuer, published, report)
        solvers += _http01_solvers(issuer, published)
    return {
        "server": server,
        "email": email,
        "privateKeySecretRef": {"name": object_name(f"{issuer.name}-account-key")},
        "solvers": solvers,
    }


def _http01_solvers(issuer: Issuer, published: Published) -> list[dict[str, Any]]:
    """A solver for each router with a certificate of the issuer; each for its own hosts where there are several."""
    users = [(objects.challenge, hosts) for _, objects in published if (hosts := _hosts(issuer, objects.certificates))]
    if len(users) < 2:
        challenge = users[0][0] if users else {"ingress": {"serviceType": "NodePort"}}
        return [{"http01": challenge}]
    return [
        {"selector": {"dnsNames": [if_given(host) for host in hosts]}, "http01": challenge}
        for challenge, hosts in users
    ]


def _hosts(issuer: Issuer, certificates: Iterable[HostCertificate]) -> list[Text]:
    """The host names that it certifies, each once."""
    return list(dict.fromkeys(host for one in certificates if one.given.issuer is issuer for host in one.host_names))


def _check_wildcards(issuer: Issuer, published: Published, report: Report) -> None:
    """Report host names with a wildcard, which an answer over HTTP can't prove."""
    for router, objects in published:
        for certificate in objects.certificates:
            wild = next(_wildcards(certificate), None)
            if certificate.given.issuer is issuer and wild is not None and not issuer.solvers:
                report.error(
                    router,
                    f"its issuer {issuer.name!r} can't certify {wild!r}: HTTP01 proves single hosts only",
                    "Add a solver by DNS: with_solver({'dns01': {…}}).",
                    certificate.given.where,
                )


def _wildcards(certificate: HostCertificate) -> Iterator[str]:
    for host in certificate.host_names:
        if isinstance(host, ChartValue) and host.path[-1].startswith("*."):
            yield host.path[-1]


def _check_issuers_of(
    router: Router, present: Sequence[Issuer], environment: KubernetesEnvironment, report: Report
) -> None:
    for certificate in router.certificates:
        issuer = certificate.issuer
        if isinstance(issuer, Issuer) and not any(issuer is one for one in present):
            reason = "is left out" if is_excluded(issuer) else "belongs to another environment"
            report.error(
                router,
                f"its issuer {issuer.name!r} {reason}",
                f"Add one here: {environment.name}.add_cert_manager(…).add_issuer(…).",
                certificate.where,
            )
        elif isinstance(issuer, str):
            other = next((one for one in present if object_name(one.name) == issuer), None)
            if other is not None and other.issuer_kind != certificate.issuer_kind:
                report.warn(
                    router,
                    f"with_tls(issuer={issuer!r}) asks for a {certificate.issuer_kind}, and {other.name!r} is an "
                    f"{other.issuer_kind}",
                    "Pass the issuer itself: with_tls(issuer=…).",
                    certificate.where,
                )
