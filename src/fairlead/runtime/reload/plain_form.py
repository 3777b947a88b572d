"""What a part of a definition says, in a form that can be compared with that of another evaluation of it. Pure.

Two evaluations of one definition make different objects, of which nothing is equal: values are compared by identity,
functions are made anew, resources too. Here each of them is what it says: a resource its name, a value what it is
composed of, a function its code with what it closes over. Lines of the app file say nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Set
from enum import Enum
from functools import partial
from inspect import unwrap
from pathlib import PurePath
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from fairlead.model.composition.providers import provider_of
from fairlead.model.endpoints.endpoint import EndpointHandle, EndpointValue
from fairlead.model.locations import Location
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource
from fairlead.model.values.value import Output, Value

_PLAIN = (str, bytes, int, float, bool, type(None))


def plain_form(value: object) -> Hashable:
    """What something says, as nested tuples of plain data. Equal forms say the same."""
    return _Forms().of(value)


class _Forms:
    """Makes one form; remembers what it is in the midst of, as functions may refer to each other."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._functions = 0

    def of(self, value: object) -> Hashable:
        if isinstance(value, Enum):
            return type(value).__qualname__, value.name
        if isinstance(value, _PLAIN):
            return type(value).__name__, value
        if isinstance(value, (Location, ModuleType)):
            return None
        if isinstance(value, PurePath):
            return str(value)
        if id(value) in self._open:
            return "itself"
        self._open.add(id(value))
        try:
            return self._of_object(value)
        finally:
            self._open.discard(id(value))

    def _of_object(self, value: Any) -> Hashable:
        if isinstance(value, Value):
            return self._of_value(value)
        if isinstance(value, Resource):
            return "resource", value.name
        if isinstance(value, Mapping):
            return tuple((self.of(key), self.of(item)) for key, item in value.items())
        if isinstance(value, (list, tuple)):
            return tuple(self.of(item) for item in value)
        if isinstance(value, Set):
            return tuple(sorted((self.of(item) for item in value), key=repr))
        if isinstance(value, (FunctionType, MethodType, BuiltinFunctionType, partial, CodeType)):
            self._functions += 1
            form = self._of_function(value)
            self._functions -= 1
            return form
        return self._of_fields(value)

    def _of_value(self, value: Value) -> Hashable:
        if isinstance(value, (EndpointValue, EndpointHandle)):
            return self._of_endpoint(value)
        if isinstance(value, Output):
            return "output", provider_of(value).name, value.name
        if isinstance(value, Parameter):
            return "parameter", value.name, value.secret
        return self._of_fields(value)

    def _of_endpoint(self, value: EndpointValue | EndpointHandle) -> Hashable:
        """An address: of which resource, and what is said there of the endpoint and of where it is."""
        handle = value.endpoint if isinstance(value, EndpointValue) else value
        owner = provider_of(handle)
        part = value.name if isinstance(value, EndpointValue) else "url"
        spec = handle.find()
        said = None if spec is None else (spec.name, spec.scheme, spec.port, spec.target_port, spec.protocol)
        return "endpoint", owner.name, part, said, str(owner.placement)

    def _of_function(self, function: Any) -> Hashable:
        if isinstance(function, partial):
            return self.of(function.func), self.of(function.args), self.of(function.keywords)
        if isinstance(function, MethodType):
            return self.of(function.__func__), self.of(function.__self__)
        if isinstance(function, CodeType):
            return self._of_code(function)
        if isinstance(function, BuiltinFunctionType):
            return function.__module__, function.__qualname__
        inner: Any = unwrap(function)
        if not isinstance(inner, FunctionType):
            return self.of(inner)
        cells = [_content(cell) for cell in inner.__closure__ or ()]
        return (
            self._of_code(inner.__code__),
            self.of(inner.__defaults__),
            self.of(inner.__kwdefaults__),
            tuple(self.of(cell) for cell in cells),
            tuple(self._of_global(inner, name) for name in inner.__code__.co_names),
        )

    def _of_global(self, function: FunctionType, name: str) -> Hashable:
        """What a function finds under a name in its own module: another function of it, or plain data."""
        found = function.__globals__.get(name)
        is_own = isinstance(found, FunctionType) and found.__module__ == function.__module__
        return self.of(found) if is_own or isinstance(found, (*_PLAIN, tuple)) else None

    def _of_code(self, code: CodeType) -> Hashable:
        constants = tuple(self.of(constant) for constant in code.co_consts)
        return code.co_code, constants, code.co_names, code.co_varnames

    def _of_fields(self, value: Any) -> Hashable:
        """The fields of an object; one without any says which class it is of, and no more."""
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        is_record = dataclasses.is_dataclass(value)
        if self._functions and not (is_record or isinstance(value, Value)):
            return (kind,)  # what a function works with may change while the app runs
        if hasattr(value, "__dict__"):
            fields = vars(value)
        elif is_record:
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        else:
            return (kind,)
        return kind, tuple((name, self.of(field)) for name, field in sorted(fields.items()) if name != "where")


def _content(cell: Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # nothing was assigned to it yet
        return None
