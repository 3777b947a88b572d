"""The certificates of a router: which Secret is for which hosts, and what makes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from fairlead.model.locations import Location
from fairlead.model.values.value import Value
from fairlead.publish.access.routes import Routing, host_slug, if_given, words_of
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import Text
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.sections import Path
from fairlead.resources.kubernetes import Certificate, Issuer, Router

#: The annotation by which cert-manager is told of each kind of issuer.
ISSUER_ANNOTATIONS = {"ClusterIssuer": "cert-manager.io/cluster-issuer", "Issuer": "cert-manager.io/issuer"}
_MADE_BY_OTHERS = "A Secret with the certificate and its key (tls.crt, tls.key), which has to be made."

Host = Text | None


class HostCertificate(NamedTuple):
    """A certificate with the hosts that it is for.

    Args:
        secret_name: The Secret that holds it.
        hosts: Its hosts; None among them for callers of any other.
        given: What the definition says of it.
        label: What tells it from the router's others, for names of objects.
    """

    secret_name: Text
    hosts: tuple[Host, ...]
    given: Certificate
    label: str

    @property
    def host_names(self) -> list[Text]:
        """The hosts that have a name."""
        return [host for host in self.hosts if host is not None]


class RouterObjects(NamedTuple):
    """What a router is published as.

    Args:
        bodies: Its objects; none where no route leads anywhere.
        certificates: Its certificates.
        challenge: How an ACME server's question gets to a solver through it, as ``http01`` of cert-manager has it.
    """

    bodies: list[dict[str, Any]]
    certificates: list[HostCertificate]
    challenge: dict[str, Any]


def plan_certificates(router: Router, routing: Routing, hosts: Sequence[Host], report: Report) -> list[HostCertificate]:
    """Give each certificate of a router its hosts and its Secret.

    Args:
        router: The definition's Ingress or Gateway.
        routing: Publishes its routes.
        hosts: All hosts that it answers for; None for callers of any host.
        report: Collects errors, warnings and notes.
    """
    named = [_named_hosts(certificate, router, routing, hosts, report) for certificate in router.certificates]
    rest = tuple(host for host in hosts if not any(host in some for some in named))
    planned: list[HostCertificate] = []
    keys: set[Path] = set()
    for certificate, own in zip(router.certificates, named, strict=True):
        if not certificate.hosts and not rest:
            _report_idle(router, certificate, report)
            continue
        key, label = _key(certificate, own, keys)
        keys.add(key)
        secret_name = routing.value(
            key,
            certificate.secret_name or object_name(f"{router.name}-{label}"),
            "the Secret of its certificate",
            certificate.where,
            minimum=1,
            comment="" if certificate.issuer is not None else _MADE_BY_OTHERS,
        )
        if secret_name is not None:
            planned.append(HostCertificate(secret_name, own if certificate.hosts else rest, certificate, label))
    planned = _without_repeated(router, planned, report)
    _report_rivals(router, planned, report)
    _report_nameless(router, planned, report)
    return planned


def _named_hosts(
    certificate: Certificate, router: Router, routing: Routing, hosts: Sequence[Host], report: Report
) -> tuple[Host, ...]:
    """The hosts that a certificate names, of which each has to be one of the router's."""
    named = [routing.host(host, certificate.where) for host in certificate.hosts]
    for given, host in zip(certificate.hosts, named, strict=True):
        if host is not None and host not in hosts:
            report.error(
                router,
                f"with_tls() names the host {_shown(given)}, and no path is for it",
                "Name a host of with_hostname() or of a path, as it is written there.",
                certificate.where,
            )
    return tuple(host for host in named if host is not None)


def _shown(given: str | Value) -> str:
    return repr(given) if isinstance(given, str) else given.describe()


def _report_idle(router: Router, certificate: Certificate, report: Report) -> None:
    report.error(
        router,
        "with_tls() without hosts= is for no host: each has a certificate of its own",
        "Take it away, or leave a host out of the others.",
        certificate.where,
    )


