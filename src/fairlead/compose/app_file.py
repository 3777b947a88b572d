"""The text of an app file, and which call each of its lines belongs to."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from fairlead.compose.translation.plans import AppPlan, ServicePlan, SharedPlan
from fairlead.compose.translation.report import Remark
from fairlead.compose.translation.variables import ParameterPlan
from fairlead.compose.writing.expressions import (
    Call,
    Code,
    Expression,
    called,
    literal,
    mapping,
    name,
    names_in,
    quoted,
    texts_in,
)
from fairlead.compose.writing.layout import WIDTH, chain_lines, lines_of

_INDENT = 4
_TITLES = {
    "lost": "What has no counterpart here, and why",
    "changed": "What is said in another way",
    "unneeded": "What nobody has to say",
}


@dataclass(slots=True)
class AppFileText:
    """An app file.

    Args:
        text: Its text.
        calls: The list that a line's call is in, and the call, by the number of the line.
        starts: The service that a line adds, by the number of the line.
    """

    text: str
    calls: dict[int, tuple[list[Call], Call]]
    starts: dict[int, ServicePlan]


@dataclass(slots=True)
class _Writer:
    """Collects lines."""

    lines: list[str] = field(default_factory=list)
    calls: dict[int, tuple[list[Call], Call]] = field(default_factory=dict)
    starts: dict[int, ServicePlan] = field(default_factory=dict)

    def add(self, *lines: str) -> None:
        self.lines += lines

    def statement(
        self, target: str, start: Expression, calls: Sequence[Call], owner: list[Call], plan: ServicePlan | None = None
    ) -> None:
        """A statement, with the calls on its lines noted."""
        for line, number in chain_lines(target, start, calls, _INDENT):
            self.lines.append(line)
            if number is not None:
                self.calls[len(self.lines)] = (owner, calls[number])
            if plan is not None:
                self.starts[len(self.lines)] = plan


def write_app_file(plan: AppPlan) -> AppFileText:
    """The text of an app file."""
    used = frozenset[str]().union(*map(names_in, plan.expressions()))
    writer = _Writer()
    body = _Writer()
    _write_parameters(plan.parameters, used, body)
    for image in plan.images:
        body.statement(f"{image.variable} = ", image.start, [], [])
        body.add("")
    for shared in plan.shared:
        _write_shared(shared, body)
    _write_services(plan, used, body)
    _write_routes(plan.routes, body)
    while body.lines and not body.lines[-1]:
        body.lines.pop()
    _write_head(plan, used, "\n".join(body.lines), writer)
    offset = len(writer.lines)
    writer.add(*body.lines, "", "", 'if __name__ == "__main__":', f"    {plan.function}.main()")
    writer.add(*_foot(plan))
    return AppFileText(
        "\n".join(writer.lines) + "\n",
        {offset + line: entry for line, entry in body.calls.items()},
        {offset + line: service for line, service in body.starts.items()},
    )


def _write_head(plan: AppPlan, used: frozenset[str], body: str, writer: _Writer) -> None:
    sources = ", ".join(plan.sources)
    writer.add(f'"""What the app consists of: written by `fairlead import` from {sources}.', "")
    writer.add("`fairlead run` starts it, `fairlead publish` writes its Helm chart.", '"""', "")
    words = {"AppBuilder", "apphost"}
    words |= {word for word in ("ref", "ContainerFile") if f"{word}(" in body}
    words |= {word for word in ("ValueLike", "Container") if f": dict[str, {word}]" in body or f"-> {word}:" in body}
    writer.add(f"from fairlead import {', '.join(sorted(words, key=_import_order))}")
    constants = [constant for constant in plan.constants if constant.variable in used]
    if constants:
        writer.add("")
    for constant in constants:
        writer.add(f"{constant.variable} = {quoted(constant.text)}")
    writer.add("", "", "@apphost", f"def {plan.function}(app: AppBuilder) -> None:")


def _import_order(word: str) -> tuple[bool, str]:
    """Classes before functions, as import sorters have it."""
    return word[0].islower(), word


