"""Issuers of cert-manager: where the certificates of an Ingress or a Gateway come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Self, get_args

from fairlead.model.argument_checks import kind_of
from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.values.value import Value
from fairlead.records import record
from fairlead.resources.kubernetes.content import deferred_values

IssuerKind = Literal["Issuer", "ClusterIssuer"]
ISSUER_KINDS: tuple[str, ...] = get_args(IssuerKind)

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
LETS_ENCRYPT_STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"


@record
class Acme:
    """An ACME server, which certifies host names whose control is proven to it."""

    server: str | Value
    email: str | Value
    where: Location


class Issuer(CustomizableObjects):
    """An Issuer or ClusterIssuer of cert-manager.

    Args:
        name: The resource's name, which the object has too.
        issuer_kind: ``Issuer`` for one of the app's namespace, ``ClusterIssuer`` for one of the whole cluster.
    """

    kind: ClassVar[str] = "Issuer"

    def __init__(self, name: str, issuer_kind: IssuerKind = "Issuer") -> None:
        super().__init__(name)
        good = self._one_of("add_issuer", "issuer_kind", issuer_kind, ISSUER_KINDS)
        #: ``Issuer`` or ``ClusterIssuer``.
        self.issuer_kind: str = issuer_kind if good else "Issuer"
        self.acme: Acme | None = None
        self.self_signed = False
        #: The Secret with the key pair of a certificate authority of one's own.
        self.ca_secret: str | Value | None = None
        self.http01 = False
        #: Solvers as cert-manager has them; leaves may be deferred.
        self.solvers: list[tuple[Mapping[str, Any], Location]] = []

    def with_lets_encrypt_production(self, email: str | Value) -> Self:
        """Get certificates from Let's Encrypt, which every browser trusts; it limits how many.

        Args:
            email: The address of the account.
        """
        return self._with_acme("with_lets_encrypt_production", LETS_ENCRYPT, email)

    def with_lets_encrypt_staging(self, email: str | Value) -> Self:
        """Get certificates for trials from Let's Encrypt, which no browser trusts.

        Args:
            email: The address of the account.
        """
        return self._with_acme("with_lets_encrypt_staging", LETS_ENCRYPT_STAGING, email)

    def with_acme_server(self, url: str | Value, email: str | Value) -> Self:
        """Get certificates from another ACME server.

        Args:
            url: The address of its directory.
            email: The address of the account.
        """
        if not isinstance(url, Value) and self._text("with_acme_server", "url", url):
            self._is_https(url)
        return self._with_acme("with_acme_server", url, email)

    def with_self_signed(self) -> Self:
        """Let each certificate sign itself: for trials, and for a certificate authority of one's own."""
        self._declare("with_self_signed")
        self._take_authority("with_self_signed")
        self.self_signed = True
        return self

    def with_ca(self, secret_name: str | Value) -> Self:
        """Sign with a certificate authority of one's own.

        Args:
            secret_name: The Secret with its certificate and key.
        """
        self._declare("with_ca")
        if isinstance(secret_name, Value) or self._object_name("with_ca", "secret_name", secret_name):
            self._take_authority("with_ca")
            self.ca_secret = secret_name
        return self

    def with_http01_solver(self) -> Self:
        """Prove the control of a host by an answer over plain HTTP, through each router that uses the issuer."""
        self._declare("with_http01_solver")
        self.http01 = True
        return self

    def with_solver(self, solver: Mapping[str, Any]) -> Self:
        """Prove the control of hosts in another way, such as by DNS, which a host name with a wildcard needs.

        Args:
            solver: An entry of ``spec.acme.solvers``: ``{"dns01": {…}}``. Leaves may be parameters.
        """
        self._declare("with_solver")
        if isinstance(solver, Mapping) and ("dns01" in solver or "http01" in solver):
            self.solvers.append((solver, user_location()))
        else:
            mistake(
                f"with_solver() needs a mapping with dns01 or http01, not {kind_of(solver)}",
                resource=self.name,
                remedy='Write it as cert-manager has it: {"dns01": {…}}.',
            )
        return self

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also its parameters."""
        yield from super()._given_values()
        if self.acme is not None:
            yield self.acme.server, self.acme.where
            yield self.acme.email, self.acme.where
        yield self.ca_secret, self.where
        for solver, where in self.solvers:
            yield from ((value, where) for value in deferred_values(solver))

    def _with_acme(self, method: str, server: str | Value, email: str | Value) -> Self:
        self._declare(method)
        good = isinstance(server, Value) or self._text(method, "url", server)
        if self._is_email(method, email) and good:
            self._take_authority(method)
            self.acme = Acme(server, email, user_location())
        return self

    def _is_email(self, method: str, email: object) -> bool:
        """Whether something is an address that a certificate authority can write to, or is known only later."""
        if isinstance(email, Value) or not self._text(method, "email", email):
            return isinstance(email, Value)
        name, at, domain = str(email).rpartition("@")
        if not (name and at and domain):
            mistake(
                f"{method}() got {email!r} as email",
                resource=self.name,
                remedy="Give the address of the account: 'you@example.com'.",
            )
        return bool(name and at and domain)

    def _is_https(self, url: str) -> None:
        if not url.startswith("https://"):
            mistake(
                f"with_acme_server() got {url!r} as url",
                resource=self.name,
                remedy="Give the address of its directory, which starts with 'https://'.",
            )

    def _take_authority(self, method: str) -> None:
        if self.acme is not None or self.self_signed or self.ca_secret is not None:
            mistake(
                f"{method}() gives it a second source of certificates",
                resource=self.name,
                remedy="Take one away, or add another issuer.",
            )
