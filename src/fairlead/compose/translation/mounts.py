"""What a service finds in its file system: volumes, folders of this machine, memory, configs and secrets."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from fairlead.compose.reading.merging import as_mapping, mount_key
from fairlead.compose.reading.tree import Entries, Node, Scalar
from fairlead.compose.translation.amounts import file_mode, size_in_bytes
from fairlead.compose.translation.bind_mounts import publish_mount
from fairlead.compose.translation.desk import Desk
from fairlead.compose.translation.known_images import DATA_FOLDERS, image_word
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.section import Section
from fairlead.compose.writing.expressions import Call, Code, Expression, called, listed, literal, text

_OPTIONS_LOST = {
    "nocopy": "a new volume gets what the image has at its path, if the engine does that",
    "subpath": "a volume is mounted as a whole",
    "labels": "volumes have the labels by which they are found",
}
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]")


class Mounts:
    """Mounts the volumes, configs and secrets of a project.

    Args:
        volumes: The top-level volumes by name; None for one without a word about it.
    """

    def __init__(self, volumes: Mapping[str, Node]) -> None:
        self.volumes = volumes
        self.used: set[str] = set()

    def add(self, plan: ServicePlan) -> None:
        """Give a service its volumes and folders in memory."""
        section = plan.section
        mounts = section.items("volumes")
        last = {mount_key(node): path for path, node in mounts}
        for path, node in mounts:
            if last[mount_key(node)] != path:
                section.desk.report.lost(path, node.place, "another one further down is mounted at the same path")
            elif isinstance(node, Scalar):
                self._short(plan, path, node)
            elif isinstance(node, Entries):
                self._long(plan, Section(node, path, section.desk))
            else:
                section.desk.mistakes.wrong_kind(path, node, "a volume, or a mapping with 'type'")
        for path, node in section.texts("tmpfs"):
            _add_tmpfs_option(plan, path, node)

    def _short(self, plan: ServicePlan, path: str, node: Scalar) -> None:
        """``source:target:mode``, or a target alone."""
        desk = plan.section.desk
        written = desk.peek(node)
        parts = _split(written)
        if parts is None:
            desk.report.lost(path, node.place, f"{written!r} is no mount")
            return
        source, target, mode = parts
        options = [option for option in mode.split(",") if option]
        read_only = "ro" in options
        if others := [option for option in options if option not in ("ro", "rw")]:
            reason = f"a mount is read-only or not, and knows no {', '.join(others)}"
            desk.report.lost(path, node.place, reason)
        if not _keeps_variables(node, source):
            desk.plain(node, path)
        sourced, targeted = _split_node(node, source, target)
        if sourced is None:
            plan.call("with_volume", Code("None"), desk.fixed(targeted), origin=path, key="volumes")
        elif source.startswith((".", "/", "~")) or "/" in source:
            self._bind(plan, path, sourced, targeted, read_only)
        else:
            self._named(plan, path, sourced, targeted, read_only)

    def _long(self, plan: ServicePlan, mount: Section) -> None:
        kind = mount.text("type") or ""
        source, target = mount.scalar("source"), mount.scalar("target")
        read_only = mount.flag("read_only") is True
        mount.lost("consistency", "the engine decides")
        memory = mount.section("tmpfs")
        size, mode = _tmpfs_numbers(memory) if memory is not None else (None, None)
        for key in ("bind", "volume", "image"):
            _report_options(mount.section(key))
        mount.close()
        if target is None:
            mount.desk.report.lost(mount.path, mount.node.place, "it has no path in the container")
        elif kind == "tmpfs":
            mount.lost("source", "memory comes from nowhere")
            _add_tmpfs(plan, mount.path, target, size, mode)
        elif kind == "bind" and source is not None:
            self._bind(plan, mount.path, source, target, read_only)
        elif kind == "volume" and source is not None:
            self._named(plan, mount.path, source, target, read_only)
        elif kind == "volume":
            plan.call("with_volume", Code("None"), mount.desk.fixed(target), origin=mount.path, key="volumes")
        else:
            reason = "it has no source" if kind == "bind" else f"nothing of the type {kind!r} can be mounted"
            mount.desk.report.lost(mount.path, mount.node.place, reason)

    def _named(self, plan: ServicePlan, path: str, source: Scalar, target: Scalar, read_only: bool) -> None:
        desk = plan.section.desk
        volume = desk.peek(source)
        self.used.add(volume)
        if volume not in self.volumes:
            what = f"the volume {volume!r} of {plan.service!r} is not among the volumes of the file"
            desk.mistakes.add(what, source.place, f"Write '{volume}:' below 'volumes:', or './{volume}' for a folder.")
        keywords: dict[str, Expression] = {"read_only": Code("True")} if read_only else {}
        plan.call("with_volume", desk.fixed(source), desk.fixed(target), origin=path, key="volumes", **keywords)
        _advise(plan, path, source, desk.peek(target))

    def _bind(self, plan: ServicePlan, path: str, source: Scalar, target: Scalar, read_only: bool) -> None:
        desk = plan.section.desk
        keywords: dict[str, Expression] = {"read_only": Code("True")} if read_only else {}
        publish = publish_mount(desk.files, desk.peek_path(source), read_only, "build" in plan.section)
        if publish.mount is not None:
            keywords["publish_mount"] = literal(publish.mount)
        if publish.reason:
            desk.report.changed(path, source.place, publish.reason)
        folder = desk.path(source, path)
        plan.call("with_bind_mount", folder, desk.fixed(target), origin=path, key="volumes", **keywords)


def _advise(plan: ServicePlan, path: str, source: Scalar, target: str) -> None:
    """Say what a disk of a cluster may have that a well-known program refuses to start with."""
    image = plan.section.node.entries.get("image")
    folder = DATA_FOLDERS.get(image_word(plan.section.desk.peek(image))) if isinstance(image, Scalar) else None
    environment = as_mapping(plan.section.node.entries.get("environment", source))
    if folder is None or target.rstrip("/") != folder.path:
        return
    if environment is None or folder.variable not in environment.entries:
        reason = (
            f"a disk of a cluster may have a folder lost+found, beside which no data is put; where there is none yet, "
            f"name a folder below in {folder.variable}"
        )
        plan.section.desk.report.changed(path, source.place, reason)


def _report_options(options: Section | None) -> None:
    """Report what a mount says beyond where it is from and where it is."""
    for key in list(options.node.entries) if options is not None else ():
        if options is not None and not key.startswith("x-"):
            options.lost(key, _OPTIONS_LOST.get(key, "a mount knows nothing of it"))


def _add_tmpfs(plan: ServicePlan, path: str, target: Scalar, size: int | str | None, mode: int | None) -> None:
    keywords: dict[str, Expression] = {}
    if size is not None:
        keywords["size"] = literal(size)
    if mode is not None:
        keywords["mode"] = Code(f"0o{mode:o}")
    plan.call("with_tmpfs", plan.section.desk.fixed(target), origin=path, key="volumes", **keywords)


def _split(text: str) -> tuple[str, str, str] | None:
    """Source, target and mode of a short mount; the source is empty for a target alone."""
    drive = _WINDOWS.match(text)
    head, rest = (text[:2], text[2:]) if drive else ("", text)
    parts = rest.split(":")
    parts[0] = head + parts[0]
    if not 1 <= len(parts) <= 3 or not all(parts) or not (parts[0] if len(parts) == 1 else parts[1]).startswith("/"):
        return None
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] if len(parts) == 3 else ""


def _keeps_variables(node: Scalar, source: str) -> bool:
    """Whether source and target can be told apart with their variables in them."""
    return len(_pieces(node)) in ((2, 3) if source else (1,)) and not node.is_literal


def _pieces(node: Scalar) -> list[str]:
    return re.findall(r"(?:\$\{(?:[^{}]|\{[^{}]*\})*\}|[^:])+", node.text)


def _split_node(node: Scalar, source: str, target: str) -> tuple[Scalar | None, Scalar]:
    """Source and target as texts of their own, with their variables where the colons are outside of these."""
    pieces = _pieces(node) if _keeps_variables(node, source) else [source, target] if source else [target]
    is_literal = not _keeps_variables(node, source)
    made = [Scalar(piece, "text", node.place, node.scope, is_literal=is_literal) for piece in pieces]
    return (made[0], made[1]) if source else (None, made[0])


def _add_tmpfs_option(plan: ServicePlan, path: str, node: Scalar) -> None:
    """``/run:size=64m,mode=1777``."""
    desk = plan.section.desk
    target, _, options = desk.plain(node, path).partition(":")
    keywords: dict[str, Expression] = {}
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        size, mode = size_in_bytes(value), file_mode(value, is_number=False)
        if key == "size" and size is not None:
            keywords["size"] = literal(value)
        elif key == "mode" and mode is not None:
            keywords["mode"] = Code(f"0o{mode:o}")
        else:
            desk.report.lost(path, node.place, f"memory that is mounted knows no {option!r}")
    plan.call("with_tmpfs", text(target), origin=path, key="tmpfs", **keywords)


def _tmpfs_numbers(memory: Section) -> tuple[int | str | None, int | None]:
    written = memory.text("size")
    size = None if written is None or size_in_bytes(written) is None else written
    if written is not None and size is None:
        memory.lost("size", f"{written!r} is no size")
    mode_node = memory.scalar("mode")
    mode = None
    if mode_node is not None:
        mode = file_mode(memory.desk.plain(mode_node, memory.at("mode")), mode_node.kind == "number")
        if mode is None or not 0 <= mode <= 0o7777:
            memory.lost("mode", "it is no permissions of a folder")
            mode = None
    memory.close()
    return size, mode


class Files:
    """Gives services the configs and secrets of a project.

    Args:
        configs: The top-level configs by name.
        secrets: The top-level secrets by name.
    """

    def __init__(self, configs: Mapping[str, Node], secrets: Mapping[str, Node]) -> None:
        self._named = {"configs": configs, "secrets": secrets}
        self.used: set[tuple[str, str]] = set()

    def add(self, plan: ServicePlan) -> None:
        """Give a service its configs and secrets."""
        for key, folder in (("configs", "/"), ("secrets", "/run/secrets/")):
            for path, node in plan.section.items(key):
                self._add(plan, key, folder, path, node)

    def _add(self, plan: ServicePlan, key: str, folder: str, path: str, node: Node) -> None:
        desk = plan.section.desk
        target, mode = "", None
        source: Scalar | None = node if isinstance(node, Scalar) else None
        if isinstance(node, Entries):
            long = Section(node, path, desk)
            source = long.scalar("source")
            target = long.text("target") or ""
            mode = _mode(long)
            for owner in ("uid", "gid"):
                long.lost(owner, "a file belongs to the user of the image")
            long.close()
        if source is None:
            desk.mistakes.wrong_kind(path, node, "a name, or a mapping with 'source'")
            return
        name = desk.peek(source)
        self.used.add((key, name))
        content = self._named[key].get(name)
        if not isinstance(content, Entries):
            what = f"{plan.service!r} uses {name!r}, which is not among the {key} of the file"
            desk.mistakes.add(what, source.place, f"Write it below '{key}:', with where its content comes from.")
            return
        where = target or name
        full = where if where.startswith("/") else folder + where
        plan.calls += _file_calls(Section(content, f"{key}.{name}", desk), path, full, mode, key, name)


def _mode(long: Section) -> int | None:
    node = long.scalar("mode")
    if node is None:
        return None
    mode = file_mode(long.desk.plain(node, long.at("mode")), node.kind == "number")
    if mode is None or not 0 <= mode <= 0o777:
        long.lost("mode", "it is no permissions of a file")
        return None
    return mode


def _file_calls(content: Section, path: str, target: str, mode: int | None, key: str, name: str) -> list[Call]:
    """The calls that put a config or a secret at a path."""
    file = content.scalar("file")
    if file is not None and key == "secrets":
        source = content.desk.path(file, content.at("file"))
        if mode is not None:
            reason = "a file of this machine is mounted with the permissions that it has there"
            content.desk.report.lost(f"{path}.mode", content.node.place, reason)
        keywords = (("read_only", Code("True")), ("publish_mount", Code('"secret"')))
        return [Call("with_bind_mount", (source, text(target)), keywords, path)]
    folder, base = posixpath.split(posixpath.normpath(target))
    made = _contents(content, file, key, name)
    if made is None:
        reason = "it comes from outside of the file; give its content with with_container_files()"
        content.desk.report.lost(path, content.node.place, reason)
        return []
    parts = [("", literal(base)), made]
    if mode is not None:
        parts.append(("mode", Code(f"0o{mode:o}")))
    entry = called("ContainerFile", parts)
    return [Call("with_container_files", (text(folder), listed([entry])), (), path)]


def _contents(content: Section, file: Scalar | None, key: str, name: str) -> tuple[str, Expression] | None:
    """The content of a file, as an argument of ``ContainerFile``; None where the compose file has none."""
    desk = content.desk
    if file is not None:
        return "source", desk.path(file, content.at("file"))
    inline = content.scalar("content")
    if inline is not None:
        return "", desk.value(inline)
    variable = content.text("environment")
    if variable:
        node = content.scalar("environment")
        assert node is not None
        plan = desk.variables.from_outside(variable, node.scope, node.place, is_secret=key == "secrets")
        return "", plan
    return None


#: Where the content of a config or secret may come from; an earlier one counts.
_SOURCES = ("file", "content", "environment")


def close_files(key: str, named: Mapping[str, Node], desk: Desk, used: set[tuple[str, str]]) -> None:
    """Report what the configs or secrets of a file say beside their content."""
    for name, node in named.items():
        if not isinstance(node, Entries):
            continue
        section = Section(node, f"{key}.{name}", desk)
        # Compose refuses a file with two sources; here the first one counts.
        first, *others = [known for known in _SOURCES if known in section] or _SOURCES
        section.take(first)
        for other in others:
            section.lost(other, f"its content is that of '{first}', and there can be one only")
        section.lost("external", "what is kept outside of the file is not looked for")
        section.lost("name", "a file is found by its path in the container")
        section.lost("labels", "files have no labels")
        for driver in ("driver", "driver_opts", "template_driver"):
            section.lost(driver, "files have no drivers")
        section.close()
        if (key, name) not in used:
            desk.report.unneeded(section.path, node.place, "no service uses it")
