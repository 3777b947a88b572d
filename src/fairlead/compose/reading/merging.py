"""How one file overrides another, by Compose's rules.

Mappings are merged, lists appended; commands are replaced; what may be written as a list or as a mapping is merged as a
mapping; ports, mounts, secrets and devices are one for each target. ``!reset`` removes, ``!override`` replaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from fairlead.compose.reading.interpolation import TemplateError, fill, parse_template
from fairlead.compose.reading.tree import Entries, Items, Node, Scalar, ScalarKind, is_null

Merge: TypeAlias = Callable[[Node, Node, str], Node]
Key: TypeAlias = Callable[[Node], str]


def merge(below: Node, above: Node, path: str = "") -> Node:
    """Merge what an override says into what it overrides.

    Args:
        below: What is overridden.
        above: What overrides it, and wins.
        path: Where both are, keys joined by dots, with ``*`` for names that the user gave.
    """
    if above.overriding == "override" or is_null(below):
        return above
    if is_null(above):
        return below
    special = _RULES.get(path)
    if special is not None:
        return special(below, above, path)
    if isinstance(below, Entries) and isinstance(above, Entries):
        return _mappings(below, above, path)
    if isinstance(below, Items) and isinstance(above, Items):
        return _appended(below, above, path)
    return above


def merge_files(below: Entries, above: Entries) -> Entries:
    """Merge a whole file into another."""
    merged = _mappings(below, above, "")
    assert isinstance(merged, Entries)
    return merged


def merge_services(below: Entries, above: Entries) -> Entries:
    """Merge a service into one that it extends."""
    merged = merge(below, above, "services.*")
    assert isinstance(merged, Entries)
    return merged


def without_resets(node: Node) -> Node:
    """The tree without what ``!reset`` says of things that nothing below has."""
    if isinstance(node, Entries):
        kept = {key: without_resets(child) for key, child in node.entries.items() if child.overriding != "reset"}
        return replace(node, entries=kept)
    if isinstance(node, Items):
        return replace(node, items=[without_resets(child) for child in node.items if child.overriding != "reset"])
    return node


def _child(path: str, key: str) -> str:
    """The path of an entry. Below these are names that the user gave."""
    if path in ("services", "jobs", "networks", "volumes", "secrets", "configs", "models"):
        return f"{path}.*"
    return f"{path}.{key}" if path else key


def _mappings(below: Node, above: Node, path: str) -> Node:
    assert isinstance(below, Entries) and isinstance(above, Entries)
    entries = dict(below.entries)
    shared = dict(below.shared)
    for key, value in above.entries.items():
        shared.pop(key, None)
        if value.overriding == "reset":
            entries.pop(key, None)
            continue
        entries[key] = merge(entries[key], value, _child(path, key)) if key in entries else value
        if key in above.shared:
            shared[key] = above.shared[key]
    return replace(above, entries=entries, shared=shared, anchor=below.anchor if not above.entries else None)


def _appended(below: Node, above: Node, path: str) -> Node:
    assert isinstance(below, Items) and isinstance(above, Items)
    return replace(above, items=[*below.items, *above.items], anchor=None)


def _replaced(below: Node, above: Node, path: str) -> Node:
    return above


def _texts(below: Node, above: Node, path: str) -> Node:
    """What may be one text or a list of them: appended, each once."""
    first, second = as_list(below), as_list(above)
    if first is None or second is None:
        return above
    known = {child.text for child in first.items if isinstance(child, Scalar)}
    added = [child for child in second.items if not (isinstance(child, Scalar) and child.text in known)]
    return replace(second, items=[*first.items, *added], anchor=None)


def _pairs(separators: str) -> Merge:
    """What may be a mapping or a list of ``name=value``: merged as a mapping."""

    def merged(below: Node, above: Node, path: str) -> Node:
        first, second = as_mapping(below, separators), as_mapping(above, separators)
        return above if first is None or second is None else _mappings(first, second, path)

    return merged


def _hosts(below: Node, above: Node, path: str) -> Node:
    """Hosts, which may have several addresses each: appended, each pair once."""
    first, second = _host_list(below), _host_list(above)
    return above if first is None or second is None else _texts(first, second, path)


def _host_list(node: Node) -> Items | None:
    """Hosts as a list of ``name=address``."""
    if not isinstance(node, Entries):
        return node if isinstance(node, Items) else None
    pairs: list[Node] = []
    for name, child in node.entries.items():
        for address in child.items if isinstance(child, Items) else [child]:
            if not isinstance(address, Scalar):
                return None
            pairs.append(replace(address, text=f"{name}={address.text}"))
    return Items(pairs, node.place, node.scope, node.overriding)


def _wrapped(convert: Callable[[Node], Entries | None]) -> Merge:
    """What has a short form: merged in its long one."""

    def merged(below: Node, above: Node, path: str) -> Node:
        first, second = convert(below), convert(above)
        return above if first is None or second is None else _mappings(first, second, path)

    return merged


def _unique(key_of: Key) -> Merge:
    """A list with one entry for each key; the later one takes the place of the earlier."""

    def merged(below: Node, above: Node, path: str) -> Node:
        if not isinstance(below, Items) or not isinstance(above, Items):
            return above
        found: dict[str, Node] = {}
        for child in [*below.items, *above.items]:
            key = key_of(child)
            known = found.get(key)
            both = isinstance(known, Entries) and isinstance(child, Entries)
            found[key] = _mappings(known, child, f"{path}[]") if both and known is not None else child
        return replace(above, items=list(found.values()), anchor=None)

    return merged


def _logging(below: Node, above: Node, path: str) -> Node:
    """Options of one driver mean nothing to another."""
    if isinstance(below, Entries) and isinstance(above, Entries):
        first, second = (_text_at(node, "driver") for node in (below, above))
        if not first or not second or first == second:
            return _mappings(below, above, path)
    return above


def as_list(node: Node) -> Items | None:
    """A list, or one text as a list of one."""
    if isinstance(node, Items):
        return node
    return Items([node], node.place, node.scope) if isinstance(node, Scalar) else None


def as_mapping(node: Node, separators: str = "=") -> Entries | None:
    """A mapping, or a list of ``name=value`` as one; None for something else.

    Args:
        node: What the file has.
        separators: The characters that may stand between name and value; the first one found counts.
    """
    if isinstance(node, Entries):
        return node
    if not isinstance(node, Items):
        return None
    entries: dict[str, Node] = {}
    for child in node.items:
        if not isinstance(child, Scalar):
            return None
        name, found, value = _split(child.text, separators)
        kind: ScalarKind = "text" if found else "null"
        entries[name] = replace(child, text=value, kind=kind)
    return Entries(entries, node.place, node.scope, node.overriding, node.anchor)


def _split(text: str, separators: str) -> tuple[str, str, str]:
    """A pair; the separators inside of ``${…}`` are none."""
    found = re.match(
        rf"((?:\$\{{[^}}]*\}}|[^{re.escape(separators)}])*)([{re.escape(separators)}])(.*)", text, re.DOTALL
    )
    return (found[1], found[2], found[3]) if found else (text, "", "")


def as_build(node: Node) -> Entries | None:
    """``build`` in its long form."""
    return _wrap(node, "context")


def as_dependencies(node: Node) -> Entries | None:
    """``depends_on`` in its long form."""
    return _named(node, {"condition": "service_started"})


def as_names(node: Node) -> Entries | None:
    """``networks`` and ``models`` of a service in their long form."""
    return _named(node, None)


def _wrap(node: Node, key: str) -> Entries | None:
    if isinstance(node, Entries):
        return node
    return Entries({key: node}, node.place, node.scope) if isinstance(node, Scalar) else None


def _named(node: Node, value: dict[str, str] | None) -> Entries | None:
    if isinstance(node, Entries):
        return node
    if not isinstance(node, Items) or not all(isinstance(child, Scalar) for child in node.items):
        return None
    entries: dict[str, Node] = {}
    for child in node.items:
        assert isinstance(child, Scalar)
        inner: dict[str, Node] = {
            key: Scalar(text, "text", child.place, child.scope, is_literal=True) for key, text in (value or {}).items()
        }
        entries[_filled(child)] = Entries(inner, child.place, child.scope)
    return Entries(entries, node.place, node.scope, node.overriding, node.anchor)


def _filled(node: Scalar) -> str:
    try:
        return fill(parse_template(node.text), node.scope.variables)
    except TemplateError:
        return node.text


def _text_at(node: Entries, *keys: str) -> str:
    child = next((node.entries[key] for key in keys if key in node.entries), None)
    return _filled(child) if isinstance(child, Scalar) else ""


def _port_key(node: Node) -> str:
    """Address, target, published port and protocol."""
    if isinstance(node, Entries):
        return ":".join(
            [
                _text_at(node, "host_ip"),
                _text_at(node, "published"),
                _text_at(node, "target"),
                _text_at(node, "protocol") or "tcp",
            ]
        )
    if not isinstance(node, Scalar):
        return repr(id(node))
    text, _, protocol = _filled(node).partition("/")
    rest, _, target = text.rpartition(":")
    host, _, published = rest.rpartition(":")
    return f"{host}:{published}:{target}:{protocol or 'tcp'}"


def mount_key(node: Node) -> str:
    """The path in the container."""
    if isinstance(node, Entries):
        return _text_at(node, "target")
    if not isinstance(node, Scalar):
        return repr(id(node))
    parts = _filled(node).split(":")
    return parts[0] if len(parts) == 1 else parts[1]


def _file_key(folder: str) -> Key:
    """The path at which a config or secret is found."""

    def key(node: Node) -> str:
        if isinstance(node, Entries):
            source, target = _text_at(node, "source"), _text_at(node, "target")
        else:
            source, target = (_filled(node), "") if isinstance(node, Scalar) else (repr(id(node)), "")
        target = target or source
        return target if target.startswith("/") else folder + target

    return key


def _text_key(node: Node) -> str:
    return _filled(node) if isinstance(node, Scalar) else repr(id(node))


def _device_key(node: Node) -> str:
    if isinstance(node, Entries):
        return _text_at(node, "target", "source")
    parts = _filled(node).split(":") if isinstance(node, Scalar) else [repr(id(node))]
    return parts[min(1, len(parts) - 1)]


_SERVICE: dict[str, Merge] = {
    "command": _replaced,
    "entrypoint": _replaced,
    "healthcheck.test": _replaced,
    "environment": _pairs("="),
    "labels": _pairs("="),
    "annotations": _pairs("="),
    "sysctls": _pairs("="),
    "extra_hosts": _hosts,
    "build": _wrapped(as_build),
    "build.args": _pairs("="),
    "build.labels": _pairs("="),
    "build.additional_contexts": _pairs("="),
    "build.extra_hosts": _hosts,
    "deploy.labels": _pairs("="),
    "depends_on": _wrapped(as_dependencies),
    "networks": _wrapped(as_names),
    "models": _wrapped(as_names),
    "dns": _texts,
    "dns_opt": _texts,
    "dns_search": _texts,
    "tmpfs": _texts,
    "env_file": _texts,
    "label_file": _texts,
    "cap_add": _texts,
    "cap_drop": _texts,
    "group_add": _texts,
    "profiles": _texts,
    "security_opt": _texts,
    "logging": _logging,
    "ports": _unique(_port_key),
    "expose": _unique(_text_key),
    "volumes": _unique(mount_key),
    "devices": _unique(_device_key),
    "configs": _unique(_file_key("/")),
    "secrets": _unique(_file_key("/run/secrets/")),
    "build.secrets": _unique(_file_key("")),
}
_RULES: dict[str, Merge] = {
    f"{named}.*.{key}": rule for named in ("services", "jobs") for key, rule in _SERVICE.items()
}
