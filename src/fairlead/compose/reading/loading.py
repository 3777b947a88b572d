"""From the files that the user names to one tree, with what they include, extend and override."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fairlead.compose.reading.extending import extend
from fairlead.compose.reading.files import Files
from fairlead.compose.reading.interpolation import TemplateError, fill, parse_template
from fairlead.compose.reading.merging import as_list, merge_files, without_resets
from fairlead.compose.reading.mistakes import chain, stop
from fairlead.compose.reading.tree import Entries, Items, Node, Place, Scalar, Scope, is_null, kind_of_node
from fairlead.compose.reading.yaml_text import parse_yaml
from fairlead.model.values.env_file import interpolate, parse_env_file

_NAMED = ("services", "jobs", "networks", "volumes", "secrets", "configs", "models")


def load(paths: Sequence[str], files: Files, variables: Mapping[str, str]) -> Entries:
    """One tree of compose files, each of which overrides those before it.

    Args:
        paths: The files, relative to the folder of the app file.
        files: That folder.
        variables: What environment files give for ``${…}``.

    Raises:
        ComposeFileError: A file can't be read, is no YAML, or has a form that no compose file has.
    """
    scope = Scope(posixpath.dirname(paths[0]) or ".", variables)
    return _Loader(files).project(paths, scope, ())


def read_variables(paths: Sequence[str], files: Files) -> dict[str, str]:
    """The variables of environment files, of which later ones win.

    Raises:
        ComposeFileError: One can't be read.
    """
    found: dict[str, str] = {}
    for path in paths:
        assignments = parse_env_file(_read(files, path, Place(path, 0))).assignments
        filled = interpolate(assignments, found)
        found |= {name: value for name, value in filled.items() if value is not None}
    return found


def _read(files: Files, path: str, place: Place) -> bytes:
    try:
        return files.read(path)
    except OSError as error:
        what = f"{path} can't be read: {error.strerror or error}"
        raise stop(what, place, "Correct the path, or give a file that is there.") from error


class _Loader:
    """Reads files, and what they name."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def project(self, paths: Sequence[str], scope: Scope, trail: tuple[str, ...]) -> Entries:
        merged: Entries | None = None
        for path in paths:
            for document in self._documents(path, scope, Place(path, 0), trail):
                merged = document if merged is None else merge_files(merged, document)
        if merged is None:
            raise stop(f"{paths[0]} is empty", Place(paths[0], 1), "Give a compose file with 'services:'.")
        cleaned = without_resets(merged)
        assert isinstance(cleaned, Entries)
        return cleaned

    def _documents(self, path: str, scope: Scope, place: Place, trail: tuple[str, ...]) -> list[Entries]:
        """The documents of a file with what they include and extend."""
        return [self._completed(document, path, trail) for document in self._parsed(path, scope, place)]

    def _parsed(self, path: str, scope: Scope, place: Place) -> list[Entries]:
        documents: list[Entries] = []
        for document in parse_yaml(_read(self._files, path, place), path, scope):
            if not isinstance(document, Entries):
                what = f"{path} is {kind_of_node(document)}, and a compose file is a mapping"
                raise stop(what, document.place, "Begin it with 'services:'.")
            for key in _NAMED:
                _check_named(document, key)
            documents.append(document)
        return documents

    def _completed(self, document: Entries, path: str, trail: tuple[str, ...]) -> Entries:
        entries = dict(document.entries)
        include = entries.pop("include", None)
        services, jobs = entries.get("services"), entries.get("jobs")
        if isinstance(services, Entries):
            entries["services"] = extend(services, self._services_of)
        if isinstance(jobs, Entries):
            entries["jobs"] = extend(jobs, self._services_of)
        own = replace(document, entries=entries)
        return own if include is None or is_null(include) else self._with_included(own, include, (*trail, path))

    def _services_of(self, path: str, beside: Scope, place: Place) -> Entries:
        """The services of a file that another extends, which may themselves extend others."""
        full = _joined(beside.directory, path)
        scope = Scope(posixpath.dirname(full) or ".", beside.variables)
        services = Entries({}, Place(full, 1), scope)
        for document in self._parsed(full, scope, place):
            found = document.entries.get("services")
            if isinstance(found, Entries):
                services = replace(found, entries={**services.entries, **found.entries})
        return services

    def _with_included(self, own: Entries, include: Node, trail: tuple[str, ...]) -> Entries:
        if not isinstance(include, Items):
            raise stop(f"include is {kind_of_node(include)}, and has to be a list", include.place, "Write a list.")
        merged = own
        for child in include.items:
            merged = _joined_projects(self._included(child, trail), merged, child.place)
        return merged

    def _included(self, node: Node, trail: tuple[str, ...]) -> Entries:
        """The project that one entry of ``include`` names."""
        long = node if isinstance(node, Entries) else Entries({"path": node}, node.place, node.scope)
        unknown = [key for key in long.entries if key not in ("path", "env_file", "project_directory")]
        if unknown:
            known = "It has 'path', 'env_file' and 'project_directory'."
            raise stop(f"include has no key {unknown[0]!r}", long.place, known)
        here = node.scope.directory
        paths = [_joined(here, text) for text in _texts(long, "path")]
        if not paths:
            raise stop("include names no file", node.place, "Write the path of a compose file.")
        if found := next((path for path in paths if path in trail), None):
            raise stop(f"files include each other: {chain([*trail, found])}", node.place, "Break the circle.")
        given = _texts(long, "project_directory")
        directory = _joined(here, given[0]) if given else posixpath.dirname(paths[0]) or "."
        env_files = [_joined(here, text) for text in _texts(long, "env_file")]
        if not env_files and self._files.is_file(_joined(directory, ".env")):
            env_files = [_joined(directory, ".env")]
        variables = {**read_variables(env_files, self._files), **node.scope.variables}
        return self.project(paths, Scope(directory, variables), trail)


