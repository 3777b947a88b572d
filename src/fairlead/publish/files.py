"""Files that a definition puts into a container: from a ConfigMap, or a Secret when there is a secret in them."""

from __future__ import annotations

import re
from binascii import b2a_base64
from hashlib import sha256
from typing import Any

from fairlead.model.value import Value
from fairlead.model.volume import BindMount, ContainerFile
from fairlead.model.workload import Workload
from fairlead.publish.chart import Chart
from fairlead.publish.diagnostics import Report
from fairlead.publish.labels import metadata
from fairlead.publish.names import OBJECT, cut
from fairlead.publish.pod import Mounts
from fairlead.publish.sources import SourceError, Sources
from fairlead.publish.translation import Asker, Translator
from fairlead.publish.values import Text, is_secret
from fairlead.resources.container import Container

CONFIG_VOLUME = "fairlead-files"
SECRET_VOLUME = "fairlead-secret-files"
_NOT_IN_KEYS = re.compile(r"[^-._a-zA-Z0-9]+")
_MODE_OF_MOUNTS = 0o644


class Files:
    """The files of one container.

    ``config``, ``binary`` and ``secret`` have what they hold by the key in the ConfigMap or Secret; ``binary`` what is
    no text, in base64.
    """

    def __init__(self) -> None:
        self.config: dict[str, Text] = {}
        self.binary: dict[str, str] = {}
        self.secret: dict[str, Text] = {}
        self.config_items: list[dict[str, Any]] = []
        self.secret_items: list[dict[str, Any]] = []
        self.folders: list[tuple[str, list[dict[str, Any]]]] = []
        self.paths: list[tuple[str, str, bool]] = []

    def add(self, path: str, content: bytes | Text, mode: int) -> None:
        """Have a file at a path of the container."""
        key = self._keep(path, content)
        is_in_secret = key in self.secret
        (self.secret_items if is_in_secret else self.config_items).append({"key": key, "path": key, "mode": mode})
        self.paths.append((path, key, is_in_secret))

    def add_folder(self, path: str, contents: dict[str, bytes]) -> None:
        """Have a folder at a path of the container, with nothing in it but these files."""
        items = [{"key": self._keep(f"{path}/{name}", content), "path": name} for name, content in contents.items()]
        self.folders.append((path, items))

    def mounts(self, name: str, secret_name: Text) -> Mounts:
        """What mounts the files, of the objects of these names."""
        made = Mounts()
        for volume, source, items in (
            (CONFIG_VOLUME, {"configMap": {"name": files_name(name)}}, self.config_items),
            (SECRET_VOLUME, {"secret": {"secretName": secret_name}}, self.secret_items),
        ):
            if items:
                ((kind, reference),) = source.items()
                made.volumes.append({"name": volume, kind: {**reference, "items": items}})
        for path, key, is_in_secret in self.paths:
            volume = SECRET_VOLUME if is_in_secret else CONFIG_VOLUME
            made.mounts.append({"name": volume, "mountPath": path, "subPath": key, "readOnly": True})
        for number, (path, items) in enumerate(self.folders, 1):
            volume = f"fairlead-folder-{number}"
            full = {"configMap": {"name": files_name(name), "items": items}}
            made.volumes.append({"name": volume, **(full if items else {"emptyDir": {}})})
            made.mounts.append({"name": volume, "mountPath": path, "readOnly": True})
        return made

    def _keep(self, path: str, content: bytes | Text) -> str:
        key = self._key(path)
        if isinstance(content, bytes):
            text = _as_text(content)
            if text is None:
                self.binary[key] = b2a_base64(content, newline=False).decode()
            else:
                self.config[key] = text
        else:
            (self.secret if is_secret(content) else self.config)[key] = content
        return key

    def _key(self, path: str) -> str:
        """The key of a file: its name where that is free and can be one."""
        base = path.rpartition("/")[2]
        key = _NOT_IN_KEYS.sub("-", base)
        taken = {*self.config, *self.binary, *self.secret}
        if key == base and key not in taken and not key.startswith(".") and len(key) <= 200:
            return key
        return f"{key.lstrip('.')[:200]}-{sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def files_name(name: str) -> str:
    """The name of the ConfigMap with the files of a workload."""
    return f"{cut(name, OBJECT - len('-files'))}-files"


def config_map(chart: Chart, name: str, files: Files) -> dict[str, Any]:
    """The ConfigMap with the files that anyone may see."""
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {**metadata(chart, name), "name": files_name(name)},
    }
    if files.config:
        body["data"] = dict(files.config)
    if files.binary:
        body["binaryData"] = dict(files.binary)
    return body


def files_of(workload: Workload, translator: Translator, sources: Sources, report: Report) -> Files:
    """The files that a workload's container gets, from its container files and its bind mounts.

    Args:
        workload: The workload.
        translator: Knows what values are in the cluster.
        sources: Reads what is on this machine.
        report: Where what can't be a file in a cluster is reported.
    """
    made = Files()
    for path, file in {file.path: file for file in workload.container_files}.items():
        content = _content(workload, file, translator, sources, report)
        if content is not None:
            made.add(path, content, file.mode)
    for mount in workload.bind_mounts if isinstance(workload, Container) else ():
        _add_bind_mount(made, workload, mount, sources, report)
    return made


def _content(
    workload: Workload, file: ContainerFile, translator: Translator, sources: Sources, report: Report
) -> bytes | Text | None:
    if isinstance(file.contents, Value):
        return translator.translate(file.contents, Asker(workload, workload.where, f"the file {file.path}"))
    if isinstance(file.contents, bytes):
        return file.contents
    if file.contents is not None:
        return file.contents.encode("utf-8", "surrogateescape")
    return _read(workload, str(file.source), file.path, sources, report)


def _add_bind_mount(made: Files, workload: Workload, mount: BindMount, sources: Sources, report: Report) -> None:
    target = mount.target.rstrip("/")
    if sources.is_folder(mount.source):
        try:
            made.add_folder(target, sources.folder(mount.source))
        except SourceError as error:
            _report_source(workload, f"the bind mount of {mount.source} at {mount.target}", error, report)
            return
    else:
        content = _read(workload, mount.source, mount.target, sources, report)
        if content is None:
            return
        made.add(target, content, _MODE_OF_MOUNTS)
    if not mount.read_only:
        report.note(
            workload,
            f"what is mounted at {mount.target} can't be written to in the cluster, where it is a copy",
            "Say so: read_only=True. Use with_volume() for what it writes.",
        )


def _read(workload: Workload, source: str, target: str, sources: Sources, report: Report) -> bytes | None:
    try:
        return sources.file(source)
    except SourceError as error:
        _report_source(workload, f"{source}, which is to be at {target},", error, report)
        return None


def _report_source(workload: Workload, what: str, error: SourceError, report: Report) -> None:
    report.error(
        workload,
        f"{what} can't go into the chart: {error}",
        "A chart holds small files. Put what is larger or no file into the image or a volume, or leave it out where "
        "app.is_publish_mode.",
    )


def _as_text(content: bytes) -> str | None:
    """Content as text, or None when it is no text that YAML could hold."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
