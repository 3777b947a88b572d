"""The health check of a service."""

from __future__ import annotations

from fairlead.compose.reading.tree import Items, Scalar
from fairlead.compose.translation.amounts import seconds
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.programs.shell_lines import has_secret, line
from fairlead.compose.translation.section import Section
from fairlead.compose.writing.expressions import Call, Expression, listed, literal


def add_health(plan: ServicePlan) -> None:
    """Give a service its health check."""
    health = plan.section.section("healthcheck")
    if health is None:
        return
    test = health.take("test")
    is_off = health.flag("disable") is True
    command = None
    if is_off:
        health.unneeded("test", "the check is disabled")
        _disable(plan, health, "disable")
    elif test is not None:
        command = _command(plan, health, test)
    keywords = _numbers(health, command is not None)
    health.lost("start_interval", "a run checks as often as it takes until a resource is healthy")
    health.close()
    if command is not None:
        shared = plan.section.shared("healthcheck")
        call = Call("with_command_health_check", (command,), tuple(keywords), health.at("test"), shared)
        plan.calls.append(call)


def _disable(plan: ServicePlan, health: Section, key: str) -> None:
    """Have the check of the image not count."""
    call = Call("with_image_health_check", (literal(False),), (), health.at(key), plan.section.shared("healthcheck"))
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
        return _line(plan, health, [test]) if test.text else None
    if not isinstance(test, Items) or not all(isinstance(item, Scalar) for item in test.items):
        health.desk.mistakes.wrong_kind(health.at("test"), test, "a text, or a list that begins with CMD")  # type: ignore[arg-type]
        return None
    words = [item for item in test.items if isinstance(item, Scalar)]
    kind = words[0].text if words else "NONE"
    if kind == "CMD-SHELL" and len(words) == 2:
        return _line(plan, health, words[1:])
    if kind == "CMD" and len(words) > 1:
        if any(has_secret(plan, word) for word in words):
            return _line(plan, health, words[1:], is_quoted=False)
        return listed(health.desk.fixed(word) for word in words[1:])
    if kind == "NONE":
        _disable(plan, health, "test")
    else:
        health.lost("test", "it is a list that begins neither with CMD nor with CMD-SHELL and one line")
    return None


def _line(plan: ServicePlan, health: Section, nodes: list[Scalar], *, is_quoted: bool = True) -> Expression:
    words = [(health.desk.parts(node), node) for node in nodes]
    return line(plan, words, health.at("test"), is_quoted=is_quoted)
