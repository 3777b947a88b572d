"""Helm charts of others that are installed with the app: in its release, or as a release of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, get_args

from fairlead.model.argument_checks import kind_of
from fairlead.model.kubernetes.chart_versions import VERSION_REMEDY, is_version_range
from fairlead.model.locations import Location, mistake
from fairlead.model.names import is_label, normal_form
from fairlead.model.resource import Resource
from fairlead.resources.kubernetes.content import deferred_values
from fairlead.resources.kubernetes.properties import MAX_RELEASE

#: When a release of its own is installed: before the app, or after it.
Order = Literal["before", "after"]
ORDERS: tuple[str, ...] = get_args(Order)

_ARCHIVE = r"https?://\S+/([a-zA-Z0-9][a-zA-Z0-9._-]*)\.tgz"
_LOCAL = (".", "/", "~", "file://")


class HelmChart(Resource):
    """A chart of somebody else that the app needs.

    Args:
        name: The resource's name, under which its values are.
        chart: As for ``add_helm_chart``, like what follows.
        version: Its version, or a range.
        repo: The repository's address.
        values: Its values; leaves may be deferred.
        namespace: The namespace of its own release.
        release_name: The name of its own release.
        order: When that is installed.
    """

    kind: ClassVar[str] = "Helm chart"
    _method: ClassVar[str] = "add_helm_chart"

    def __init__(
        self,
        name: str,
        chart: str | os.PathLike[str],
        version: str | None = None,
        *,
        repo: str | None = None,
        values: Mapping[str, Any] | None = None,
        namespace: str | None = None,
        release_name: str | None = None,
        order: Order | None = None,
    ) -> None:
        super().__init__(name)
        is_path = isinstance(chart, os.PathLike)
        chart = os.fspath(chart) if isinstance(chart, os.PathLike) else chart
        good = self._text(self._method, "chart", chart)
        #: The chart's name; empty for a folder, whose Chart.yaml has it.
        self.chart = ""
        #: Where Helm finds it; empty for a folder or an archive.
        self.repo = ""
        #: Its folder, relative to the app file's; None for a chart from elsewhere.
        self.folder: str | None = None
        #: The address of its archive; None for a chart from elsewhere.
        self.archive: str | None = None
        self.version = self._version(version)
        self.values: Mapping[str, Any] = self._mapping(values)
        self.namespace = self._label("namespace", namespace, 63)
        self.release_name = self._label("release_name", release_name, MAX_RELEASE) or normal_form(self.name)
        self.order = order if order is None or self._one_of(self._method, "order", order, ORDERS) else None
        address = self._optional_text(self._method, "repo", repo)
        if good:
            self._find(chart, address, is_folder=is_path or chart.startswith(_LOCAL))
        is_separate = namespace is not None or release_name is not None or order is not None
        #: Whether it is a release of its own, and not a part of the app's.
        self.is_separate = is_separate or self.archive is not None
        self._check_release_name()

    def published_values(self) -> Mapping[str, Any]:
        """Its values as they are published."""
        return self.values

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the deferred ones among the values."""
        yield from super()._given_values()
        yield from ((value, self.where) for value in deferred_values(self.values))

    def _version(self, version: object) -> str | None:
        text = self._optional_text(self._method, "version", version)
        if text is not None and not is_version_range(text):
            mistake(
                f"{self._method}() got {text!r} as version, which Helm reads neither as a version nor as a range",
                resource=self.name,
                remedy=VERSION_REMEDY,
            )
        return text

    def _find(self, chart: str, repo: str | None, *, is_folder: bool) -> None:
        """Take the reference to its chart apart, and report one that leads nowhere."""
        base, _, self.chart = chart.rstrip("/").rpartition("/")
        archive = re.fullmatch(_ARCHIVE, chart)
        if repo is not None and repo.startswith("file://") and not repo.startswith("file:///"):
            self.folder = repo.removeprefix("file://")
        elif is_folder:
            self.folder, self.chart = chart.removeprefix("file://"), ""
            self._refuse_repo(chart, repo)
        elif archive:
            self.archive, self.chart = chart, archive[1]
            self._refuse_repo(chart, repo)
            self._check_archive(archive[1])
        elif repo is not None:
            self.repo = repo
            if chart.startswith("oci://"):
                self._refuse_repo(chart, repo)
        elif chart.startswith("oci://"):
            self.repo = base
        elif base and "/" not in base:
            self.repo = f"@{base}"
        else:
            mistake(
                f"the chart {chart!r} has no repository",
                resource=self.name,
                remedy="Give repo='https://…' with the chart's name, or the chart as 'oci://…', as the './folder' of "
                "one, or as 'repo/name' with a repository of helm repo add.",
            )
        if self.repo and self.version is None:
            mistake(
                "its chart has no version, so it would be another one each day",
                resource=self.name,
                remedy="Give version='1.2.3', or a range such as '1.x.x'.",
            )

    def _refuse_repo(self, chart: str, repo: str | None) -> None:
        if repo is not None:
            mistake(
                f"the chart {chart!r} has two repositories",
                resource=self.name,
                remedy="Give repo='https://…' with the chart's name, or the chart as 'oci://…', folder or archive "
                "without a repo.",
            )

    def _check_archive(self, name: str) -> None:
        if self.version is not None and not name.endswith(f"-{self.version}"):
            mistake(
                f"the archive {self.archive!r} is not of version {self.version!r}",
                resource=self.name,
                remedy="Leave version= out, or correct the address.",
            )

    def _label(self, what: str, value: object, longest: int) -> str | None:
        """A name for Helm and Kubernetes, or None where there is none; a wrong one is reported."""
        text = self._optional_text(self._method, what, value)
        if text is None or (len(text) <= longest and is_label(text)):
            return text
        mistake(
            f"{self._method}() got {text!r} as {what}",
            resource=self.name,
            remedy=f"Use up to {longest} lower-case letters, digits and '-'.",
        )
        return None

    def _check_release_name(self) -> None:
        if self.is_separate and len(self.release_name) > MAX_RELEASE:
            mistake(
                f"Helm can't call a release {self.release_name!r}",
                resource=self.name,
                remedy=f"Give release_name= with up to {MAX_RELEASE} lower-case letters, digits and '-'.",
            )

    def _mapping(self, values: object) -> Mapping[str, Any]:
        if values is None or isinstance(values, Mapping):
            return values or {}
        mistake(
            f"values= needs a mapping, not {kind_of(values)}",
            resource=self.name,
            remedy="Write it like the chart's values.yaml: values={'replicas': 2}.",
        )
        return {}
