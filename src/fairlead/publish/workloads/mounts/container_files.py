"""Files that a definition puts into a container: from a ConfigMap, or a Secret when there is a secret in them."""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Collection, Mapping
from typing import Any

from fairlead.digests import hex_digest
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.labels import metadata
from fairlead.publish.chart.leaves import Text, is_secret
from fairlead.publish.chart.names import OBJECT, cut
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.pod import Mounts
from fairlead.publish.project.texts import as_text
from fairlead.records import record

CONFIG_VOLUME = "fairlead-files"
SECRET_VOLUME = "fairlead-secret-files"
_NOT_IN_KEYS = r"[^-._a-zA-Z0-9]+"


@record
class _Folder:
    """A folder of files: the entries of the ConfigMap and of the Secret that are in it."""

    path: str
    config_items: list[dict[str, Any]]
    secret_items: list[dict[str, Any]]

    def source(self, config_name: str, secret_name: Text) -> dict[str, Any]:
        """What a volume with these files is made of."""
        config = {"name": config_name, "items": self.config_items}
        if not self.secret_items:
            return {"configMap": config} if self.config_items else {"emptyDir": {}}
        if not self.config_items:
            return {"secret": {"secretName": secret_name, "items": self.secret_items}}
        secret = {"name": secret_name, "items": self.secret_items}
        return {"projected": {"sources": [{"configMap": config}, {"secret": secret}]}}


class ContainerFiles:
    """The files of one container.

    ``config``, ``binary`` and ``secret`` have what they hold by the key in the ConfigMap or Secret; ``binary`` what is
    no text, in base64.

    Args:
        taken: The keys that its Secret has already, which are those of variables.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = frozenset(taken)
        self.config: dict[str, Text] = {}
        self.binary: dict[str, str] = {}
        self.secret: dict[str, Text] = {}
        self.config_items: list[dict[str, Any]] = []
        self.secret_items: list[dict[str, Any]] = []
        self.folders: list[_Folder] = []
        self.paths: list[tuple[str, str, bool]] = []

    def add(self, path: str, content: bytes | Text, mode: int) -> None:
        """Have a file at a path of the container."""
        key = self._keep(path, content)
        is_in_secret = key in self.secret
        (self.secret_items if is_in_secret else self.config_items).append({"key": key, "path": key, "mode": mode})
        self.paths.append((path, key, is_in_secret))

    def add_folder(self, path: str, contents: Mapping[str, bytes | Text]) -> None:
        """Have a folder at a path of the container, with nothing in it but these files."""
        folder = _Folder(path, [], [])
        for name, content in contents.items():
            key = self._keep(f"{path}/{name}", content)
            (folder.secret_items if key in self.secret else folder.config_items).append({"key": key, "path": name})
        self.folders.append(folder)

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
        for number, folder in enumerate(self.folders, 1):
            volume = f"fairlead-folder-{number}"
            made.volumes.append({"name": volume, **folder.source(files_name(name), secret_name)})
            made.mounts.append({"name": volume, "mountPath": folder.path, "readOnly": True})
        return made

    def _keep(self, path: str, content: bytes | Text) -> str:
        key = self._key(path)
        if isinstance(content, bytes):
            text = as_text(content)
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
        key = re.sub(_NOT_IN_KEYS, "-", base)
        taken = {*self.config, *self.binary, *self.secret, *self._taken}
        if key == base and key not in taken and not key.startswith(".") and len(key) <= 200:
            return key
        return f"{key.lstrip('.')[:200]}-{hex_digest(path.encode('utf-8', 'surrogatepass'))[:8]}"


def files_name(name: str) -> ObjectName:
    """The name of the ConfigMap with the files of a workload."""
    return ObjectName("ConfigMap", f"{cut(name, OBJECT - len('-files'))}-files")


def config_map(chart: Chart, name: str, files: ContainerFiles) -> dict[str, Any]:
    """The ConfigMap with the files that anyone may see."""
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {**metadata(chart, name), "name": str(files_name(name))},
    }
    if files.config:
        body["data"] = dict(files.config)
    if files.binary:
        body["binaryData"] = dict(files.binary)
    return body
