"""cert-manager: what makes the certificates of an environment's Ingresses and Gateways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from fairlead.resources.kubernetes.gateway import Gateway
from fairlead.resources.kubernetes.helm_chart import HelmChart
from fairlead.resources.kubernetes.issuer import Issuer, IssuerKind

CHART = "oci://quay.io/jetstack/charts/cert-manager"
VERSION = "v1.20.2"
#: The namespace and the release, which several apps share that are in one cluster.
RELEASE = "cert-manager"
#: What has it serve the challenges of HTTP01 by the Gateway API, whose kinds the cluster then has to have.
_WITH_GATEWAYS = {
    "config": {
        "apiVersion": "controller.config.cert-manager.io/v1alpha1",
        "kind": "ControllerConfiguration",
        "enableGatewayAPI": True,
    }
}


class CertManager(HelmChart):
    """cert-manager as a release of its own, installed before the app, or as the cluster has it already.

    Args:
        name: The resource's name.
        version: The version of its chart.
        values: More values of its chart; leaves may be deferred.
        existing: Whether the cluster has it already, so that only issuers are published.
    """

    kind: ClassVar[str] = "cert-manager"
    _method: ClassVar[str] = "add_cert_manager"

    def __init__(
        self,
        name: str,
        version: str = VERSION,
        *,
        values: Mapping[str, Any] | None = None,
        existing: bool = False,
    ) -> None:
        super().__init__(name, CHART, version, values=values, namespace=RELEASE, release_name=RELEASE, order="before")
        self.is_existing = self._flag(self._method, "existing", existing)
        self.issuers: list[Issuer] = []

    def add_issuer(self, name: str, issuer_kind: IssuerKind = "Issuer") -> Issuer:
        """Something that certificates come from; give it to ``with_tls(issuer=…)``.

        Args:
            name: The resource's name, which the object has too.
            issuer_kind: ``Issuer`` for one of the app's namespace, which each release has for itself, or
                ``ClusterIssuer`` for one that all namespaces share.
        """
        issuer = self.adopt(Issuer(name, issuer_kind))
        self.issuers.append(issuer)
        return issuer

    def published_values(self) -> Mapping[str, Any]:
        """The values of its chart: with its kinds, and with the Gateway API where a Gateway has one of its issuers."""
        defaults: dict[str, Any] = {"crds": {"enabled": True}}
        if self._serves_gateways():
            defaults |= _WITH_GATEWAYS
        return _merged(defaults, self.values)

    def _serves_gateways(self) -> bool:
        siblings = self.parent.children if self.parent is not None else []
        return any(
            certificate.issuer in self.issuers
            for sibling in siblings
            if isinstance(sibling, Gateway)
            for certificate in sibling.certificates
            if isinstance(certificate.issuer, Issuer)
        )


def _merged(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values over defaults, mapping by mapping."""
    found = {**defaults, **values}
    for key, default in defaults.items():
        value = values.get(key)
        if isinstance(default, Mapping) and isinstance(value, Mapping):
            found[key] = _merged(default, value)
    return found
