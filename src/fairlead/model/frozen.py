"""Resources of a built app: nothing about them changes any more, whichever way it is tried."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, NoReturn, cast

from fairlead.errors import ModelError
from fairlead.model.resource import Resource

_MODEL = ("fairlead.model.", "fairlead.resources.")


def _refuse(*_: object, **__: object) -> NoReturn:
    raise ModelError(
        "the app is built already, and nothing about it can be changed",
        remedy="Say it in the function that defines the app, by the method for it.",
    )


class FrozenList(list[Any]):
    """A list that stays as it is; a copy of it is a list like others."""

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self) -> tuple[type[list[Any]], tuple[tuple[Any, ...]]]:
        return list, (tuple(self),)


class FrozenDict(dict[Any, Any]):
    """A dictionary that stays as it is; a copy of it is one like others."""

    clear = pop = popitem = setdefault = update = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[dict[Any, Any]], tuple[tuple[tuple[Any, Any], ...]]]:
        return dict, (tuple(self.items()),)


_FROZEN: dict[type, type] = {list: FrozenList, dict: FrozenDict, set: frozenset}
# Most are empty, and those can be one.
_EMPTY: dict[type, Any] = {kind: frozen() for kind, frozen in _FROZEN.items()}


def model_attributes(kind: type) -> frozenset[str]:
    """The attributes of a kind that belong to the model.

    They are those that constructors of Fairlead's kinds set; what a kind of another package keeps beside them is its
    own affair, also while the app runs.
    """
    return _attributes(cast("Hashable", kind))


@cache
def _attributes(kind: Hashable) -> frozenset[str]:
    assert isinstance(kind, type)
    bases = [base for base in kind.__mro__ if f"{base.__module__}.".startswith(_MODEL) and "__init__" in vars(base)]
    constructors = [vars(base)["__init__"] for base in bases]
    return frozenset(name for each in constructors for name in each.__code__.co_names if name[0] != "_")


def _frozen_attributes(resource: object) -> dict[str, Any]:
    """The lists, sets and dictionaries among a resource's attributes of the model, as what can't change."""
    own = model_attributes(type(resource))
    return {
        name: _FROZEN[type(value)](value) if value else _EMPTY[type(value)]
        for name, value in vars(resource).items()
        if type(value) in _FROZEN and name in own
    }


def freeze(resource: Resource) -> None:
    """Let nothing about a resource change any more: its app is built."""
    vars(resource).update(_frozen_attributes(resource), _frozen=True)
    # Not before an app is built: each of the many attributes that a resource gets when it is made would pay for it.
    if Resource.__setattr__ is not _set_attribute:
        Resource.__setattr__ = _set_attribute  # type: ignore[assignment, method-assign]


def _set_attribute(self: Resource, name: str, value: object) -> None:
    if self._frozen and name in model_attributes(type(self)):
        raise ModelError(
            f"{name} was set on an app that is built already",
            resource=self.name,
            file=self.where.file,
            line=self.where.line,
            remedy="Say it in the function that defines the app, by the method for it.",
        )
    object.__setattr__(self, name, value)
