"""Where services listen: what the file publishes and exposes, and what nobody has to say for containers to find it.

In Compose every port of a container can be reached by the others. A cluster has a Service only for ports that are
known, so those are looked for: in the addresses that other services are given, and among those of well-known images.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fairlead.compose.reading.tree import Scalar
from fairlead.compose.translation import known_images
from fairlead.compose.translation.endpoints.ports import Port, ports_of
from fairlead.compose.translation.endpoints.spoken import exposed_ports
from fairlead.compose.translation.naming import resource_name
from fairlead.compose.translation.plans import EndpointPlan, ServicePlan
from fairlead.compose.writing.expressions import Call, Code, literal
from fairlead.model.names import name_problem, normal_form

_HOST_AND_PORT = re.compile(r"(?a)(?<![\w.-])([\w.-]+):(\d{2,5})(?![\w.])")
_HTTP = re.compile(r"(?a)http://([\w.-]+)(?::(\d{1,5}))?")
_SEPARATORS = re.compile(r"[\s,;/:@='\"()\[\]{}]+")


class Mentions:
    """The addresses that the texts of a file name.

    Args:
        texts: All texts of all services, with their variables filled in.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._ports: dict[str, set[int]] = {}
        self._http: set[tuple[str, int]] = set()
        self._words: set[str] = set()
        for text in texts:
            self._read(text)

    def _read(self, text: str) -> None:
        for host, port in _HOST_AND_PORT.findall(text):
            if 0 < int(port) < 65536:
                self._ports.setdefault(host, set()).add(int(port))
        self._http |= {(host, int(port or 80)) for host, port in _HTTP.findall(text)}
        self._words.update(_SEPARATORS.split(text))

    def ports(self, host: str) -> list[int]:
        """The ports at which a host is named."""
        return sorted(self._ports.get(host, ()))

    def has_http(self, host: str, port: int) -> bool:
        """Whether a host is asked by HTTP at a port."""
        return (host, port) in self._http

    def has(self, host: str) -> bool:
        """Whether a host is named at all, other than as a part of a word."""
        return host in self._words


def add_endpoints(
    plan: ServicePlan,
    mentions: Mentions,
    taken: dict[tuple[int, str], str],
    own_text: str,
    web_port: int | None,
) -> None:
    """Declare where a service listens.

    Args:
        plan: The service.
        mentions: The addresses that all services name.
        taken: The ports of this machine that are given away, with the service that has each; it gets those of this one.
        own_text: The texts of the service itself.
        web_port: The port that a reverse proxy is told of; None for none.
    """
    said = ports_of(plan.section)
    if web_port is not None:
        said.append(_inner(plan, web_port, "http"))
    for port in [*said, *_implied(plan, mentions, is_silent=not said)]:
        if any(port.target == known.target and _family(known) == port.protocol for known in plan.endpoints):
            if port.is_published:
                reason = (
                    f"port {port.target} of the container has an endpoint already, and a port of this machine with it"
                )
                plan.section.desk.report.lost(port.path, port.place, reason)
            continue
        plan.endpoints.append(_endpoint(plan, _free(plan, port, taken), _scheme(plan, port, mentions, own_text)))
    plan.calls += [endpoint.call for endpoint in plan.endpoints]
    _open(plan)


def _open(plan: ServicePlan) -> None:
    """Let other machines use its HTTP endpoints, where the file means all that are published."""
    published = [
        endpoint for endpoint in plan.endpoints if endpoint.scheme in ("http", "https") and endpoint.is_published
    ]
    opened = [endpoint for endpoint in published if endpoint.is_open]
    if opened and len(opened) == len(published):
        plan.calls.append(Call("with_external_http_endpoints", origin=f"{plan.section.path}.ports"))
        return
    for endpoint in opened:
        reason = "another port of it is for this machine only, and so is this one here; external=True opens it"
        plan.section.desk.report.changed(endpoint.call.origin, None, reason)


def _family(endpoint: EndpointPlan) -> str:
    return "udp" if endpoint.scheme == "udp" else "tcp"


