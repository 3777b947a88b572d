"""The files that a workload's container gets: its container files, and what stands for its bind mounts."""

from __future__ import annotations

from collections.abc import Collection

from fairlead.model.programs.workload import Workload
from fairlead.model.values.value import Value
from fairlead.model.volume import ContainerFile
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Text
from fairlead.publish.project.project_files import ProjectFiles, SourceError
from fairlead.publish.translation.secret_files import SecretFiles, holds_private_key, is_secret_name
from fairlead.publish.translation.translator import Translator, ValueSite
from fairlead.publish.workloads.mounts.bind_mounts import BindMounts
from fairlead.publish.workloads.mounts.container_files import ContainerFiles
from fairlead.resources.container import Container


class PodFiles:
    """Makes the files of one chart's workloads.

    Args:
        translator: Turns deferred values into leaves.
        sources: Reads files of the app's folder.
        secrets: Makes values for files that look secret.
        report: Collects errors, warnings and notes.
    """

    def __init__(self, translator: Translator, sources: ProjectFiles, secrets: SecretFiles, report: Report) -> None:
        self._translator = translator
        self._sources = sources
        self._secrets = secrets
        self._report = report

    def make(self, workload: Workload, taken: Collection[str]) -> ContainerFiles:
        """The files of a workload.

        Args:
            workload: The workload.
            taken: The keys of its Secret that are variables.
        """
        files = ContainerFiles(taken)
        for path, file in {file.path: file for file in workload.container_files}.items():
            content = self._content(workload, file)
            if content is not None:
                files.add(path, content, file.mode)
        if isinstance(workload, Container):
            mounts = BindMounts(workload, files, self._sources, self._secrets, self._report)
            for mount in workload.bind_mounts:
                mounts.add(mount)
        return files

    def _content(self, workload: Workload, file: ContainerFile) -> bytes | Text | None:
        """The contents of a container file; None, reported, if there are none that can be published."""
        if isinstance(file.contents, Value):
            return self._translator.translate(
                file.contents, ValueSite(workload, workload.where, f"the file {file.path}")
            )
        if file.contents is None:
            return self._copy(workload, str(file.source), file.path)
        contents = file.contents
        if isinstance(contents, str):
            contents = contents.encode("utf-8", "surrogateescape")
        if holds_private_key(contents):
            self._report.error(
                workload,
                f"the file {file.path} holds a private key, and its text is in the definition itself",
                "Make it a parameter: app.add_parameter(name, secret=True).",
            )
        return contents

    def _copy(self, workload: Workload, source: str, target: str) -> bytes | Text | None:
        """The contents of a file of the project, or the value that takes their place if it looks secret."""
        try:
            content = b"" if is_secret_name(source) else self._sources.file(source)
        except SourceError as error:
            self._report.error(
                workload,
                f"{source}, which is to be at {target}, can't go into the chart: {error}",
                "A chart holds small files. Put what is larger or no file into the image or a volume, or leave it out "
                "where app.is_publish_mode.",
            )
            return None
        if not is_secret_name(source) and not holds_private_key(content):
            return content
        self._report.note(
            workload,
            f"{source} is not copied, because it looks secret",
            "Give its contents when you install the chart; the command that publish prints asks for them.",
        )
        return self._secrets.value(workload, source)
