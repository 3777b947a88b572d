"""Lines for a shell that reads secrets from variables of the container.

A command can be seen by everyone who may look at containers or pods, so a secret in one is a mistake in a definition.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from fairlead.compose.reading.interpolation import Part, Variable
from fairlead.compose.reading.tree import Scalar
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.writing.expressions import Call, Code, Expression, formatted, literal, name


def has_secret(plan: ServicePlan, node: Scalar) -> bool:
    """Whether a text has a secret variable."""
    desk = plan.section.desk
    parts = [part for part in desk.parts(node) if isinstance(part, Variable)]
    return any(desk.variables.is_secret(part, node.scope) for part in parts)


def line(
    plan: ServicePlan, words: Iterable[tuple[Sequence[Part], Scalar]], origin: str, *, is_quoted: bool
) -> Expression:
    """A line for the shell; secrets in it are read from variables, which the container gets for that.

    Args:
        plan: The service.
        words: The words as their parts, each with the text that it comes from.
        origin: Where they stand.
        is_quoted: Whether the words are the shell's already, and not to be quoted for it.
    """
    parts: list[str | Code] = []
    for number, (word, node) in enumerate(words):
        parts += [" "] if number else []
        for part in word:
            if isinstance(part, str):
                parts.append(part if is_quoted else shlex.quote(part))
            elif plan.section.desk.variables.is_secret(part, node.scope):
                parts.append(_variable(plan, part, node, origin))
            else:
                parts.append(plan.section.desk.variables.constant(part, node.scope, node.place))
    return formatted(parts)


def _variable(plan: ServicePlan, variable: Variable, node: Scalar, origin: str) -> str:
    """The shell's word for a secret."""
    if not any(call.method == "with_environment" and _names(call, variable.name) for call in plan.calls):
        value = plan.section.desk.variables.value(variable, node.scope, node.place)
        code = name(value.text) if isinstance(value, Code) else literal(value)
        plan.calls.append(Call("with_environment", (literal(variable.name), code), (), origin))
    reason = f"everyone can see commands, so a shell reads the secret from the variable {variable.name}"
    plan.section.desk.report.changed(origin, node.place, reason)
    return f'"${variable.name}"'


def _names(call: Call, variable: str) -> bool:
    return call.positional[0] == literal(variable)
