"""From the model's values to leaves: what an endpoint, a parameter or a composition is in a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from fairlead.model.composition.providers import provider_of
from fairlead.model.endpoints.endpoint import EndpointHandle, EndpointSpec, EndpointValue
from fairlead.model.locations import Location
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource, published_address
from fairlead.model.values.conditional import Conditional
from fairlead.model.values.value import Encoded, Output, Value, ValueLike, to_text
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import ChartValue, Leaf, Text, chart_values, conditional, encode, is_secret, join
from fairlead.publish.chart.ports import Port
from fairlead.publish.chart.values_yaml import RequiredBy, ValuesYaml
from fairlead.publish.translation.addresses import Addresses
from fairlead.records import record


@record
class ValueSite:
    """Who needs a value, for messages.

    Args:
        resource: The published resource.
        where: The line that gave it the value.
        what: What the value is for, such as ``the variable CACHE_URL``.
    """

    resource: Resource
    where: Location
    what: str


PublicUrl: TypeAlias = Callable[[EndpointHandle, ValueSite], Text]
"""Gives the address that people type for an endpoint, for who needs it."""


class Translator:
    """Translates values for the pods of one chart.

    Args:
        values: Where the values of the chart are declared.
        ports: The ports of every resource, by the names of its endpoints.
        addresses: Knows where Services are.
        report: Where what can't be translated is reported.
    """

    def __init__(
        self, values: ValuesYaml, ports: Mapping[str, Mapping[str, Port]], addresses: Addresses, report: Report
    ) -> None:
        self._values = values
        self._ports = ports
        self._report = report
        #: Where Services are.
        self.addresses = addresses
        self._warned: set[tuple[Location, str]] = set()
        #: Knows the addresses that people type; set as soon as the chart is known that they are of.
        self.public_url: PublicUrl | None = None
        #: The (consumer, owner, endpoint) of all endpoints that somebody was given the address of.
        self.connections: dict[tuple[str, str, str], None] = {}
        #: The (resource, endpoint) whose own program asked for the port, and so was told.
        self.told_ports: set[tuple[str, str]] = set()

    def from_outside(self, namespace: str | None) -> Translator:
        """A translator for pods in another namespace than the chart's.

        Args:
            namespace: The chart's namespace; None where the definition does not name it.
        """
        outside = Translator(self._values, self._ports, self.addresses.from_outside(namespace), self._report)
        outside.public_url = self.public_url
        return outside

    def translate(self, value: ValueLike, asker: ValueSite) -> Text | None:
        """The text that a value is in the cluster, or None, reported, when it can't be known there."""
        if not isinstance(value, Value):
            return to_text(value)
        text = self._value(value, asker)
        if text is not None and value.secret and not is_secret(text):
            self._report.error(
                asker.resource,
                f"{asker.what} is secret, and its text is in the definition itself",
                "Make the secret part a parameter: app.add_parameter(name, secret=True).",
                asker.where,
            )
            return None
        return text

    def translate_public(self, value: ValueLike, asker: ValueSite, kind: str) -> Text | None:
        """The text of a value for a field that everybody may read, or None, reported, when it can't stand there.

        Args:
            value: The value.
            asker: What it is for.
            kind: The kind of the object that the field is in, for messages.
        """
        text = self.translate(value, asker)
        if text is not None and is_secret(text):
            self._report.error(
                asker.resource,
                f"{asker.what} is secret, and everybody could read it in the {kind}",
                "Use a parameter that is not secret.",
                asker.where,
            )
            return None
        for found in chart_values([text]):
            self._values.use(found, RequiredBy(asker.resource.name, None))
        return text

    def annotations(
        self, given: Mapping[str, str | Value], resource: Resource, where: Location, kind: str
    ) -> dict[str, Text]:
        """The texts of annotations, without those, reported, that can't stand there.

        Args:
            given: Their values.
            resource: The published resource.
            where: The line that gave them.
            kind: The kind of the object that has them.
        """
        texts = {
            key: self.translate_public(value, ValueSite(resource, where, f"the annotation {key}"), kind)
            for key, value in given.items()
        }
        return {key: text for key, text in texts.items() if text is not None}

    def _value(self, value: Value, asker: ValueSite) -> Text | None:
        if isinstance(value, Parameter):
            return self._values.parameter(value)
        if isinstance(value, EndpointValue):
            return self._endpoint(value, asker)
        if isinstance(value, Encoded):
            inner = self._value(value.value, asker)
            return None if inner is None else encode(inner, "uri")
        if isinstance(value, Conditional):
            return self._conditional(value, asker)
        parts = value.parts()
        if any(part is value for part in parts):
            return self._unknown(value, asker)
        texts = [part if isinstance(part, str) else self._value(part, asker) for part in parts]
        known = [text for text in texts if text is not None]
        return join(known) if len(known) == len(texts) else None

    def _conditional(self, value: Conditional, asker: ValueSite) -> Text | None:
        texts = (value.condition, value.then, value.otherwise)
        known = [text if isinstance(text, str) else self._value(text, asker) for text in texts]
        condition, then, otherwise = known
        if condition is None or then is None or otherwise is None:
            return None
        if isinstance(condition, ChartValue):
            *others, last = value.matches
            words = f"{', '.join(others)} or {last}" if others else last
            self._values.remark(condition, f"It switches a text, by {words}.")
        return conditional(condition, value.matches, then, otherwise)

    def _unknown(self, value: Value, asker: ValueSite) -> Leaf | None:
        known_when = "while it runs locally" if isinstance(value, Output) else "by its own kind"
        self._report.error(
            asker.resource,
            f"{asker.what} needs {value.describe()}, which is only known {known_when}",
            "Give another value where app.is_publish_mode, for example a parameter.",
            asker.where,
        )
        return None

    def _endpoint(self, value: EndpointValue, asker: ValueSite) -> Text | None:
        endpoint = value.endpoint
        spec, owner = endpoint.find(), provider_of(endpoint)
        if spec is None:  # the model has reported it, unless a callback asked for it just now
            self._report.error(owner, endpoint.problem(), "Use one of them, or declare it.", asker.where)
            return None
        if value.is_public:
            assert self.public_url is not None
            url = self.public_url(endpoint, asker)
            return encode(url, "host") if value.name == "public_host" else url
        known = None if self.addresses.is_here(owner) else published_address(owner, spec)
        if known is not None:
            return self._known_address(value, spec, known, asker)
        self._check_address(owner, spec, asker)
        if self.addresses.is_here(owner) and owner is asker.resource and value.name != "host":
            self.told_ports.add((owner.name, spec.name))
        if owner is not asker.resource:
            self.connections[asker.resource.name, owner.name, spec.name] = None
        return _part(value.name, spec, self.addresses.host(owner), self._ports[owner.name][spec.name].number)

    def _known_address(
        self, value: EndpointValue, spec: EndpointSpec, address: tuple[str, int | str], asker: ValueSite
    ) -> str | None:
        """An address in the cluster that the app is published to, of something that is there by other means."""
        host, port = address
        if isinstance(port, int) or value.name in ("host", "scheme"):
            return _part(value.name, spec, host, port)
        self._report.error(
            asker.resource,
            f"{asker.what} needs the port of {value.endpoint.resource.name!r}, and only its name {port!r} is known",
            "Give the number of the Service's port instead of its name.",
            asker.where,
        )
        return None

    def _check_address(self, owner: Resource, spec: EndpointSpec, asker: ValueSite) -> None:
        """Say of an address that it leads nowhere, or to where nobody is let in from here."""
        other, problem = self.addresses.other(owner), self.addresses.problem(owner)
        if problem is not None:
            self._warn(owner, asker, f"which {problem.reason}", problem.remedy)
        elif other is not None and other.network_policies and not spec.external:
            self._warn(
                owner,
                asker,
                f"and the network policies of {other.name!r} let nobody in from another environment",
                f"Let it in by a NetworkPolicy of your own: {other.name}.add_manifest(…).",
            )

    def _warn(self, owner: Resource, asker: ValueSite, problem: str, remedy: str) -> None:
        """Say what is wrong with an address once for each line; a reference puts it into several variables."""
        if (asker.where, owner.name) not in self._warned:
            self._warned.add((asker.where, owner.name))
            message = f"it is given the address of {owner.name!r}, {problem}"
            self._report.warn(asker.resource, message, remedy, asker.where)


def _part(name: str, spec: EndpointSpec, host: str, port: int | str) -> str:
    """What an endpoint's value of this name is."""
    parts = {
        "host": host,
        "scheme": spec.scheme,
        "url": f"{spec.scheme}://{host}:{port}",
        "host_and_port": f"{host}:{port}",
    }
    return parts.get(name, str(port))
