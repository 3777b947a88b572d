"""Immutable records: what ``dataclass(frozen=True)`` makes, for classes that every command loads.

A dataclass writes its methods as text and compiles them, which takes half a millisecond for each class, also where a
command never makes one. The methods here are the same for all classes, so a class costs next to nothing; making one
object takes about a microsecond more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, dataclass_transform

C = TypeVar("C", bound=type)
R = TypeVar("R")
_REQUIRED: Any = object()


@dataclass_transform(frozen_default=True)
def record(cls: C) -> C:
    """Make a class whose objects are its annotated fields, can't be changed, and are equal when all fields are.

    A field has a default if the class has an attribute of its name; defaults are shared, so they must be immutable.
    What the class defines itself (such as ``__repr__``) stays. Fields of a record that it is derived from come first.
    """
    fields: dict[str, Any] = dict(getattr(cls, "__record_fields__", {}))
    for name, annotation in _annotations(cls).items():
        if not str(annotation).startswith("ClassVar"):
            fields[name] = cls.__dict__.get(name, _REQUIRED)
    added = {
        "__record_fields__": fields,
        "__match_args__": tuple(fields),
        "__signature__": _Signature(),
        "__dataclass_fields__": _Fields(),
    }
    for name, member in (_METHODS | added).items():
        if name not in cls.__dict__:
            setattr(cls, name, member)
    return cls


def record_fields(cls: type) -> tuple[str, ...]:
    """The names of the fields of a record, in their order."""
    fields: Mapping[str, Any] = getattr(cls, "__record_fields__", {})
    return tuple(fields)


def replaced(original: R, **fields: Any) -> R:
    """A copy of a record with other values in some fields.

    Raises:
        TypeError: It has no such field.
    """
    return type(original)(**{**vars(original), **fields})


def _annotations(cls: type) -> Mapping[str, Any]:
    """What the class annotates itself; the function of ``inspect`` for it would be loaded by every command."""
    annotations: Mapping[str, Any] = cls.__dict__.get("__annotations__", {})  # noqa: RUF063
    return annotations


def _init(self: Any, *args: Any, **kwargs: Any) -> None:
    fields: Mapping[str, Any] = self.__record_fields__
    values = dict(zip(fields, args, strict=False))
    if len(args) > len(fields) or (kwargs and (not fields.keys() >= kwargs.keys() or values.keys() & kwargs.keys())):
        raise TypeError(f"{type(self).__name__} takes {', '.join(fields)}, each once; got {len(args)} and {[*kwargs]}")
    values.update(kwargs)
    if len(values) < len(fields):
        missing = [name for name, default in fields.items() if default is _REQUIRED and name not in values]
        if missing:
            raise TypeError(f"{type(self).__name__} needs {', '.join(missing)}")
        values = {**fields, **values}
    vars(self).update(values)


def _eq(self: Any, other: object) -> bool:
    return bool(vars(self) == vars(other)) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(tuple(getattr(self, name) for name in self.__record_fields__))


def _repr(self: Any) -> str:
    return (
        f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__record_fields__)})"
    )


def _refuse(self: Any, name: str, value: object = None) -> None:
    raise AttributeError(f"{type(self).__name__} can't be changed; {name} is what it was made with")


_METHODS: dict[str, Any] = {
    "__init__": _init,
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
}


class _Fields:
    """What ``fields``, ``replace`` and ``asdict`` of ``dataclasses`` look at, made when one of them does."""

    def __get__(self, instance: object, owner: type) -> Any:
        from dataclasses import field, make_dataclass

        parts = [
            (name, annotation, field() if default is _REQUIRED else _field_with(default))
            for name, annotation, default in _described(owner)
        ]
        # Annotations are texts, which nothing reads.
        dataclass_fields = vars(make_dataclass(owner.__name__, parts))["__dataclass_fields__"]
        setattr(owner, "__dataclass_fields__", dataclass_fields)  # noqa: B010 - a type checker knows no such attribute
        return dataclass_fields


class _Signature:
    """The signature of a record, made when somebody asks for it."""

    def __get__(self, instance: object, owner: type) -> Any:
        from inspect import Parameter, Signature

        return Signature(
            [
                Parameter(
                    name,
                    Parameter.POSITIONAL_OR_KEYWORD,
                    default=Parameter.empty if default is _REQUIRED else default,
                    annotation=annotation,
                )
                for name, annotation, default in _described(owner)
            ]
        )


def _field_with(default: Any) -> Any:
    """A field with a default; by a factory where it has no hash, since a dataclass refuses such a one."""
    from dataclasses import field

    return field(default=default) if type(default).__hash__ is not None else field(default_factory=lambda: default)


def _described(cls: type) -> list[tuple[str, Any, Any]]:
    """The name, annotation and default of each field."""
    annotations: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        annotations |= _annotations(base)
    fields: Mapping[str, Any] = getattr(cls, "__record_fields__", {})
    return [(name, annotations[name], default) for name, default in fields.items()]
