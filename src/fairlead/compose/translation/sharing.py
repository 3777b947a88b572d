"""Anchors of YAML as Python: variables that several services share are a dictionary, other calls a function.

Calls of several services are shared only if they are the same, so what an override changes for one stays its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairlead.compose.translation.naming import Variables
from fairlead.compose.translation.plans import ServicePlan, SharedPlan
from fairlead.compose.writing.expressions import Bracketed, Call, Code, Expression, name

_FEWEST = 2


def share(plans: Sequence[ServicePlan], python: Variables) -> list[SharedPlan]:
    """Take out what anchors give to several services, and let these use it."""
    resources = {plan.variable for plan in plans}
    anchors = dict.fromkeys(call.shared for plan in plans for call in plan.calls if call.shared is not None)
    known = [anchor for anchor in anchors if anchor is not None]
    variables = [plan for anchor in known for plan in _shared_environment(anchor, plans, resources, python)]
    return variables + [plan for anchor in known for plan in _shared_calls(anchor, plans, resources, python)]


def _candidates(anchor: str, plan: ServicePlan, resources: set[str], *, environment: bool) -> Iterator[Call]:
    """The calls of a service that an anchor gives it and that need no other resource."""
    for call in plan.calls:
        if call.shared == anchor and (call.method == "with_environment") == environment and not call.uses & resources:
            yield call


def _common(anchor: str, plans: Sequence[ServicePlan], resources: set[str], *, environment: bool) -> list[Call]:
    """The calls that all services with an anchor have from it, if they are several."""
    users = [list(_candidates(anchor, plan, resources, environment=environment)) for plan in plans]
    users = [calls for calls in users if calls]
    if len(users) < 2:
        return []
    keys = [{_key(call) for call in calls} for calls in users]
    shared = [call for call in users[0] if all(_key(call) in known for known in keys)]
    return shared if len(shared) >= _FEWEST else []


def _key(call: Call) -> tuple[object, ...]:
    return call.method, call.positional, call.keywords


def _users(plans: Sequence[ServicePlan], anchor: str, shared: Sequence[Call]) -> Iterator[ServicePlan]:
    """The services that have all of the calls from an anchor, which are taken out of their own."""
    for plan in plans:
        if _has_all(plan, anchor, shared):
            plan.calls = _without(plan.calls, anchor, shared)
            yield plan


def _has_all(plan: ServicePlan, anchor: str, shared: Sequence[Call]) -> bool:
    own = {_key(call) for call in plan.calls if call.shared == anchor}
    return all(_key(call) in own for call in shared)


def _shared_environment(
    anchor: str, plans: Sequence[ServicePlan], resources: set[str], python: Variables
) -> Iterator[SharedPlan]:
    shared = _common(anchor, plans, resources, environment=True)
    if not shared:
        return
    variable = python.add(anchor.replace("-", "_").lower())
    for plan in _users(plans, anchor, shared):
        plan.start = _with_environment(plan.start, variable)
    entries = tuple((_text(call.positional[0]), call.positional[1]) for call in shared)
    yield SharedPlan(variable, anchor, entries)


def _shared_calls(
    anchor: str, plans: Sequence[ServicePlan], resources: set[str], python: Variables
) -> Iterator[SharedPlan]:
    shared = _common(anchor, plans, resources, environment=False)
    if not shared:
        return
    variable = python.add(f"with_{anchor}".replace("-", "_").lower())
    for plan in _users(plans, anchor, shared):
        plan.start = Bracketed(f"{variable}(", (("", plan.start),), ")", uses=frozenset({variable}))
    yield SharedPlan(variable, anchor, None, list(shared))


def _without(calls: list[Call], anchor: str, shared: Sequence[Call]) -> list[Call]:
    keys = {_key(call) for call in shared}
    return [call for call in calls if call.shared != anchor or _key(call) not in keys]


def _with_environment(start: Expression, variable: str) -> Expression:
    """What adds a resource, with a dictionary of variables more."""
    assert isinstance(start, Bracketed)
    known = next((index for index, (before, _) in enumerate(start.parts) if before == "env="), None)
    if known is None:
        return start._replace(parts=(*start.parts, ("env=", name(variable))))
    joined = start.parts[known][1]
    assert isinstance(joined, Code)
    text = f"{joined.text} | {variable}"
    merged = Code(text, joined.uses | {variable})
    return start._replace(parts=tuple(("env=", merged) if i == known else part for i, part in enumerate(start.parts)))


def _text(expression: Expression) -> str:
    """The text that a literal stands for."""
    assert isinstance(expression, Code)
    import ast

    return str(ast.literal_eval(expression.text))
