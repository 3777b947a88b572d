"""Texts that hold the address which people type, and texts that hold a password.

``http://localhost:8000`` in the variable of one service is what a browser types to reach another one, which has port
8000 of this machine; so it becomes the public address of that endpoint, which a chart knows by its routes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple, TypeAlias
from urllib.parse import quote, unquote

from fairlead.compose.reading.interpolation import Variable, fill
from fairlead.compose.reading.tree import Scalar
from fairlead.compose.translation.desk import Desk
from fairlead.compose.translation.endpoints.endpoints import find_published
from fairlead.compose.translation.plans import EndpointPlan, ServicePlan
from fairlead.compose.writing.expressions import Code, path_of

#: A text, or a value with the name by which ``ref`` knows it.
ValuePart: TypeAlias = str | tuple[str, Code]

_LOCAL = r"localhost|127\.0\.0\.1|0\.0\.0\.0"
#: Variables that hold no address that people type, and ones that hold it even for their own service.
_OWN = re.compile("(?i)health|listen|bind|internal|local_")
_PUBLIC = re.compile("(?i)public|external|domain|site|origin")
_PASSWORD = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")
_HOLE = re.compile("\ue000(\\d+)\ue001")


class Span(NamedTuple):
    """Where a text has an address.

    Args:
        start: Its first character.
        end: The one behind its last.
        part: What stands there instead.
        service: The service that it leads to.
    """

    start: int
    end: int
    part: tuple[str, Code]
    service: str


@dataclass(slots=True)
class PublicAddresses:
    """The addresses that people type.

    Args:
        plans: The services, with their endpoints.
        hosts: The endpoints that a reverse proxy leads to, by host name.
    """

    plans: Mapping[str, ServicePlan]
    hosts: dict[str, tuple[ServicePlan, EndpointPlan]] = field(default_factory=dict)

    def in_text(self, text: str, variable: str, own: str) -> list[Span]:
        """Where a text has such an address.

        Args:
            text: The text, with its variables filled in.
            variable: The variable that gets it, whose name tells whether its own service may be meant.
            own: The service that gets it.
        """
        hosts = "|".join([_LOCAL, *map(re.escape, sorted(self.hosts, key=len, reverse=True))])
        found: list[Span] = []
        for match in re.finditer(rf"(?a)(https?)://({hosts})(?::(\d{{1,5}}))?(?![\w.:-])", text):
            target = self._target(match[1], match[2], match[3])
            if target is not None and (target[0].service != own or not _OWN.search(variable)):
                found.append(_span(match, target, "url"))
        for match in re.finditer(r"(?a)(?<![\w./@:-])localhost:(\d{1,5})(?![\w.:-])", text):
            target = find_published(self.plans, int(match[1]))
            if target is not None and (target[0].service != own or _PUBLIC.search(variable)):
                found.append(_span(match, target, "host"))
        return sorted(found, key=lambda span: span.start)

    def _target(self, scheme: str, host: str, port: str | None) -> tuple[ServicePlan, EndpointPlan] | None:
        if host in self.hosts:
            return self.hosts[host]
        number = int(port) if port else 443 if scheme == "https" else 80
        found = find_published(self.plans, number)
        return found if found is not None and found[1].scheme == scheme else None


def _span(match: re.Match[str], target: tuple[ServicePlan, EndpointPlan], what: str) -> Span:
    """Where an address is, with the code for it: ``public_url`` or ``public_host``."""
    plan, endpoint = target
    code = path_of(plan.variable, f'.endpoint("{endpoint.name}").public_{what}')
    return Span(match.start(), match.end(), (f"{plan.variable}_{what}", code), plan.service)


def value_parts(node: Scalar, variable: str, own: str, desk: Desk, addresses: PublicAddresses) -> list[ValuePart]:
    """The parts of a variable's value: texts, parameters, public addresses, secrets.

    Args:
        node: The value.
        variable: The name of the variable that has it.
        own: The service that gets it.
        desk: The variables and the report.
        addresses: The addresses that people type.
    """
    parts = desk.parts(node)
    texts = [fill([part], node.scope.variables) for part in parts]
    ends = list(accumulate(map(len, texts)))
    spans = addresses.in_text(desk.peek(node), variable, own)
    found: list[ValuePart] = []
    for part, text, end in zip(parts, texts, ends, strict=True):
        start = end - len(text)
        within = [span for span in spans if span.start < end and span.end > start]
        if isinstance(part, str) or within:
            found += _cut(text, start, within)
        if isinstance(part, Variable) and within:
            reason = f"its value holds the address at which people find {within[0].service!r}, so it is no parameter"
            desk.report.changed(f"${{{part.name}}}", node.place, reason)
        elif isinstance(part, Variable):
            known = desk.variables.value(part, node.scope, node.place)
            found.append(known if isinstance(known, str) else (known.text.lower(), known))
    return _with_secrets(found, variable, desk)


def _cut(text: str, start: int, within: list[Span]) -> list[ValuePart]:
    """A text with the addresses in it taken out; one that began in an earlier part is there already."""
    found: list[ValuePart] = []
    position = 0
    for span in within:
        found.append(text[position : max(span.start - start, 0)])
        if span.start >= start:
            found.append(span.part)
        position = min(span.end - start, len(text))
    return [part for part in [*found, text[position:]] if part]


def _with_secrets(parts: list[ValuePart], variable: str, desk: Desk) -> list[ValuePart]:
    """The parts with passwords of URLs as parameters."""
    codes = [part for part in parts if isinstance(part, tuple)]
    numbers = iter(range(len(codes)))
    joined = "".join(part if isinstance(part, str) else f"\ue000{next(numbers)}\ue001" for part in parts)
    found: list[ValuePart] = []
    position = 0
    for match in _PASSWORD.finditer(joined):
        if "\ue000" in match[1]:
            continue
        plan = desk.variables.secret(f"{variable}-password", unquote(match[1]))
        form = f"{plan.variable}:uri" if quote(plan.default or "", safe="") == match[1] else plan.variable
        found += [joined[position : match.start(1)], (form, Code(plan.variable, frozenset({plan.variable})))]
        position = match.end(1)
    return [*_unjoined([*found, joined[position:]], codes)]


def _unjoined(parts: list[ValuePart], codes: list[tuple[str, Code]]) -> list[ValuePart]:
    found: list[ValuePart] = []
    for part in parts:
        if not isinstance(part, str):
            found.append(part)
            continue
        position = 0
        for hole in _HOLE.finditer(part):
            found += [part[position : hole.start()], codes[int(hole[1])]]
            position = hole.end()
        found.append(part[position:])
    return [part for part in found if part]
