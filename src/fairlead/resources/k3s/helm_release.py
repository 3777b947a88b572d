"""Helm releases of a cluster."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from fairlead.model.argument_checks import kind_of
from fairlead.model.kubernetes.chart_versions import VERSION_REMEDY, is_version_range
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.names import is_label, normal_form
from fairlead.model.publishing import RELEASE, PublishReleaseAs
from fairlead.model.values.value import Value
from fairlead.records import record
from fairlead.resources.k3s.content import content_problem, deferred
from fairlead.resources.k3s.helm_keys import HelmKey, merge_values, parse_helm_key, set_value
from fairlead.resources.k3s.objects import ClusterObjects
from fairlead.resources.k3s.server import K3sServer

_LONGEST_RELEASE = 53


@record
class HelmValue:
    """One ``with_helm_value``."""

    key: HelmKey
    value: str | int | float | bool | Value | list[Any] | Mapping[str, Any] | None
    where: Location


@record
class ValuesFile:
    """One ``with_helm_values_file``; the path is relative to the app file's folder."""

    path: str
    where: Location


class HelmRelease(ClusterObjects):
    """A chart that is installed in a cluster.

    It waits for its cluster by itself, is Running while it is installed or upgraded, and has Finished with 0 once it is
    rolled out.

    Args:
        name: The resource's name.
        cluster: Its cluster.
        chart: As for ``add_helm_release``, like what follows.
        repo: The repository's address.
        version: The chart's version.
        namespace: Where it is installed.
        release_name: What Helm calls it.
        create_namespace: Whether to create the namespace if it is missing.
        wait: Whether it is finished only when its workloads are up.
        timeout: Seconds that it may take.
        values: Its values.
        publish_as: What publishing makes of it.
    """

    kind: ClassVar[str] = "Helm release"
    default_icon: ClassVar[str] = "release"
    driver: ClassVar[str | None] = "fairlead.drivers.k3s.helm.release:HelmReleaseDriver"
    cluster_kind: ClassVar[str | None] = "fairlead.publish.kinds.helm_release:ReleaseClusterKind"
    publish_choices: ClassVar[Sequence[str]] = RELEASE

    def __init__(
        self,
        name: str,
        cluster: K3sServer,
        chart: str | os.PathLike[str],
        *,
        repo: str | None = None,
        version: str | None = None,
        namespace: str = "default",
        release_name: str | None = None,
        create_namespace: bool = True,
        wait: bool = True,
        timeout: float = 600,
        values: Mapping[str, Any] | None = None,
        publish_as: PublishReleaseAs | None = None,
    ) -> None:
        method = "add_helm_release"
        super().__init__(name, cluster, method=method, wait=wait, timeout=timeout)
        chart = os.fspath(chart) if isinstance(chart, os.PathLike) else chart
        self.chart = chart if self._text(method, "chart", chart) else ""
        self.repo = self._optional_text(method, "repo", repo)
        self.version = self._optional_text(method, "version", version)
        if self.version is not None and not is_version_range(self.version):
            mistake(
                f"add_helm_release() got {version!r} as version, which Helm reads neither as a version nor as a range",
                resource=self.name,
                remedy=VERSION_REMEDY,
            )
        self.namespace = namespace if self._namespace(method, namespace) else "default"
        self.release_name = self._release_name(release_name)
        self.create_namespace = self._flag(method, "create_namespace", create_namespace)
        self.values: Mapping[str, Any] = self._values(values)
        self.values_files: list[ValuesFile] = []
        self.helm_values: list[HelmValue] = []
        self.helm_runner: Literal["container", "host"] = "container"
        self.publish_as = self._published(method, publish_as, RELEASE)
        if (self.repo is not None and self.is_local_chart) or (
            self.chart.startswith("oci://") and self.repo is not None
        ):
            mistake(
                f"the chart {self.chart!r} is in no repository, and repo= names one",
                resource=self.name,
                remedy="Leave repo= out, or give the chart's name alone.",
            )

    @property
    def made_from(self) -> str:
        """Its chart and the version of that."""
        return " ".join(filter(None, (self.chart.rpartition("/")[2], self.version)))

    @property
    def is_local_chart(self) -> bool:
        """Whether its chart is a folder or archive of this machine: it starts with ``.``, ``/`` or ``~``."""
        return self.chart.startswith((".", "/", "~"))

    def with_helm_value(
        self, key: str, value: str | int | float | bool | Value | list[Any] | Mapping[str, Any] | None
    ) -> Self:
        r"""Set one value; it wins over values files and ``values=``, and a later call over an earlier one.

        Args:
            key: In the grammar of Helm's ``--set``: ``a.b[0].c``, with ``\.`` for a dot in a name.
            value: Keeps its Python type; may be deferred.
        """
        self._declare("with_helm_value")
        if not self._text("with_helm_value", "key", key):
            return self
        parts = parse_helm_key(key)
        problem = content_problem(value, "its value")
        if parts is None:
            mistake(
                f"with_helm_value() got the key {key!r}",
                resource=self.name,
                remedy=r"Write it like 'a.b[0].c', with '\.' for a dot in a name.",
            )
        elif problem is not None:
            mistake(
                f"with_helm_value({key!r}): {problem}",
                resource=self.name,
                remedy="Give text, a number, True, False, None, a deferred value, or a list or mapping of these.",
            )
        else:
            self.helm_values.append(HelmValue(parts, value, user_location()))
        return self

    def with_helm_values_file(self, path: str | os.PathLike[str]) -> Self:
        """Add a file with values, which is read when it starts; later ones win over earlier ones.

        Args:
            path: Relative to the app file's folder.
        """
        self._declare("with_helm_values_file")
        path = os.fspath(path) if isinstance(path, os.PathLike) else path
        if self._text("with_helm_values_file", "path", path):
            self.values_files.append(ValuesFile(path, user_location()))
        return self

    def take_values_files(self, paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> None:
        """Add the files of ``values_files=``: several in order, or one."""
        several = [paths] if isinstance(paths, (str, os.PathLike)) else paths
        if isinstance(several, Iterable) and not isinstance(several, (bytes, bytearray)):
            for path in several:
                self.with_helm_values_file(path)
        else:
            mistake(
                f"add_helm_release() needs paths as values_files, not {kind_of(paths)}",
                resource=self.name,
                remedy='Write values_files=["./values.yaml"].',
            )

    def with_helm_runner(self, runner: Literal["container", "host"]) -> Self:
        """Say which Helm installs it.

        Args:
            runner: ``container`` for the image of ``with_helm_image``, which is the default; ``host`` for the ``helm``
                of this machine, with its repositories, credentials and plugins.
        """
        self._declare("with_helm_runner")
        if self._one_of("with_helm_runner", "runner", runner, ("container", "host")):
            self.helm_runner = runner
        return self

    def own_values(self) -> dict[str, Any]:
        """What the definition gives: ``values=`` with each ``with_helm_value`` on top, without values files."""
        values = merge_values({}, self.values)
        for given in self.helm_values:
            values = set_value(values, given.key, given.value)
        return values

    def layered_values(self, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """All its values: the files in order, then ``values=``, then each ``with_helm_value``.

        Args:
            files: What the values files hold.
        """
        values: dict[str, Any] = {}
        for layer in (*files, self.values):
            values = merge_values(values, layer)
        for given in self.helm_values:
            values = set_value(values, given.key, given.value)
        return values

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the deferred ones among its values."""
        yield from super()._given_values()
        yield from ((value, self.where) for value in deferred(self.values))
        for given in self.helm_values:
            yield from ((value, given.where) for value in deferred(given.value))

    def _values(self, values: object) -> Mapping[str, Any]:
        if values is None:
            return {}
        problem = content_problem(values, "values") if isinstance(values, Mapping) else f"values is {kind_of(values)}"
        if problem is None and isinstance(values, Mapping):
            return values
        mistake(
            f"add_helm_release(): {problem}",
            resource=self.name,
            remedy="Write it like the chart's values.yaml: values={'replicas': 2}.",
        )
        return {}

    def _release_name(self, name: object) -> str:
        own_name = self._optional_text("add_helm_release", "release_name", name)
        found = own_name or normal_form(self.name)
        if len(found) > _LONGEST_RELEASE or not is_label(found):
            mistake(
                f"Helm can't call a release {found!r}",
                resource=self.name,
                remedy=f"Give release_name= with up to {_LONGEST_RELEASE} lower-case letters, digits and '-'.",
            )
        return found
