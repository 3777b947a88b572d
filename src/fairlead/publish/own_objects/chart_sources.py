"""Where a chart of others comes from: its reference, its files, and its values.

Helm fills the values of a chart in before any template is rendered, so a value there is plain data. A parameter can be
a whole value, never part of one.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource
from fairlead.model.values.value import Value
from fairlead.publish.chart.chart import PassedParameter
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import ChartValue
from fairlead.publish.chart.sections import Section, helm_path
from fairlead.publish.chart.values_yaml import published_default
from fairlead.publish.own_objects.local_charts import ChartError, read_chart
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.publish.translation.translator import Translator, ValueSite
from fairlead.records import record
from fairlead.resources.kubernetes import HelmChart

_CHART = r"[a-zA-Z0-9][a-zA-Z0-9._-]*"
_REPOSITORY = r"(https?|oci|file)://\S+|@\S+|alias:\S+"


@record
class Source:
    """Another chart as the definition gives it.

    Args:
        owner: The resource that it is made for, whose name its values are under.
        name: Its name.
        version: Its version, or a range.
        repository: Where it comes from; empty for one whose files are given.
        values: Its values; leaves may be deferred.
        files: Its files, by their paths below its folder.
    """

    owner: Resource
    name: str
    version: str
    repository: str
    values: Mapping[str, Any]
    files: Mapping[str, str] = MappingProxyType({})


def chart_source(resource: HelmChart, files: ProjectFiles, report: Report) -> Source | None:
    """The chart of a resource; None, reported, where it is a folder that can't be copied.

    Args:
        resource: The definition's chart.
        files: Reads files of the app's folder.
        report: Collects errors, warnings and notes.
    """
    values = resource.published_values()
    if resource.folder is None:
        return Source(resource, resource.chart, resource.version or "", resource.repo, values)
    try:
        local = read_chart(files, resource.folder)
    except ChartError as error:
        report.error(resource, f"the chart {resource.folder} {error.problem}", error.remedy)
        return None
    for what, asked, found in (
        ("name", resource.chart or None, local.name),
        ("version", _exact(resource.version), local.version),
    ):
        if asked not in (None, found):
            report.error(
                resource,
                f"the chart {resource.folder} has the {what} {found!r}, and {asked!r} is asked for",
                f"Correct the {what}, here or in its Chart.yaml.",
            )
    return Source(resource, local.name, local.version, "", values, local.files)


def _exact(version: str | None) -> str | None:
    """A version that is no range; what is in a folder has one only."""
    return version if version and re.fullmatch(r"v?\d+\.\d+\.\d+([-+].*)?", version) else None


def check_source(source: Source, report: Report) -> None:
    """Report a chart that Helm would not find, or whose values would be among those of the app."""
    owner = source.owner
    if Section.of((owner.name,)) is not None or owner.name == "global":
        report.error(owner, "its values would be among those of the app", "Choose another name.")
    if not re.fullmatch(_CHART, source.name):
        report.error(owner, f"{source.name!r} is not the name of a chart", "Give it as its repository has it.")
    if not source.files and not re.fullmatch(_REPOSITORY, source.repository):
        report.error(owner, f"{source.repository!r} is not a repository", "Write it as 'https://…' or 'oci://…'.")


def chart_reference(name: str, version: str, repository: str) -> str:
    """The words by which helm finds a chart, for a shell.

    Args:
        name: The chart's name in its repository.
        version: Its version, or a range.
        repository: The repository.
    """
    if repository.startswith("file:"):
        return shlex.quote(posixpath.normpath(repository.removeprefix("file://")))
    option = f" --version {shlex.quote(version)}"
    if alias := repository_alias(repository):
        return f"{shlex.quote(f'{alias}/{name}')}{option}"
    if repository.startswith("oci:"):
        return f"{shlex.quote(f'{repository}/{name}')}{option}"
    return f"{shlex.quote(name)} --repo {shlex.quote(repository)}{option}"


def repository_alias(repository: str) -> str | None:
    """The name that ``helm repo add`` gave to a chart's repository; None where its address is written."""
    name = re.fullmatch(r"(@|alias:)(.+)", repository)
    return name[2] if name else None


def fill_values(source: Source, translator: Translator, report: Report) -> tuple[dict[str, Any], list[PassedParameter]]:
    """The values of a chart as far as they are known, and the parameters among the others.

    Args:
        source: The other chart.
        translator: Knows what deferred values are in the cluster.
        report: Collects errors, warnings and notes.
    """
    passed_parameters: list[PassedParameter] = []
    values: dict[str, Any] = _Filler(source.owner, translator, report, passed_parameters).content(source.values, ())
    return values, passed_parameters


class _Filler:
    """Makes the values of one chart."""

    def __init__(
        self, resource: Resource, translator: Translator, report: Report, passed_parameters: list[PassedParameter]
    ) -> None:
        self._resource = resource
        self._translator = translator
        self._report = report
        self._passed = passed_parameters

    def content(self, given: Any, path: tuple[str | int, ...]) -> Any:
        """What values.yaml says for a part of the values."""
        if isinstance(given, Parameter):
            return self._parameter(given, path)
        if isinstance(given, Value):
            return self._address(given, path)
        if isinstance(given, Mapping):
            wrong = [key for key in given if not isinstance(key, str)]
            if wrong:
                self._refuse((*path, str(wrong[0])), "has a key that is no text", "Write it in quotes.")
            return {str(key): self.content(entry, (*path, str(key))) for key, entry in given.items()}
        if isinstance(given, (list, tuple)):
            return [self.content(entry, (*path, number)) for number, entry in enumerate(given)]
        if given is None or isinstance(given, (str, bool, int, float)):
            return given
        self._refuse(path, f"is {type(given).__name__}", "Give plain data, a parameter or an address.")
        return None

    def _parameter(self, parameter: Parameter, path: tuple[str | int, ...]) -> str:
        section = Section.SECRETS if parameter.secret else Section.PARAMETERS
        default = published_default(parameter)
        self._passed.append(PassedParameter(path, ChartValue(section.value(parameter.name)), default is None))
        return default or ""

    def _address(self, value: Value, path: tuple[str | int, ...]) -> str | None:
        asker = ValueSite(self._resource, self._resource.where, f"the value {helm_path(path)}")
        text = self._translator.translate(value, asker)
        if text is None or isinstance(text, str):
            return text
        self._refuse(path, "is composed with a parameter", "Helm can't compose values; give the parameter by itself.")
        return None

    def _refuse(self, path: tuple[str | int, ...], problem: str, remedy: str) -> None:
        self._report.error(self._resource, f"the value {helm_path(path)} {problem}", remedy)
