"""What a cluster gets for the bind mounts of a container.

A bind mount shows a container the developer's machine, and a chart must be the same on every machine. So only what
belongs to the project is copied: text that the program can't write to, below the app file, not ignored by Git. What
looks secret is never copied. For anything else the definition has to say what the cluster gets.
"""

from __future__ import annotations

from fairlead.model.volume import BindMount
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Text
from fairlead.publish.project.project_files import LIMIT, ProjectFiles, SourceError
from fairlead.publish.project.texts import as_text
from fairlead.publish.translation.secret_files import SecretFiles, holds_private_key, is_secret_name
from fairlead.publish.workloads.mounts.container_files import ContainerFiles
from fairlead.resources.container import Container

#: How much all bind mounts of a container may copy that don't say ``publish_mount="config"``.
MAX_COPIED = 256 * 1024
_MODE = 0o644
_LOOKS_SECRET = "because it looks secret"
_WAYS_OUT = (
    "Use with_container_files() for files of the app and with_volume() for data, or say what the cluster gets: "
    'publish_mount="config" (a copy), "secret" (a value, given at installation) or "skip" (nothing).'
)


class BindMounts:
    """The bind mounts of one container.

    Args:
        container: The container.
        files: Gets what is mounted.
        sources: Reads files of the app's folder.
        secrets: Makes values for files that look secret.
        report: Collects errors, warnings and notes.
    """

    def __init__(
        self, container: Container, files: ContainerFiles, sources: ProjectFiles, secrets: SecretFiles, report: Report
    ) -> None:
        self._container = container
        self._files = files
        self._sources = sources
        self._secrets = secrets
        self._report = report
        self._copied = {True: 0, False: 0}  # bytes, by whether the definition asks for copies

    def add(self, mount: BindMount) -> None:
        """Add the files of a mount, or report why they can't be published."""
        if mount.publish_mount == "skip":
            return
        try:
            if self._sources.is_folder(mount.source):
                self._add_folder(mount)
            else:
                self._add_file(mount)
        except SourceError as error:
            self._report.error(
                self._container, f"the bind mount of {mount.source} at {mount.target}: {error}", _WAYS_OUT
            )
            return
        if not mount.read_only:
            self._report.note(
                self._container,
                f"what is mounted at {mount.target} can't be written to in the cluster, where it is a copy",
                "Say so: read_only=True. Use with_volume() for what it writes.",
            )

    def _add_file(self, mount: BindMount) -> None:
        if mount.publish_mount is None and not mount.read_only:
            raise SourceError(_writable(mount))
        is_secret = is_secret_name(mount.target, unreadable_only=mount.publish_mount == "config")
        content = self._secret(mount, mount.source) if is_secret else self._content(mount, mount.source)
        if not isinstance(content, bytes) and mount.publish_mount == "config":
            raise SourceError("it looks secret, and everyone may read a ConfigMap")
        self._files.add(mount.target.rstrip("/"), content, _MODE)

    def _add_folder(self, mount: BindMount) -> None:
        if mount.publish_mount is None and not mount.read_only:
            raise SourceError(_writable(mount))
        if mount.publish_mount != "config":
            self._require_project_file(mount.source)
        found = self._sources.listing(mount.source, with_ignored=mount.publish_mount == "config")
        if found.ignored and not found.names:
            raise SourceError("Git ignores all its files, so other machines don't have them")
        contents = {name: self._content(mount, f"{mount.source.rstrip('/')}/{name}") for name in found.names}
        self._files.add_folder(mount.target.rstrip("/"), contents)
        if found.ignored:
            self._note_ignored(mount, found.ignored)

    def _require_project_file(self, path: str) -> None:
        """Refuse what other machines don't have, or have with other contents."""
        if not self._sources.is_inside(path):
            raise SourceError("it is outside the app file's folder, so it belongs to this machine and not to the app")
        if self._sources.is_ignored(path):
            raise SourceError("Git ignores it, so other machines don't have it")

    def _content(self, mount: BindMount, path: str) -> bytes | Text:
        """A file's contents, or the value that takes their place."""
        is_copy = mount.publish_mount == "config"
        if mount.publish_mount == "secret" or is_secret_name(path, unreadable_only=is_copy):
            return self._secret(mount, path)
        if not is_copy:
            self._require_project_file(path)
        content = self._sources.file(path)
        if holds_private_key(content):
            return self._secret(mount, path)
        if not is_copy and as_text(content) is None:
            raise SourceError(f"{path} is not text" if path != mount.source else "it is not text")
        self._count(content, is_copy=is_copy)
        return content

    def _count(self, content: bytes, *, is_copy: bool) -> None:
        """Refuse more than the bind mounts of one container may copy, before all of a large folder is read."""
        self._copied[is_copy] += len(content)
        limit = LIMIT if is_copy else MAX_COPIED
        if self._copied[is_copy] > limit:
            raise SourceError(f"the bind mounts of its container hold more than {limit:,} bytes together")

    def _secret(self, mount: BindMount, path: str) -> Text:
        value = self._secrets.value(self._container, path)
        self._report.note(
            self._container,
            f"{path} is not copied, {'as publish_mount says' if mount.publish_mount == 'secret' else _LOOKS_SECRET}",
            "Give its contents when you install the chart; the command that publish prints asks for them.",
        )
        return value

    def _note_ignored(self, mount: BindMount, names: list[str]) -> None:
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        self._report.note(
            self._container,
            f"{shown} in {mount.source}, mounted at {mount.target}, stay on this machine: Git ignores them",
            "Mount by itself what the program needs of them.",
        )


def _writable(mount: BindMount) -> str:
    end = ", which looks secret: say read_only=True, and it becomes a value" if is_secret_name(mount.source) else ""
    return f"the program can write to it, and what it writes would be lost in a cluster{end}"
