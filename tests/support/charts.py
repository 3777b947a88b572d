"""Publishing a definition in a test, and asking the real helm what becomes of it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.support.kubernetes_schemas import VERSIONS, check_object
from tests.support.value_paths import check_value_paths

from fairlead import AppBuilder, Apphost
from fairlead.model.app import App
from fairlead.publish.publisher import PublishResult, publish

Objects = dict[tuple[str, str], Any]


def built(define: Callable[[AppBuilder], None], name: str = "shop", project: Path | None = None) -> App:
    """The app that a function defines, built for publishing; its app file is where the function is, or in a folder."""
    return Apphost(define, name, project / "apphost.py" if project else None).build("publish")


class Charts:
    """Publishes into a folder, and renders what is in it by the real helm."""

    def __init__(self, helm: Path, folder: Path) -> None:
        self._helm = helm
        self.folder = folder
        #: The charts that were linted, by their contents.
        self._linted: set[bytes] = set()

    def publish(
        self, define: Callable[[AppBuilder], None], *, project: Path | None = None, **options: Any
    ) -> PublishResult:
        return publish(built(define, project=project), self.folder, **options)

    def render(
        self,
        secrets: Mapping[str, str] | None = None,
        *,
        values: Mapping[str, Any] | None = None,
        chart: str = "",
        release: str = "release",
        namespace: str = "default",
    ) -> Objects:
        """The objects that helm renders, by kind and name; each is valid for Kubernetes, and each value is in use."""
        check_value_paths(self.folder / chart)
        given: dict[str, Any] = {**(values or {}), **({"secrets": dict(secrets)} if secrets else {})}
        self._lint(given, chart)
        rendered = self.helm("template", release, self.folder / chart, "--namespace", namespace, given=given)
        found: Objects = {}
        for document in yaml.load_all(rendered, yaml.CSafeLoader):
            if document is None:
                continue
            key = document["kind"], document["metadata"]["name"]
            assert key not in found, f"two objects are {key}"
            found[key] = document
            check_object(document)
        return found

    def notes(self, *arguments: str, given: Mapping[str, Any] | None = None) -> str:
        """What helm says at the end of an installation; rendered like any other template, for it leaves it out."""
        templates = self.folder / "templates"
        text = (templates / "NOTES.txt").read_text()
        said = templates / "said.yaml"
        said.write_text(f'{{{{ define "said" }}}}{text}{{{{ end }}}}said: {{{{ include "said" . | toJson }}}}')
        shown = self.helm("template", "release", self.folder, "-s", "templates/said.yaml", *arguments, given=given)
        said.unlink()
        return str(yaml.safe_load(shown)["said"])

    def failure(self, *arguments: str, values: Mapping[str, Any] | None = None) -> str:
        """What helm says when it refuses to render."""
        ended = self._run("template", "release", str(self.folder), *arguments, given=values or {})
        assert ended.returncode != 0, "helm rendered it"
        return ended.stderr

    def missing(self, *arguments: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The values file that helm asks for when it refuses to render."""
        _, _, asked = self.failure(*arguments, values=values).partition("add it: --values FILE\n\n")
        return dict(yaml.safe_load(asked.partition("\n\n")[0]))

    def _lint(self, given: Mapping[str, Any], chart: str) -> None:
        """Have helm lint a chart once, with the first values that it is rendered with: others change no file of it."""
        contents = digest(self.folder / chart)
        if contents in self._linted:
            return
        self._linted.add(contents)
        ended = self._run("lint", "--strict", str(self.folder / chart), given=given)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def helm(self, *arguments: str | Path, given: Mapping[str, Any] | None = None) -> str:
        ended = self._run(*map(str, arguments), given=given or {})
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def _run(self, *arguments: str, given: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
        values: tuple[str, ...] = ("--values", "-") if given else ()
        if arguments[0] in ("template", "lint"):
            values += ("--kube-version", VERSIONS[-1])
        return subprocess.run(
            [self._helm, *arguments, *values],
            input=yaml.safe_dump(dict(given), default_style='"'),
            capture_output=True,
            text=True,
            timeout=120,
        )


def digest(folder: Path) -> bytes:
    """The same for the same files."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    text = b"".join(b"%s\0%s\0" % (str(file.relative_to(folder)).encode(), file.read_bytes()) for file in files)
    return hashlib.sha256(text).digest()


def container(objects: Objects, name: str) -> dict[str, Any]:
    """The container of a Deployment."""
    found: dict[str, Any] = objects["Deployment", name]["spec"]["template"]["spec"]["containers"][0]
    return found