def _check_named(document: Entries, key: str) -> None:
    """What holds things by name has to be a mapping of mappings, so that files can be merged."""
    node = document.entries.get(key)
    if node is None or is_null(node):
        document.entries.pop(key, None)
        return
    if not isinstance(node, Entries):
        raise stop(f"{key} is {kind_of_node(node)}, and has to be a mapping", node.place, "Write 'name:' below it.")
    for name, child in node.entries.items():
        if key == "services" and is_null(child) and child.overriding == "merge":
            raise stop(f"the service {name!r} says nothing", child.place, "Give it 'image' or 'build'.")
        if not isinstance(child, Entries) and not is_null(child):
            what = f"{key}.{name} is {kind_of_node(child)}, and has to be a mapping"
            raise stop(what, child.place, "Write its keys below its name, each on a line of its own.")


def _joined_projects(included: Entries, own: Entries, place: Place) -> Entries:
    """An included project beside the file that includes it; what both define is a mistake."""
    for key in _NAMED:
        first, second = included.entries.get(key), own.entries.get(key)
        if isinstance(first, Entries) and isinstance(second, Entries):
            twice = [name for name in first.entries if name in second.entries]
            if twice and key in ("services", "jobs"):
                where = second.entries[twice[0]].place
                what = f"the service {twice[0]!r} is defined here and in what is included at line {place.line}"
                raise stop(what, where, "Give one of them another name, or override it in a second file: -f.")
    return merge_files(included, own)


def _texts(node: Entries, key: str) -> list[str]:
    child = node.entries.get(key)
    listed = as_list(child) if child is not None and not is_null(child) else None
    if listed is None or not all(isinstance(item, Scalar) for item in listed.items):
        if child is None or is_null(child):
            return []
        raise stop(f"{key} of include is {kind_of_node(child)}", child.place, "Write a path, or a list of paths.")
    return [_filled(item) for item in listed.items if isinstance(item, Scalar)]


def _filled(node: Scalar) -> str:
    try:
        return fill(parse_template(node.text), node.scope.variables)
    except TemplateError as error:
        raise stop(str(error), node.place, "Write '$$' for a dollar.") from error


def _joined(directory: str, path: str) -> str:
    """A path of a file, relative to the folder of the app file."""
    return posixpath.normpath(posixpath.join(directory, path))
