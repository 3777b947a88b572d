"""Records: what ``dataclass`` makes, for classes that every command loads.

A dataclass writes its methods as text and compiles them, which takes half a millisecond for each class, also where a
command never makes one. The methods here are the same for all classes, so a class costs next to nothing; making one
object takes about a microsecond more. A class of which many objects are made gets a compiled constructor after all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, dataclass_transform

C = TypeVar("C", bound=type)
R = TypeVar("R")
T = TypeVar("T")
_REQUIRED: Any = object()
#: How many objects of a class are made before its constructor is compiled, which takes as long as these few save.
_MANY = 100


class _Each:
    """A default that is made for each object."""

    def __init__(self, factory: Callable[[], Any]) -> None:
        self.factory = factory


class _Aside:
    """A field that makes no difference to equality, with its default."""

    def __init__(self, default: Any) -> None:
        self.default = default


def each(*, factory: Callable[[], T]) -> T:
    """The default of a field that every object has its own of."""
    return cast(T, _Each(factory))


def aside(*, default: Any = _REQUIRED) -> Any:
    """A field in which equal records may differ."""
    return _Aside(default)


@dataclass_transform(frozen_default=True, field_specifiers=(each, aside))
def record(cls: C) -> C:
    """Make a class whose objects are its annotated fields, can't be changed, and are equal when all fields are.

    A field has a default if the class has an attribute of its name; defaults are shared, so they must be immutable, or
    made by :func:`each`. What the class defines itself (such as ``__repr__``) stays, and ``__post_init__`` is called
    when an object has all its fields. Fields of a record that it is derived from come first.
    """
    return _with_methods(cls, _METHODS)


@dataclass_transform(field_specifiers=(each, aside))
def mutable_record(cls: C) -> C:
    """The same for objects that can be changed, and so have no hash."""
    return _with_methods(cls, _METHODS_OF_MUTABLE)


def _with_methods(cls: C, methods: Mapping[str, Any]) -> C:
    fields: dict[str, Any] = dict(getattr(cls, "__record_fields__", {}))
    uncompared: tuple[str, ...] = getattr(cls, "__record_aside__", ())
    made_for_each = getattr(cls, "__record_factories__", False)
    for name, annotation in _annotations(cls).items():
        if str(annotation).startswith("ClassVar"):
            continue
        default = cls.__dict__.get(name, _REQUIRED)
        if type(default) is _Aside:
            uncompared += (name,)
            default = default.default
            if default is _REQUIRED:
                delattr(cls, name)
            else:
                setattr(cls, name, default)
        elif type(default) is _Each:
            made_for_each = True
            delattr(cls, name)
        fields[name] = default
    added = {
        "__record_fields__": fields,
        "__record_defaults__": {name: default for name, default in fields.items() if default is not _REQUIRED},
        # How many arguments have to be given where all are given by position.
        "__record_needs__": max([n for n, default in enumerate(fields.values(), 1) if default is _REQUIRED], default=0),
        "__record_aside__": uncompared,
        "__record_factories__": made_for_each,
        "__record_count__": 0,
        "__match_args__": tuple(fields),
        "__signature__": _Signature(),
        "__dataclass_fields__": _Fields(),
    }
    if uncompared:
        methods = {**methods, "__eq__": _eq_but_aside}
    if made_for_each or hasattr(cls, "__post_init__"):
        methods = {**methods, "__init__": _init_and_complete}
    for name, member in {**methods, **added}.items():
        if name not in cls.__dict__ or (name == "__hash__" and "__eq__" not in cls.__dict__):
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
    return type(original)(**{name: getattr(original, name) for name in record_fields(type(original))} | fields)


def _annotations(cls: type) -> Mapping[str, Any]:
    """What the class annotates itself; the function of ``inspect`` for it would be loaded by every command."""
    annotations: Mapping[str, Any] = cls.__dict__.get("__annotations__", {})  # noqa: RUF063
    return annotations


def _init(self: Any, *args: Any, **kwargs: Any) -> None:
    fields: Mapping[str, Any] = self.__record_fields__
    _count(type(self))
    if not kwargs and self.__record_needs__ <= len(args) <= len(fields):
        if len(args) < len(fields):
            self.__dict__.update(self.__record_defaults__)
        self.__dict__.update(zip(fields, args, strict=False))
        return
    values = dict(zip(fields, args, strict=False))
    if len(args) > len(fields) or (kwargs and (not fields.keys() >= kwargs.keys() or values.keys() & kwargs.keys())):
        raise TypeError(f"{type(self).__name__} takes {', '.join(fields)}, each once; got {len(args)} and {[*kwargs]}")
    values.update(kwargs)
    if len(values) < len(fields):
        missing = [name for name, default in fields.items() if default is _REQUIRED and name not in values]
        if missing:
            raise TypeError(f"{type(self).__name__} needs {', '.join(missing)}")
        values = {**fields, **values}
    self.__dict__.update(values)


def _count(cls: Any) -> None:
    """Count an object of a class; the constructor of a class with many of them is compiled."""
    owner = next(base for base in cls.__mro__ if "__record_count__" in base.__dict__)
    owner.__record_count__ += 1
    if owner.__record_count__ == _MANY and owner.__dict__["__init__"] in (_init, _init_and_complete):
        owner.__init__ = _compiled(owner)


def _compiled(cls: Any) -> Any:
    """The constructor of a record as a person would write it, with the same arguments and defaults."""
    fields: Mapping[str, Any] = cls.__record_fields__
    defaults: list[Any] = []
    lines = ["_values = self.__dict__"]  # no field has such a name, while one may be called values
    for name, default in fields.items():
        if default is _REQUIRED and defaults:
            return cls.__init__  # an order of arguments that no function can have
        if default is not _REQUIRED:
            defaults.append(default)
        own = f"{name}.factory() if _type({name}) is _Each else {name}" if type(default) is _Each else name
        lines.append(f"_values[{name!r}] = {own}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    names: dict[str, Any] = {"_Each": _Each, "_type": type}
    exec(f"def __init__(self, {', '.join(fields)}):\n " + "\n ".join(lines), names)  # noqa: S102 - names of fields
    constructor = names["__init__"]
    constructor.__defaults__ = tuple(defaults)
    return constructor


def _init_and_complete(self: Any, *args: Any, **kwargs: Any) -> None:
    _init(self, *args, **kwargs)
    values = self.__dict__
    if self.__record_factories__:
        for name, value in values.items():
            if type(value) is _Each:
                values[name] = value.factory()
    if hasattr(self, "__post_init__"):
        self.__post_init__()


def _eq(self: Any, other: object) -> bool:
    return bool(self.__dict__ == other.__dict__) if type(other) is type(self) else NotImplemented


def _eq_but_aside(self: Any, other: object) -> bool:
    return _compared(self) == _compared(other) if isinstance(other, type(self)) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _compared(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in self.__record_fields__ if name not in self.__record_aside__)


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
_METHODS_OF_MUTABLE: dict[str, Any] = {"__init__": _init, "__eq__": _eq, "__hash__": None, "__repr__": _repr}


class _Fields:
    """What ``fields``, ``replace`` and ``asdict`` of ``dataclasses`` look at, made when one of them does."""

    def __get__(self, instance: object, owner: type) -> Any:
        from dataclasses import make_dataclass

        parts = [
            (name, annotation, _field_with(default, compare=name not in getattr(owner, "__record_aside__", ())))
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
                    default=Parameter.empty if default is _REQUIRED else _shown(default),
                    annotation=annotation,
                )
                for name, annotation, default in _described(owner)
            ]
        )


def _field_with(default: Any, *, compare: bool) -> Any:
    """A field with its default; by a factory where it has no hash, since a dataclass refuses such a one."""
    from dataclasses import field

    if default is _REQUIRED:
        return field(compare=compare)
    if type(default) is _Each:
        return field(default_factory=default.factory, compare=compare)
    if type(default).__hash__ is None:
        return field(default_factory=lambda: default, compare=compare)
    return field(default=default, compare=compare)


def _shown(default: Any) -> Any:
    return default.factory() if type(default) is _Each else default


def _described(cls: type) -> list[tuple[str, Any, Any]]:
    """The name, annotation and default of each field."""
    annotations: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        annotations |= _annotations(base)
    fields: Mapping[str, Any] = getattr(cls, "__record_fields__", {})
    return [(name, annotations[name], default) for name, default in fields.items()]