def _implied(plan: ServicePlan, mentions: Mentions, *, is_silent: bool) -> list[Port]:
    """Ports that the file says nothing of: those that others use, and those of the image where it says none."""
    section = plan.section
    image = section.node.entries.get("image")
    runs_another = "command" in section or "entrypoint" in section
    exposed = exposed_ports(section.node, section.desk) if is_silent and not runs_another else []
    usual = known_images.usual_ports(section.desk.peek(image)) if isinstance(image, Scalar) and is_silent else ()
    return [_inner(plan, port, "") for port in dict.fromkeys([*exposed, *usual, *mentions.ports(plan.service)])]


def _inner(plan: ServicePlan, port: int, scheme: str) -> Port:
    """A port that this machine needs no port for."""
    return Port(port, None, None, "tcp", False, False, "", scheme, plan.section.path, plan.section.node.place)


def _free(plan: ServicePlan, port: Port, taken: dict[tuple[int, str], str]) -> Port:
    """The port, without a port of this machine that another service has."""
    if port.published is None:
        return port
    other = taken.setdefault((port.published, port.protocol), f"{plan.service}:{port.target}")
    if other == f"{plan.service}:{port.target}":
        return port
    reason = f"port {port.published} of this machine is given to {other.partition(':')[0]!r}; it gets another one"
    plan.section.desk.report.lost(port.path, port.place, reason)
    return port._replace(published=None, code=None)


def _scheme(plan: ServicePlan, port: Port, mentions: Mentions, own_text: str) -> str:
    if port.protocol == "udp":
        return "udp"
    if port.scheme:
        return port.scheme
    own = Mentions([own_text])
    is_asked = mentions.has_http(plan.service, port.target) or any(
        own.has_http(host, port.target) for host in ("localhost", "127.0.0.1", "0.0.0.0")
    )
    if is_asked or port.target in known_images.WEB:
        return "http"
    return "https" if port.target in known_images.WEB_TLS else "tcp"


def _endpoint(plan: ServicePlan, port: Port, scheme: str) -> EndpointPlan:
    """The endpoint for a port, with the call that declares it."""
    name = _name(plan, port, scheme)
    keywords: dict[str, Code] = {}
    if port.code is not None and isinstance(port.code, Code) and port.published is not None:
        keywords["port"] = port.code
    keywords["target_port"] = Code(str(port.target))
    if scheme == "http":
        if name != "http":
            keywords["name"] = Code(f'"{name}"')
        call = Call("with_http_endpoint", (), tuple(keywords.items()), port.path)
    else:
        if scheme == "https" and name != "https":
            keywords["scheme"] = Code('"https"')
        if scheme == "udp":
            keywords["protocol"] = Code('"udp"')
        call = Call("with_endpoint", (literal(name),), tuple(keywords.items()), port.path)
    if port.is_open and scheme in ("tcp", "udp"):
        reason = "it is bound to 127.0.0.1 here, not to all addresses of this machine; external=True opens it"
        plan.section.desk.report.changed(port.path, port.place, reason)
    return EndpointPlan(name, port.target, port.published, scheme, port.is_open, port.is_published, call)


def _name(plan: ServicePlan, port: Port, scheme: str) -> str:
    taken = {normal_form(endpoint.name) for endpoint in plan.endpoints}
    candidates = [resource_name(port.name, "port")] if port.name else []
    candidates += [scheme, *(f"{scheme}-{port.target}{suffix}" for suffix in ("", "-2", "-3", "-4"))]
    return next(name for name in candidates if name_problem(name) is None and normal_form(name) not in taken)


def find_published(plans: Mapping[str, ServicePlan], port: int) -> tuple[ServicePlan, EndpointPlan] | None:
    """The HTTP endpoint that a port of this machine leads to."""
    for plan in plans.values():
        for endpoint in plan.endpoints:
            if endpoint.published == port and endpoint.scheme in ("http", "https"):
                return plan, endpoint
    return None
