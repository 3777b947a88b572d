"""Where the value of a variable comes from, in words for a person."""

from __future__ import annotations

from typing import NamedTuple

from fairlead.model.composition.providers import provider_of
from fairlead.model.endpoints.endpoint import EndpointHandle, EndpointValue
from fairlead.model.parameter import Parameter
from fairlead.model.values.value import Output, Value


class VariableOrigin(NamedTuple):
    """Where the value of a variable comes from.

    Args:
        text: In words, such as ``reference to pg`` or ``parameter region``.
        resource: The name of the resource that it comes from; None where it comes from none, or from several.
    """

    text: str
    resource: str | None = None


def origin_of_value(value: object) -> VariableOrigin:
    """Where a value of the definition comes from: what it is a value of, or that it stands there as it is."""
    if not isinstance(value, Value):
        return VariableOrigin("literal")
    providers = {provider.name: None for leaf in value.leaves() if (provider := provider_of(leaf)) is not None}
    names = list(providers)
    if not names:
        is_leaf = any(part is value for part in value.parts())
        return VariableOrigin("value of a kind of its own" if is_leaf else "literal")
    if len(names) > 1:
        return VariableOrigin(f"made of values of {', '.join(names)}")
    return VariableOrigin(_text(value, names[0]), names[0])


def _text(value: Value, provider: str) -> str:
    if isinstance(value, Parameter):
        return f"parameter {provider}"
    if isinstance(value, Output):
        return f"output {value.name} of {provider}"
    if isinstance(value, EndpointValue) and value.is_public:
        return f"public address of {provider}"
    if isinstance(value, (EndpointHandle, EndpointValue)):
        return f"address of {provider}"
    return f"made of a value of {provider}"
