"""Where a program listens: the endpoints that the definition declares, and what is settled among them."""

from __future__ import annotations

from typing import ClassVar, Self

from fairlead.model.argument_checks import kind_of
from fairlead.model.endpoints.endpoint import EndpointSpec, Protocol
from fairlead.model.locations import mistake, user_location
from fairlead.model.names import is_scheme, normal_form
from fairlead.model.programs.program import Program
from fairlead.records import replaced


class ListeningProgram(Program):
    """A program with endpoints."""

    #: Environment variable that tells the port of the first HTTP endpoint that names none.
    default_port_variable: ClassVar[str | None] = None

    def __init__(self, name: str) -> None:
        super().__init__(name)
        # Those that the kind brings along, until the definition adjusts them.
        self._implied_endpoints: set[str] = set()

    def with_endpoint(
        self,
        name: str = "tcp",
        *,
        port: int | None = None,
        target_port: int | None = None,
        scheme: str | None = None,
        protocol: Protocol = "tcp",
        env: str | None = None,
        external: bool = False,
    ) -> Self:
        """Declare where it listens. Naming an endpoint that the kind brings along adjusts that one.

        Args:
            name: Unique on the resource.
            port: The port on the host that callers use; by default chosen once and remembered.
            target_port: The port that the program listens on; by default chosen, and handed over in ``env``.
            scheme: By default the name for ``http`` and ``https``, else the protocol.
            protocol: ``tcp`` or ``udp``.
            env: Environment variable that gets the port to listen on.
            external: Whether it is meant for callers outside the app.
        """
        self._declare("with_endpoint")
        if not self._name("with_endpoint", name):
            return self
        known = self.endpoints.get(name)
        if known is not None and name not in self._implied_endpoints:
            mistake(
                f"endpoint {name!r} is declared already, at {known.where}",
                resource=self.name,
                remedy="Give the second one a name of its own: name=….",
            )
            return self
        twin = next((spec for other, spec in self.endpoints.items() if normal_form(other) == normal_form(name)), known)
        if twin is not known:
            assert twin is not None
            mistake(
                f"endpoint {name!r} has the same name as {twin.name!r}, at {twin.where}",
                resource=self.name,
                remedy="Give each a name of its own; case and '_' or '-' make no difference.",
            )
            return self
        if not self._one_of("with_endpoint", "protocol", protocol, ("tcp", "udp")):
            protocol = "tcp"
        if scheme is not None and not self._scheme(scheme):
            scheme = None
        usual = known.scheme if known else name if name in ("http", "https") else protocol
        self.endpoints[name] = EndpointSpec(
            name,
            scheme or usual,
            user_location(),
            self._port("port", port) or (known.port if known else None),
            self._port("target_port", target_port) or (known.target_port if known else None),
            protocol,
            self._port_variable(env) or (known.env if known else None),
            self._flag("with_endpoint", "external", external) or (known.external if known else False),
        )
        self._implied_endpoints.discard(name)
        return self

    def with_http_endpoint(
        self, *, port: int | None = None, target_port: int | None = None, name: str = "http", env: str | None = None
    ) -> Self:
        """Declare where it answers HTTP.

        Args:
            port: The port on the host that callers use; by default chosen once and remembered.
            target_port: The port that the program listens on; by default chosen, and handed over in ``env``.
            name: Unique on the resource.
            env: Environment variable that gets the port to listen on; a process gets that of
                its first one in ``PORT`` by default.
        """
        return self.with_endpoint(name, port=port, target_port=target_port, scheme="http", env=env)

    def with_external_http_endpoints(self) -> Self:
        """Mark all its HTTP endpoints as meant for callers outside the app."""
        self._declare("with_external_http_endpoints")
        self.external_http = True
        return self

    def _imply_endpoint(self, spec: EndpointSpec) -> None:
        """Declare an endpoint that the kind brings along and that the definition may adjust."""
        self.endpoints[spec.name] = spec
        self._implied_endpoints.add(spec.name)

    def _scheme(self, scheme: object) -> bool:
        """Whether something is a scheme of a URL."""
        if isinstance(scheme, str) and is_scheme(scheme):
            return True
        mistake(
            f"scheme={scheme!r} is no scheme of a URL" if isinstance(scheme, str) else f"scheme is {kind_of(scheme)}",
            resource=self.name,
            remedy="Use letters, digits, '+', '-' and '.', with a letter in front, as in 'https'.",
        )
        return False

    def _port_variable(self, name: object) -> str | None:
        return name if name is not None and self._variable("with_endpoint", name) and isinstance(name, str) else None

    def _port(self, what: str, port: object) -> int | None:
        if port is None or (isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535):
            return port
        mistake(
            f"{what}={port!r} is not a port" if isinstance(port, int) else f"{what} is not a port but {kind_of(port)}",
            resource=self.name,
            remedy="Give a number from 1 to 65535, or leave it out to have one chosen.",
        )
        return None

    def _finish(self) -> None:
        """Settle what concerns several endpoints: which are external, and which variable tells a port."""
        super()._finish()
        if self.external_http:
            for name, spec in self.endpoints.items():
                self.endpoints[name] = replaced(spec, external=spec.external or spec.is_http)
        told: dict[str, EndpointSpec] = {}
        for spec in self.endpoints.values():
            if spec.env and told.setdefault(spec.env, spec) is not spec:
                mistake(
                    f"endpoints {told[spec.env].name!r} and {spec.name!r} both give their port in {spec.env}",
                    resource=self.name,
                    where=spec.where,
                    remedy="Give each a variable of its own: env=….",
                )
        if self.default_port_variable is not None and self.default_port_variable not in told:
            untold = [spec for spec in self.endpoints.values() if spec.is_http and spec.env is None]
            for spec in sorted(untold, key=lambda spec: spec.target_port is not None)[:1]:
                self.endpoints[spec.name] = replaced(spec, env=self.default_port_variable)
