"""``extends``: a service that begins with what another one says, in the same file or in another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from fairlead.compose.reading.merging import merge_services
from fairlead.compose.reading.mistakes import chain, stop
from fairlead.compose.reading.tree import Entries, Node, Place, Scalar, Scope

#: The services of another file: its path, the scope of the file that names it, and the place that does.
OtherFile = Callable[[str, Scope, Place], Entries]


class _Base(NamedTuple):
    """What a service extends."""

    service: str
    file: str | None
    place: Place


def extend(services: Entries, other_file: OtherFile) -> Entries:
    """The services with what they extend.

    Args:
        services: Those of one file.
        other_file: Gives the services of another file.

    Raises:
        ComposeFileError: There is no such service or file, or services extend each other in a circle.
    """
    extended = {
        name: _extended(name, services, other_file, ()) if isinstance(service, Entries) else service
        for name, service in services.entries.items()
    }
    return replace(services, entries=extended)


def _extended(name: str, services: Entries, other_file: OtherFile, trail: tuple[str, ...]) -> Entries:
    service = services.entries[name]
    assert isinstance(service, Entries)
    extends = service.entries.get("extends")
    if extends is None:
        return service
    base = _base(extends, name)
    step = f"{services.place.file}:{name}"
    if step in trail:
        raise stop(f"services extend each other: {chain([*trail, step])}", extends.place, "Break the circle.")
    there = services if base.file is None else other_file(base.file, extends.scope, base.place)
    if not isinstance(there.entries.get(base.service), Entries):
        known = ", ".join(repr(known) for known in there.entries) or "none"
        raise stop(
            f"{name!r} extends the service {base.service!r}, and {there.place.file} has no such service",
            base.place,
            f"It has {known}.",
        )
    own = replace(service, entries={key: value for key, value in service.entries.items() if key != "extends"})
    return merge_services(_extended(base.service, there, other_file, (*trail, step)), own)


def _base(extends: Node, name: str) -> _Base:
    """What ``extends`` names, in its short form or its long one."""
    if isinstance(extends, Scalar) and extends.text:
        return _Base(extends.text, None, extends.place)
    if isinstance(extends, Entries):
        service, file = extends.entries.get("service"), extends.entries.get("file")
        unknown = [key for key in extends.entries if key not in ("service", "file")]
        if unknown:
            raise stop(f"extends of {name!r} has no key {unknown[0]!r}", extends.place, "It has 'service' and 'file'.")
        if isinstance(service, Scalar) and service.text and isinstance(file, Scalar | None):
            return _Base(service.text, file.text if file is not None and file.text else None, service.place)
    raise stop(f"extends of {name!r} names no service", extends.place, "Write 'extends: {service: NAME, file: FILE}'.")
