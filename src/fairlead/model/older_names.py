"""Names without an underscore of the methods that kinds override for Fairlead.

Fairlead calls these methods, users don't, so editors should not offer them. Kinds that override them under the older
names, and code that calls them so, go on working.
"""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")

OLDER_NAMES = {
    name: f"_{name}" for name in ("driver_at", "finish", "given_values", "ports_on_containers", "published_address")
}


def accept_older_names(base: type[K]) -> type[K]:
    """Let subclasses of a class override, and callers call, its methods by their older names.

    Type checkers and editors see nothing of it: to them there are only the names of today.
    """

    def init_subclass(kind: Any, /, **options: Any) -> None:
        super(base, kind).__init_subclass__(**options)
        for older, name in OLDER_NAMES.items():
            _adapt(kind, older, name)

    members = {"__init_subclass__": classmethod(init_subclass), "__getattr__": _called, "__dir__": _offered}
    for name, function in members.items():
        setattr(base, name, function)
    return base


def _called(self: object, name: str) -> Any:
    """An attribute that is not there: a method by its older name."""
    if name in OLDER_NAMES:
        return getattr(self, OLDER_NAMES[name])
    raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)


def _offered(self: object) -> list[str]:
    """The names of today, as a prompt completes them."""
    return [name for name in object.__dir__(self) if name not in OLDER_NAMES]


def _adapt(kind: type, older: str, name: str) -> None:
    """Give a new kind that has a method by its older name the same one by the name of today."""
    owner = next(base for base in kind.__mro__ if older in vars(base) or name in vars(base))
    if name in vars(owner):
        return
    setattr(kind, name, vars(owner)[older])
    for base in kind.__mro__:  # super() in the method finds the next one by the older name
        if base is not kind and name in vars(base) and older not in vars(base):
            setattr(base, older, vars(base)[name])
