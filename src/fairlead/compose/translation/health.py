"""The health check of a service."""

from __future__ import annotations

import shlex

from fairlead.compose.reading.interpolation import Variable
from fairlead.compose.reading.tree import Items, Scalar
from fairlead.compose.translation.amounts import seconds
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.section import Section
from fairlead.compose.writing.expressions import Call, Code, Expression, formatted, listed, literal, name
from fairlead.model.env_file import names_secret

_NONE = "it can't be taken from an image; a resource has the checks that it is given"


def add_health(plan: ServicePlan) -> None:
    """Give a service its health check."""
    health = plan.section.section("healthcheck")
    if health is None:
        return
    test = health.take("test")
    is_off = health.flag("disable") is True
    command = None
    if is_off:
        health.unneeded("disable", _NONE)
        health.unneeded("test", "the check is disabled")
    elif test is not None:
        command = _command(plan, health, test)
    keywords = _numbers(health, command is not None)
    health.lost("start_interval", "a run checks as often as it takes until a resource is healthy")
    health.close()
    if command is not None:
        shared = plan.section.shared("healthcheck")
        call = Call("with_command_health_check", (command,), tuple(keywords), health.at("test"), shared)
        plan.calls.append(call)


def _numbers(health: Section, has_command: bool) -> list[tuple[str, Expression]]:
    """The times and retries; without a command they would be those of the image's own check."""
    found: list[tuple[str, Expression]] = []
    for key in ("interval", "timeout", "retries", "start_period"):
        text = health.text(key)
        if text is None:
            continue
        number = seconds(text) if key != "retries" else health.number(key)
        if not has_command:
            health.lost(key, "there is no check here that it could be for")
        elif number is None:
            health.lost(key, f"{text!r} is no duration" if key != "retries" else f"{text!r} is no whole number")
        elif number > 0:
            found.append((key, literal(number)))
        else:
            health.unneeded(key, "nothing is what it is without a word about it")
    return found


def _command(plan: ServicePlan, health: Section, test: Scalar | Items | object) -> Expression | None:
    if isinstance(test, Scalar):
        return _line(plan, [test]) if test.text else None
    if not isinstance(test, Items) or not all(isinstance(item, Scalar) for item in test.items):
        health.desk.mistakes.wrong_kind(health.at("test"), test, "a text, or a list that begins with CMD")  # type: ignore[arg-type]
        return None
    words = [item for item in test.items if isinstance(item, Scalar)]
    kind = words[0].text if words else "NONE"
    if kind == "CMD-SHELL" and len(words) == 2:
        return _line(plan, words[1:])
    if kind == "CMD" and len(words) > 1:
        is_secret = any(_secrets(plan, word) for word in words)
        return _line(plan, words[1:], join=True) if is_secret else listed(health.desk.fixed(word) for word in words[1:])
    if kind == "NONE":
        health.unneeded("test", _NONE)
    else:
        health.lost("test", "it is a list that begins neither with CMD nor with CMD-SHELL and one line")
    return None


def _secrets(plan: ServicePlan, node: Scalar) -> list[Variable]:
    """The secret variables of a text."""
    parts = plan.section.desk.parts(node)
    return [part for part in parts if isinstance(part, Variable) and names_secret(part.name, "")]


def _line(plan: ServicePlan, nodes: list[Scalar], *, join: bool = False) -> Expression:
    """A line for the shell. A secret in it is read from a variable of the container, which it gets for that."""
    parts: list[str | Code] = []
    for number, node in enumerate(nodes):
        parts += [" "] if number else []
        for part in plan.section.desk.parts(node):
            if isinstance(part, str):
                parts.append(shlex.quote(part) if join else part)
            elif names_secret(part.name, ""):
                parts.append(_variable(plan, part, node))
            else:
                constant = plan.section.desk.variables.constant(part, node.scope, node.place)
                parts.append(constant)
    return formatted(parts)


def _variable(plan: ServicePlan, variable: Variable, node: Scalar) -> str:
    """The shell's word for a secret."""
    if not any(call.method == "with_environment" and _names(call, variable.name) for call in plan.calls):
        value = plan.section.desk.variables.value(variable, node.scope, node.place)
        code = name(value.text) if isinstance(value, Code) else literal(value)
        origin = plan.section.at("healthcheck.test")
        plan.calls.append(Call("with_environment", (literal(variable.name), code), (), origin))
        reason = f"its command reads the secret from the variable {variable.name}, which the container gets for it"
        plan.section.desk.report.changed(origin, node.place, reason)
    return f'"${variable.name}"'


def _names(call: Call, variable: str) -> bool:
    return call.positional[0] == literal(variable)
