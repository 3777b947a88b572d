"""The variables of environment files in a chart: by default their names, with values that installing it requires.

A file of values is often one of the machine, which Git ignores. Its names are then those of the file that a project
keeps beside it for newcomers, such as ``.env.example``; so the chart is the same on every machine.
"""

from __future__ import annotations

from fairlead.model.names import listing
from fairlead.model.programs.workload import Workload
from fairlead.model.values.env_file import (
    EnvFile,
    EnvFileText,
    interpolate,
    names_from_outside,
    names_secret,
    parse_env_file,
)
from fairlead.model.values.value import Value, ValueLike
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.project.project_files import ProjectFiles, SourceError
from fairlead.publish.translation.secret_files import holds_private_key

#: What the names of a file that a project keeps for newcomers end in.
_TEMPLATES = (".example", ".template", ".sample", ".dist")


class RequiredVariable(Value):
    """The value of a variable that has to be given when the chart is installed.

    Args:
        file: The environment file that names it.
    """

    def __init__(self, file: str) -> None:
        self.file = file


class EnvFiles:
    """Reads the environment files of one app.

    Args:
        sources: Reads files of the app's folder.
        report: Collects errors, warnings and notes.
    """

    def __init__(self, sources: ProjectFiles, report: Report) -> None:
        self._sources = sources
        self._report = report

    def variables(self, workload: Workload, file: EnvFile) -> dict[str, ValueLike]:
        """The variables of a file; none, reported, if it can't be published.

        Args:
            workload: The workload that has the file.
            file: The file.
        """
        try:
            return self._values(workload, file) if file.publish == "values" else self._names(workload, file)
        except SourceError as error:
            self._report.error(
                workload,
                f"its environment file {file.path} can't be published: {error}",
                _REMEDIES[file.publish].format(path=file.path),
                file.where,
            )
            return {}

    def _names(self, workload: Workload, file: EnvFile) -> dict[str, ValueLike]:
        path = file.path
        if not self._is_shared(path) or not self._sources.exists(path):
            templates = [path + ending for ending in _TEMPLATES if self._is_shared(path + ending)]
            template = next((name for name in templates if self._sources.exists(name)), None)
            if template is None:
                there = self._sources.exists(path)
                raise SourceError(self._problem(path) if there else "there is no such file, and none with its names")
            self._report.note(
                workload, f"the names of {path} are those in {template}", "Nothing has to be done.", file.where
            )
            path = template
        return {name: RequiredVariable(file.path) for name, _ in self._text(path).assignments}

    def _values(self, workload: Workload, file: EnvFile) -> dict[str, ValueLike]:
        if not self._is_shared(file.path):
            raise SourceError(self._problem(file.path))
        assignments = self._text(file.path).assignments
        if outside := names_from_outside(assignments):
            raise SourceError(f"it needs values of the environment: {listing(outside)}")
        variables = interpolate(assignments, {})
        if secret := [name for name, value in variables.items() if value and names_secret(name, value)]:
            self._report.warn(
                workload,
                f"{listing(secret)} of {file.path} may be secret, and everyone may read a ConfigMap",
                "Publish the names only, which is the default, or give secrets by parameters.",
                file.where,
            )
        return {
            name: RequiredVariable(file.path) if value is None or holds_private_key(value.encode()) else value
            for name, value in variables.items()
        }

    def _text(self, path: str) -> EnvFileText:
        text = parse_env_file(self._sources.file(path))
        if text.foreign_lines:
            lines = ", ".join(map(str, text.foreign_lines))
            raise SourceError(f"of {path} line {lines} is not understood")
        return text

    def _is_shared(self, path: str) -> bool:
        """Whether other machines have the file too."""
        return self._sources.is_inside(path) and not self._sources.is_ignored(path)

    def _problem(self, path: str) -> str:
        if self._sources.is_inside(path):
            return "Git ignores it, so its names may be others on another machine"
        return "it is outside the app file's folder, so it belongs to this machine and not to the app"


_REMEDIES = {
    "names": "Commit a file with its names, as {path}.example, or set the variables with with_environment().",
    "values": "Commit it with plain NAME=value lines, or publish its names only, which is the default.",
}
