"""Which resource a value is of: the one place that tells what the leaf of a value belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import overload

from fairlead.model.endpoints.endpoint import EndpointHandle, EndpointValue
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource
from fairlead.model.values.value import Output, Value


@overload
def provider_of(leaf: Parameter | Output | EndpointHandle | EndpointValue) -> Resource: ...
@overload
def provider_of(leaf: Value) -> Resource | None: ...


def provider_of(leaf: Value) -> Resource | None:
    """The resource that a leaf is a value of; a parameter is its own. None for a leaf of a third party's own kind."""
    if isinstance(leaf, Parameter):
        return leaf
    if isinstance(leaf, EndpointValue):
        return provider_of(leaf.endpoint)
    if isinstance(leaf, (EndpointHandle, Output)):
        assert isinstance(leaf.resource, Resource)
        return leaf.resource
    return None


def awaited_leaves(value: object) -> Iterator[Parameter | Output]:
    """The leaves of a value that its providers make known in a run, and that have to be waited for until then.

    The others are known before anything starts: addresses of endpoints, and plain data, which has no leaves.
    """
    for leaf in value.leaves() if isinstance(value, Value) else ():
        if isinstance(leaf, (Parameter, Output)):
            yield leaf


def awaits_any_of(value: object, providers: Collection[str]) -> bool:
    """Whether a value is only known once one of these resources, by name, has made a part of it known."""
    return bool(providers) and any(provider_of(leaf).name in providers for leaf in awaited_leaves(value))
