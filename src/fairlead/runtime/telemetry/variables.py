"""The variables that have a program's OpenTelemetry libraries send what they find to the run; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fairlead.model.programs.workload import Workload

ATTRIBUTES: Final = "OTEL_RESOURCE_ATTRIBUTES"
HEADERS: Final = "OTEL_EXPORTER_OTLP_HEADERS"
RUN_ATTRIBUTE: Final = "fairlead.run.id"
_INSTANCE: Final = "service.instance.id"

_EXPORTER: Final = "OTEL_EXPORTER_OTLP_"
_SIGNALS: Final = ("", "TRACES_", "METRICS_", "LOGS_")
_DESTINATION: Final = frozenset(
    f"{_EXPORTER}{signal}{part}" for signal in _SIGNALS for part in ("ENDPOINT", "HEADERS")
) | {"OTEL_SDK_DISABLED"}
"""What a user sets who wants the telemetry somewhere else, or nowhere."""

_COMMON: Final[Mapping[str, str]] = {
    f"{_EXPORTER}PROTOCOL": "http/protobuf",
    # Milliseconds: a person waits for it.
    "OTEL_BSP_SCHEDULE_DELAY": "1000",
    "OTEL_BLRP_SCHEDULE_DELAY": "1000",
    "OTEL_METRIC_EXPORT_INTERVAL": "1000",
    "OTEL_METRIC_EXPORT_TIMEOUT": "1000",  # some libraries complain of one that is longer than the interval
    "OTEL_TRACES_SAMPLER": "always_on",
    "OTEL_METRICS_EXEMPLAR_FILTER": "trace_based",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a program is when it sends telemetry.

    Args:
        token: What it proves that by.
        instance: What tells it from other replicas.
        run_id: The run; empty for what outlives it.
    """

    token: str
    instance: str
    run_id: str


def has_own_destination(known: Mapping[str, str]) -> bool:
    """Whether the user's own variables say where telemetry goes, so that nothing is added to them.

    Args:
        known: All variables that the program sees: the definition's, and those it inherits.
    """
    return any(known.get(name) for name in _DESTINATION)


def exporter_variables(
    resource: Workload, known: Mapping[str, str], endpoint: str, identity: Identity
) -> dict[str, str]:
    """The variables to add to those that a program sees; none of them changes one that is there.

    The exception are the attributes of its resource, to which some are added.

    Args:
        resource: The resource.
        known: All variables that the program sees: the definition's, and those it inherits.
        endpoint: Where it reaches the receiver.
        identity: Who it is.
    """
    attributes = known.get(ATTRIBUTES, "")
    variables = {f"{_EXPORTER}ENDPOINT": endpoint, HEADERS: header_of(identity.token), **_COMMON}
    variables |= resource.exporter_environment
    if "service.name" not in _names(attributes):
        variables["OTEL_SERVICE_NAME"] = resource.name
    own = {name: value for name, value in variables.items() if name not in known}
    return {
        **own,
        ATTRIBUTES: _with_attributes(attributes, {_INSTANCE: identity.instance, RUN_ATTRIBUTE: identity.run_id}),
    }


def header_of(token: str) -> str:
    """The header as OpenTelemetry's variable has it: percent-encoded."""
    return f"authorization={quote(f'Bearer {token}')}"


def token_in(header: str) -> str:
    """The token in the header, which is kept out of logs by itself too."""
    return header.rpartition("%20")[2]


def _with_attributes(text: str, more: Mapping[str, str]) -> str:
    """A list of attributes with more of them in front, unless they are in it already or have no value."""
    names = _names(text)
    own = [f"{name}={quote(value)}" for name, value in more.items() if value and name not in names]
    return ",".join([*own, *([text] if text else [])])


def _names(attributes: str) -> set[str]:
    return {pair.partition("=")[0].strip() for pair in attributes.split(",")}
