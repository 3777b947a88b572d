"""The variables that a reference gives to its consumer: names compatible with Aspire, which design §3 promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from fairlead.model.endpoints.endpoint import EndpointHandle
from fairlead.model.names import variable_form
from fairlead.model.values.value import Value, ValueLike


def endpoint_variables(name: str, endpoints: Sequence[EndpointHandle]) -> dict[str, ValueLike]:
    """Service discovery for endpoints: ``services__name__http__0`` and ``NAME_HTTP``.

    The key is the scheme for endpoints that are called ``http`` or ``https``, else the endpoint's name.

    Args:
        name: The name the consumer knows the resource by.
        endpoints: Handles on the declared endpoints, in order.
    """
    variables: dict[str, ValueLike] = {}
    seen: Counter[str] = Counter()
    for endpoint in endpoints:
        spec = endpoint.find()
        if spec is None:
            continue
        key = spec.scheme if spec.name in ("http", "https") else spec.name
        variables[f"services__{name}__{key}__{seen[key]}"] = endpoint.url
        variables[f"{variable_form(name)}_{variable_form(spec.name).lstrip('_')}"] = endpoint.url
        seen[key] += 1
    return variables


def reference_variables(
    name: str,
    endpoints: Sequence[EndpointHandle],
    connection_string: Value | None,
    connection_properties: Mapping[str, ValueLike],
) -> dict[str, ValueLike]:
    """All the variables that a consumer of a resource sees by default.

    Args:
        name: The name the consumer knows the resource by.
        endpoints: Handles on its declared endpoints, in order.
        connection_string: What a client needs to connect; None if the resource has no such thing.
        connection_properties: The parts of the connection string by their property names.
    """
    variables = endpoint_variables(name, endpoints)
    if connection_string is not None:
        variables[f"ConnectionStrings__{name}"] = connection_string
        for key, value in connection_properties.items():
            variables[f"{variable_form(name)}_{key}"] = value
    return variables