def _write_parameters(parameters: Iterable[ParameterPlan], used: frozenset[str], writer: _Writer) -> None:
    known = [parameter for parameter in parameters if parameter.variable in used]
    for parameter in known:
        parts = [("", literal(parameter.name))]
        if parameter.default is not None:
            parts.append(("", literal(parameter.default)))
        if parameter.secret:
            parts.append(("secret", Code("True")))
        if parameter.description:
            parts.append(("description", literal(parameter.description)))
        writer.statement(f"{parameter.variable} = ", called("app.add_parameter", parts), [], [])
    if known:
        writer.add("")


def _write_shared(shared: SharedPlan, writer: _Writer) -> None:
    if shared.environment is not None:
        is_plain = all(not names_in(value) and _is_text(value) for _, value in shared.environment)
        kind = "str" if is_plain else "ValueLike"
        dictionary = mapping(shared.environment)
        writer.add(*lines_of(dictionary, _INDENT, f"{shared.variable}: dict[str, {kind}] = "), "")
        return
    writer.add(f"    def {shared.variable}(container: Container) -> Container:")
    first = len(writer.lines)
    writer.statement("    return ", Code("container"), shared.calls, shared.calls)
    for number in range(first, len(writer.lines)):
        line = writer.lines[number]
        # A function is one step further in than what it is written with.
        writer.lines[number] = line if number == first else f"    {line}"
    writer.add("")


def _is_text(expression: Expression) -> bool:
    return all(text[:1] in "\"'(" or text in ("", ")") for text in texts_in(expression))


def _write_services(plan: AppPlan, used: frozenset[str], writer: _Writer) -> None:
    """Each service with what is called on it; what needs one further down comes at the end."""
    later: list[tuple[ServicePlan, list[Call]]] = []
    resources = {service.variable for service in plan.services}
    postponed = _postponed(plan.services, resources)
    for service in plan.services:
        calls = [call for call in service.calls if call not in postponed.get(service.variable, [])]
        if postponed.get(service.variable):
            later.append((service, postponed[service.variable]))
        is_named = service.variable in used or service.variable in postponed
        target = f"{service.variable} = " if is_named else ""
        writer.statement(target, service.start, calls, service.calls, service)
        writer.add("")
    for service, calls in later:
        for call in calls:
            writer.statement("", name(service.variable), [call], service.calls)
    if later:
        writer.add("")


def _postponed(services: Sequence[ServicePlan], resources: set[str]) -> dict[str, list[Call]]:
    """The calls that need the service itself, or one that is declared further down."""
    found: dict[str, list[Call]] = {}
    declared: set[str] = set()
    for service in services:
        calls = [call for call in service.calls if (call.uses & resources) - declared]
        if calls:
            found[service.variable] = calls
        declared.add(service.variable)
    return found


def _write_routes(routes: list[Call], writer: _Writer) -> None:
    if routes:
        writer.add('    kubernetes = app.add_kubernetes_environment("kubernetes")')
        writer.statement("", called("kubernetes.add_ingress", [("", literal("ingress"))]), routes, routes)


def _foot(plan: AppPlan) -> Iterator[str]:
    """What the app file does not say, as comments."""
    if not plan.remarks:
        return
    yield from ("", f"# What {', '.join(plan.sources)} says and this file does not:")
    for fate, title in _TITLES.items():
        remarks = [remark for remark in plan.remarks if remark.fate == fate]
        if remarks:
            yield from ("#", f"# {title}:")
            yield from (f"# {line}" for line in remark_lines(remarks, WIDTH - 2))


def remark_lines(remarks: Iterable[Remark], width: int) -> Iterator[str]:
    """Remarks as lines; those with one reason together."""
    reasons: dict[str, list[Remark]] = {}
    for remark in remarks:
        reasons.setdefault(remark.reason, []).append(remark)
    for reason, together in reasons.items():
        where = ", ".join(f"{remark.path} ({remark.place})" if remark.place else remark.path for remark in together)
        text = " ".join(f"- {where}: {reason}".split())
        yield from textwrap.wrap(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
