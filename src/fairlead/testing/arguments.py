"""The arguments that a test gives with a definition, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fairlead.errors import UsageError
from fairlead.model.app import App
from fairlead.model.names import listing, nearest
from fairlead.model.parameter import Parameter
from fairlead.model.wait import WaitBehavior, WaitBehaviorText


def given_names(keyword: str, names: Collection[str]) -> tuple[str, ...]:
    """The names that a keyword was given.

    Raises:
        UsageError: It was given text.
    """
    if isinstance(names, str):
        raise UsageError(f"{keyword}= needs a set of names, not text", remedy=f"Write {keyword}={{{names!r}}}.")
    return tuple(names)


def check_parameters(app: App, given: Mapping[str, str]) -> None:
    """Check that an app has the parameters that are given values.

    Raises:
        UsageError: It lacks one.
    """
    known = {resource.name.lower(): resource.name for resource in app if isinstance(resource, Parameter)}
    for name in given:
        if name.lower() not in known:
            guess = nearest(name.lower(), known)
            hint = f"Did you mean {known[guess]!r}?" if guess else f"It has {listing(known.values())}."
            raise UsageError(f"the app has no parameter {name!r}", remedy=hint)


def given_behavior(behavior: WaitBehavior | WaitBehaviorText) -> WaitBehavior:
    """What waits do when their target fails, from an argument of a test.

    Raises:
        UsageError: There is no such behavior.
    """
    if behavior not in list(WaitBehavior):
        raise UsageError(f"there is no behavior {behavior!r}.", remedy=f"There are {listing(map(str, WaitBehavior))}.")
    return WaitBehavior(behavior)