def _key(certificate: Certificate, hosts: tuple[Host, ...], taken: set[Path]) -> tuple[Path, str]:
    """The key of a certificate's Secret in values.yaml, and what tells it from others in names of objects."""
    host = hosts[0] if hosts else None
    if host is None:
        key: Path = ("tls", "secretName")
        label = "tls"
    else:
        key, label = ("tls", "secretNames", words_of(host)), f"{host_slug(host)}-tls"
    given = certificate.secret_name
    if key in taken and given is not None:
        name = given if isinstance(given, str) else f"{len(taken) + 1}"
        return ("tls", "secretNames", name), f"{name}-tls"
    return key, label


def _without_repeated(router: Router, planned: Sequence[HostCertificate], report: Report) -> list[HostCertificate]:
    """The certificates without those, reported, whose Secret an earlier one has for the same hosts."""
    kept: dict[tuple[Text, tuple[Host, ...]], HostCertificate] = {}
    for certificate in planned:
        given = certificate.given.secret_name
        name = certificate.secret_name if isinstance(given, Value) else given or f"{router.name}-{certificate.label}"
        if kept.setdefault((name, certificate.hosts), certificate) is not certificate:
            report.error(
                router,
                "with_tls() is called twice for the same hosts and the same Secret",
                "Take one away, or name the hosts of each: with_tls(hosts=…).",
                certificate.given.where,
            )
    return list(kept.values())


def _report_rivals(router: Router, planned: Sequence[HostCertificate], report: Report) -> None:
    """Warn of hosts with several certificates."""
    counts = Counter(host for certificate in planned for host in certificate.hosts)
    if any(count > 1 for count in counts.values()):
        report.warn(
            router,
            "several certificates are for the same host, and which of them is shown is up to the controller",
            "Name the hosts of each: with_tls(…, hosts=…).",
            planned[-1].given.where,
        )


def annotated_issuer(router: Router) -> dict[str, tuple[str | Value, Location]]:
    """The annotation that has cert-manager make all certificates of a router; none where they have several issuers.

    By the annotation it makes every certificate of the object, also those that something else is to make.
    """
    if len({_identity(certificate) for certificate in router.certificates}) != 1:
        return {}
    given = router.certificates[0]
    name = issuer_name(given)
    return {} if name is None else {ISSUER_ANNOTATIONS[given.issuer_kind]: (name, given.where)}


def issuer_name(certificate: Certificate) -> str | Value | None:
    """The name of the object that makes a certificate."""
    issuer = certificate.issuer
    return object_name(issuer.name) if isinstance(issuer, Issuer) else issuer


def _identity(certificate: Certificate) -> tuple[str, str | int] | None:
    name = issuer_name(certificate)
    if name is None:
        return None
    return certificate.issuer_kind, name if isinstance(name, str) else id(name)


def certificate_objects(
    chart: Chart, router: Router, routing: Routing, planned: Sequence[HostCertificate]
) -> list[dict[str, Any]]:
    """Certificate objects for cert-manager, where one annotation can't say which certificate has which issuer.

    Args:
        chart: The chart they are in.
        router: The definition's Ingress or Gateway.
        routing: Publishes its routes.
        planned: Its certificates.
    """
    if annotated_issuer(router):
        return []
    return [_certificate_object(chart, router, routing, one) for one in planned if one.given.issuer is not None]


def _certificate_object(chart: Chart, router: Router, routing: Routing, one: HostCertificate) -> dict[str, Any]:
    kind, given = one.given.issuer_kind, issuer_name(one.given) or ""
    name: Text | None = (
        ObjectName(kind, given) if isinstance(given, str) else routing.value((), given, "its issuer", one.given.where)
    )
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": metadata(chart, object_name(f"{router.name}-{one.label}")),
        "spec": {
            "secretName": one.secret_name,
            "dnsNames": [if_given(host) for host in one.host_names],
            "issuerRef": {"name": name, "kind": kind, "group": "cert-manager.io"},
        },
    }


def _report_nameless(router: Router, planned: Iterable[HostCertificate], report: Report) -> None:
    """Warn of certificates that an issuer is to make for no host name."""
    for certificate in planned:
        if certificate.given.issuer is not None and not certificate.host_names:
            report.warn(
                router,
                "cert-manager makes no certificate for it, because no host is named",
                "Name it: with_hostname('shop.example.com').",
                certificate.given.where,
            )
