"""What a run does without the resources that are excluded from it. Pure.

An excluded resource is not started, and is not in the states of the run. The rest goes on like this:

- The parts of a resource (the databases of a server) go with it. A parameter among them stays if it has a value, as
  that may be part of addresses that others are told.
- Who waits for it doesn't; but waits for what it would have waited for, so that the order of the others stays.
- Its endpoints keep their addresses, and its ports stay allocated to it. A reference to it gives its variables as
  always, and whoever runs the app can put something else at that address.
- What only its driver could make known will never be: a variable that needs such a value is left out, and a reference
  that would give one such variable gives none. Where it is needed for something else, the run is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fairlead.errors import UsageError
from fairlead.model.composition.composition import compose
from fairlead.model.composition.dependencies import all_waits
from fairlead.model.composition.providers import awaited_leaves, provider_of
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.parameter import Parameter
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource, Wait, given_values
from fairlead.model.wait import WaitKind


def with_children(resources: Iterable[Resource], valueless: Collection[str]) -> frozenset[str]:
    """The names of resources, and of their parts.

    Args:
        resources: What is excluded by name.
        valueless: Names of the parameters that nothing gives a value; the others stay, unless they are named.
    """
    names: set[str] = set()
    pending = list(resources)
    while pending:
        resource = pending.pop()
        names.add(resource.name)
        pending += [part for part in resource.children if not isinstance(part, Parameter) or part.name in valueless]
    return frozenset(names)


def waits_of(resource: Resource, excluded: Collection[str], inactive: Collection[str] = ()) -> list[Wait]:
    """What a resource waits for; in place of what is excluded, what that would have waited for.

    Args:
        resource: The resource.
        excluded: Names of the resources that the run does without.
        inactive: Names of the members of groups that nobody asked for; optional waits for them are left out.
    """
    found: dict[tuple[str, WaitKind, int], Wait] = {}
    replaced = [resource]
    for waiting in replaced:
        for wait in all_waits(waiting):
            if wait.optional and wait.target.name in inactive:
                continue
            if wait.target.name not in excluded:
                found.setdefault((wait.target.name, wait.kind, wait.exit_code), wait)
            elif wait.target not in replaced:
                replaced.append(wait.target)
    return list(found.values())


def notes(resource: Resource, excluded: Collection[str]) -> tuple[str, ...]:
    """What a resource does without, in lines for its log."""
    if not excluded:
        return ()
    lines = [
        f"Not waiting for {wait.target.name}: it is excluded from this run"
        for wait in resource.waits
        if wait.target.name in excluded
    ]
    if isinstance(resource, Workload):
        left_out = {id(source) for source in compose(resource, Mode.RUN, excluded=excluded).left_out}
        for reference in resource.references:
            if id(reference) in left_out:
                lines.append(f"Without the variables of {reference.target.name}: it is excluded from this run")
            elif reference.target.name in excluded:
                lines.append(f"{reference.target.name} is excluded from this run; its address is given all the same")
        lines += [
            f"Without the variable {variable.name}: what it is made of is excluded from this run"
            for variable in resource.environment
            if id(variable) in left_out
        ]
    return tuple(lines)


def check(resource: Resource, excluded: Collection[str]) -> None:
    """See to it that a resource can do without what is excluded.

    Raises:
        UsageError: It needs a value for something else than a variable, or runs in what is excluded.
    """
    if resource.placement.of in excluded:
        raise UsageError(
            f"it runs in {resource.placement.of}, or is reached through it, and that is excluded",
            resource=resource.name,
            remedy=f"Exclude {resource.name} too, or leave {resource.placement.of} in.",
        )
    spared = {id(variable.value) for variable in resource.environment} if isinstance(resource, Workload) else ()
    for value, where in given_values(resource) if excluded else ():
        if id(value) not in spared:
            for leaf in awaited_leaves(value):
                provider = provider_of(leaf).name
                if provider in excluded:
                    raise UsageError(
                        f"it can't do without {leaf.describe()} ({where}), and {provider} is excluded",
                        resource=resource.name,
                        remedy=f"Exclude {resource.name} too, or leave {provider} in.",
                    )
