"""Ports of a service, in their short form (``127.0.0.1:8080:80/tcp``) and their long one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fairlead.compose.reading.interpolation import Variable
from fairlead.compose.reading.tree import Entries, Items, Place, Scalar
from fairlead.compose.translation.section import Section
from fairlead.compose.writing.expressions import Code, Expression

_SHORT = re.compile(
    r"(?a)(?:(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[0-9.]+|[0-9a-fA-F:]+):)?(?P<published>\d+(?:-\d+)?)?:)?"
    r"(?P<target>\d+(?:-\d+)?)(?:/(?P<protocol>tcp|udp|sctp))?"
)
_LOOPBACK = ("127.0.0.1", "::1", "[::1]", "localhost")
_MOST = 64


class Port(NamedTuple):
    """One port of a container.

    Args:
        target: Where the program listens.
        published: The port of this machine; None for any, or none.
        code: What the app file says for ``published``.
        protocol: ``tcp`` or ``udp``.
        is_open: Whether other machines may use it.
        is_published: Whether this machine has it at all.
        name: A name for it; empty for none.
        scheme: ``http`` or ``https`` where the file says so, else empty.
        path: Where it stands in the file.
        place: Its line.
    """

    target: int
    published: int | None
    code: Expression | None
    protocol: str
    is_open: bool
    is_published: bool
    name: str
    scheme: str
    path: str
    place: Place


def ports_of(section: Section) -> list[Port]:
    """The ports that a service publishes or exposes, those that are published first."""
    found: list[Port] = []
    for path, node in section.items("ports"):
        if isinstance(node, Scalar):
            found += _short(section, path, node, is_published=True)
        elif isinstance(node, Entries):
            found += _long(Section(node, path, section.desk))
        else:
            assert isinstance(node, Items)
            section.desk.mistakes.wrong_kind(path, node, "a port, or a mapping with 'target'")
    for path, node in section.items("expose"):
        if isinstance(node, Scalar):
            found += _short(section, path, node, is_published=False)
        else:
            section.desk.mistakes.wrong_kind(path, node, "a port")
    return found


def _short(section: Section, path: str, node: Scalar, is_published: bool) -> Iterator[Port]:
    text = section.desk.peek(node).strip()
    parts = _SHORT.fullmatch(text)
    if parts is None or parts["protocol"] == "sctp":
        section.desk.report.lost(path, node.place, f"{text!r} is no port that can be published")
        return
    code = _published_code(section, path, node)
    host = parts["ip"] or ""
    pairs = _pairs(parts["published"], parts["target"])
    if pairs is None:
        section.desk.report.lost(path, node.place, f"{text!r} has too many ports, or ranges that differ in length")
        return
    _report_address(section, path, node.place, host)
    for published, target in pairs:
        known = code if len(pairs) == 1 else None
        yield Port(
            target,
            published,
            known or (Code(str(published)) if published is not None else None),
            parts["protocol"] or "tcp",
            is_published and host not in _LOOPBACK,
            is_published,
            "",
            "",
            path,
            node.place,
        )


def _published_code(section: Section, path: str, node: Scalar) -> Expression | None:
    """What is written for the port of this machine where that is one variable; else all variables are filled in."""
    desk = section.desk
    parts = desk.parts(node)
    if len(parts) == 2 and isinstance(parts[0], Variable) and re.fullmatch(r"(?a):\d+(/\w+)?", str(parts[1])):
        constant = desk.variables.constant(parts[0], node.scope, node.place)
        return Code(f"int({constant.text})", constant.uses) if isinstance(constant, Code) else None
    desk.plain(node, path)
    return None


def _pairs(published: str | None, target: str) -> list[tuple[int | None, int]] | None:
    """Ports of this machine with those of the container; None where two ranges don't fit."""
    inside = _range(target)
    outside = _range(published) if published else None
    if len(inside) > _MOST or not all(0 < port < 65536 for port in [*inside, *(outside or [])]):
        return None
    if outside is None:
        return [(None, port) for port in inside]
    if len(inside) == 1 and len(outside) > 1:
        return [(outside[0], inside[0])]
    return list(zip(outside, inside, strict=True)) if len(outside) == len(inside) else None


def _range(text: str) -> list[int]:
    first, _, last = text.partition("-")
    start, end = int(first), int(last or first)
    return list(range(start, min(end, start + _MOST + 1) + 1)) or [start]


def _long(section: Section) -> Iterator[Port]:
    target = section.number("target")
    published_node = section.scalar("published")
    code = None
    published = None
    if published_node is not None:
        text = section.desk.peek(published_node)
        found = re.fullmatch(r"(?a)(\d+)(-\d+)?", text)
        published = int(found[1]) if found and 0 < int(found[1]) < 65536 else None
        whole = section.desk.parts(published_node)
        if len(whole) == 1 and isinstance(whole[0], Variable) and published is not None and not (found and found[2]):
            constant = section.desk.variables.constant(whole[0], published_node.scope, published_node.place)
            code = Code(f"int({constant.text})", constant.uses) if isinstance(constant, Code) else None
        else:
            section.desk.plain(published_node, section.at("published"))
        if published is None or (found and found[2]):
            section.lost("published", f"{text!r} is not one port")
    protocol = section.text("protocol") or "tcp"
    if protocol not in ("tcp", "udp"):
        section.lost("protocol", f"{protocol!r} can't be published")
    host = section.text("host_ip") or ""
    name = section.text("name") or ""
    scheme = section.text("app_protocol") or ""
    if scheme and scheme not in ("http", "https"):
        section.unneeded("app_protocol", "it is reached by its port, whatever it speaks")
    section.unneeded("mode", "there is one way to publish a port")
    section.close()
    if target is None or not 0 < target < 65536:
        section.desk.report.lost(section.path, section.node.place, "it has no port of the container")
        return
    _report_address(section, section.path, section.node.place, host)
    yield Port(
        target,
        published,
        code or (Code(str(published)) if published is not None else None),
        protocol if protocol in ("tcp", "udp") else "tcp",
        host not in _LOOPBACK,
        True,
        name,
        scheme if scheme in ("http", "https") else "",
        section.path,
        section.node.place,
    )


def _report_address(section: Section, path: str, place: Place, host: str) -> None:
    """Report an address of this machine that is neither all of them nor the loopback."""
    if host and host not in ("0.0.0.0", "::", "[::]", "127.0.0.1"):
        reason = f"a port is bound to 127.0.0.1 or to all addresses of this machine, not to {host}"
        section.desk.report.changed(path, place, reason)
