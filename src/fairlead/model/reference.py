"""The variables that a reference gives to its consumer: names compatible with Aspire, which design §3 promises."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fairlead.model.endpoint import Endpoint
from fairlead.model.names import variable_form
from fairlead.model.value import ValueLike

if TYPE_CHECKING:
    from fairlead.model.resource import Resource


def endpoint_variables(name: str, endpoints: list[Endpoint]) -> dict[str, ValueLike]:
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


def reference_variables(resource: Resource, connection_name: str | None = None) -> dict[str, ValueLike]:
    """All the variables that a consumer of the resource sees by default.

    Args:
        resource: What is referred to.
        connection_name: The name to use instead of the resource's own.
    """
    name = connection_name or resource.name
    variables = endpoint_variables(name, [resource.endpoint(key) for key in resource.endpoints])
    if resource.connection_string is not None:
        variables[f"ConnectionStrings__{name}"] = resource.connection_string
        for key, value in resource.connection_properties.items():
            variables[f"{variable_form(name)}_{key}"] = value
    return variables
