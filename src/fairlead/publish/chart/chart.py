"""What is published for one environment: objects, and the values that their leaves refer to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fairlead.model.locations import Location
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource
from fairlead.publish.chart.image_build import ImageBuild
from fairlead.publish.chart.jobs import JobIdentity
from fairlead.publish.chart.leaves import Builtin, ChartValue, Checksum, Joined, Leaf, Named, Text, WithDefault
from fairlead.publish.chart.object_names import ObjectKey
from fairlead.publish.chart.values_yaml import ValuesYaml
from fairlead.records import each, mutable_record, record


@mutable_record
class ChartObject:
    """A Kubernetes object.

    Args:
        owner: The resource that it was made for.
        body: Its fields; leaves of :mod:`fairlead.publish.chart.leaves` may stand wherever data can.
        conditions: It is there when all of them hold.
        is_given: Whether the definition brings it along as it is.
    """

    owner: Resource
    body: dict[str, Any]
    conditions: tuple[Leaf, ...] = ()
    is_given: bool = False

    @property
    def kind(self) -> str:
        """The kind of the object."""
        kind: str = self.body["kind"]
        return kind

    @property
    def key(self) -> ObjectKey:
        """What tells it from the other objects of the chart."""
        return ObjectKey(self.kind, self.body["metadata"]["name"])

    @property
    def group(self) -> str:
        """The group of its API; empty for the core one."""
        return str(self.body["apiVersion"]).rpartition("/")[0]

    @property
    def namespace(self) -> str:
        """The namespace it names; empty for that of the release."""
        return placeholder_name(self.body["metadata"].get("namespace", ""))

    @property
    def name(self) -> str:
        """The name of the object, with zeros for what only the values of the chart tell."""
        return placeholder_name(self.body["metadata"]["name"])

    @property
    def shown_name(self) -> str:
        """The name of the object for a person, with an ellipsis for what only its installation tells."""
        return placeholder_name(self.body["metadata"]["name"], shown=True)


#: How long the name of a release can be.
MAX_RELEASE = 53


def placeholder_name(name: Text, *, shown: bool = False) -> str:
    """The name at publish time.

    Unknown parts become zeros: 53 for the release, a checksum's own length, one for anything else; with ``shown``, an
    ellipsis.
    """
    if isinstance(name, str):
        return name
    if isinstance(name, Joined):
        return "".join(placeholder_name(part, shown=shown) for part in name.parts)
    if isinstance(name, Named):
        return placeholder_name(name.text, shown=shown)
    if isinstance(name, WithDefault):
        return placeholder_name(name.default, shown=shown)
    if shown:
        return "…"
    length = MAX_RELEASE if isinstance(name, Builtin) and name.name == "release" else 1
    return "0" * (name.length if isinstance(name, Checksum) else length)


@record
class PassedParameter:
    """A parameter of the app that is a value of another chart.

    Args:
        path: The keys of that value below the chart's own.
        parameter: What the parameter is where the app uses it itself.
        required: Whether it has to be given.
    """

    path: tuple[str | int, ...]
    parameter: ChartValue
    required: bool


@record
class Subchart:
    """A chart that is installed together with this one.

    Args:
        owner: The resource that it was made for.
        alias: The key of its values.
        name: Its name in the repository.
        version: Its version, or a range.
        repository: Where it comes from; empty for one that is written into the chart's own folder.
        values: Its values, as far as they are known.
        passed_parameters: The others.
        enabled: Whether it is installed at all.
        files: Its files, by their paths below its folder, where it has no repository.
    """

    owner: Resource
    alias: str
    name: str
    version: str
    repository: str
    values: dict[str, Any]
    passed_parameters: list[PassedParameter]
    enabled: ChartValue
    files: Mapping[str, str] = MappingProxyType({})


@record
class SeparateRelease:
    """A chart that is installed beside this one, as a release of its own.

    Args:
        owner: The resource that it was made for.
        alias: What its files are called.
        release: The name of the release.
        namespace: Its namespace; None for the one that the user chooses for the app.
        is_before: Whether it is installed before the app; else after it.
        reference: How Helm finds the chart; empty for one whose files are given.
        values: Its values, as far as they are known.
        passed_parameters: The others.
        files: The chart's files, by their paths below its folder.
    """

    owner: Resource
    alias: str
    release: str
    namespace: str | None
    is_before: bool
    reference: str
    values: dict[str, Any]
    passed_parameters: list[PassedParameter]
    files: Mapping[str, str] = MappingProxyType({})


@record
class ExpectedSecret:
    """A Secret with a certificate that has to be made by other means.

    Args:
        owner: The router that it is for.
        name: Its name.
        hosts: The hosts of the certificate; none for callers of any.
        where: The line in the app file.
    """

    owner: Resource
    name: Text
    hosts: tuple[Text, ...]
    where: Location


@record
class FirstStartValue:
    """A variable that only the first start of a workload takes, because its data keep it.

    Args:
        workload: The workload.
        kind: ``Secret`` or ``ConfigMap``: the kind of the object that has the variable.
        name: The name of that object.
        variable: The variable.
        text: Its text.
        unless: The value that names a Secret which has it instead; None where none can.
        change: How it is changed in the data.
    """

    workload: str
    kind: str
    name: str
    variable: str
    text: Leaf
    unless: ChartValue | None
    change: str


@record
class OptionalAccount:
    """A ServiceAccount that is only there if the chart's user asks for it, as any pods can have one.

    Args:
        owner: The resource whose pods have it.
        name: The name of the resource's objects, and of the account unless the user names it.
    """

    owner: Resource
    name: str


@mutable_record
class Chart:
    """Everything that a renderer needs to know.

    Args:
        name: The chart's name.
        version: Its version.
        description: What Chart.yaml says about it.
        app: The app's name in its normal form, which labels all objects.
        release: The name to install it under.
        namespace: The namespace to install it in; None for the one the user chooses.
        registry: Where the images are that are built for it; None for what the engine takes by default.
        pod_security: The profile that its pods are held to.
        labels: Labels of all objects and pods, besides those by which they are found.
        annotations: Annotations of all objects and pods.
        is_partial: Whether other environments have workloads of the app that this one has not.
    """

    name: str
    version: str
    description: str
    app: str
    release: str
    namespace: str | None
    registry: str | None = None
    pod_security: str | Parameter = "default"
    labels: Mapping[str, str] = each(factory=dict)
    annotations: Mapping[str, str] = each(factory=dict)
    is_partial: bool = False
    values: ValuesYaml = each(factory=ValuesYaml)
    objects: list[ChartObject] = each(factory=list)
    subcharts: list[Subchart] = each(factory=list)
    #: The groups of APIs that the cluster has before the chart is installed, beside those of Kubernetes itself.
    present_groups: set[str] = each(factory=set)
    #: The charts that are installed beside it.
    separate_releases: list[SeparateRelease] = each(factory=list)
    #: The Secrets that have to be made beside it.
    expected_secrets: list[ExpectedSecret] = each(factory=list)
    #: The accounts that nothing needs by itself, which are no objects of it yet.
    optional_accounts: list[OptionalAccount] = each(factory=list)
    #: Lines about the app for whoever has installed it.
    notes: list[Text] = each(factory=list)
    #: The variables that can't just be changed by an upgrade.
    first_start_values: list[FirstStartValue] = each(factory=list)
    #: The addresses that people type and that something of the chart is given, by resource and endpoint.
    public_urls: dict[tuple[str, str], Text] = each(factory=dict)
    #: The images that have to be built for it.
    builds: list[ImageBuild] = each(factory=list)
    #: Texts that objects refer to by name.
    names: list[Named] = each(factory=list)
    #: The identities of its Jobs, each before those of the Jobs that wait for it.
    jobs: list[JobIdentity] = each(factory=list)

    def add(self, owner: Resource, body: dict[str, Any], *conditions: Leaf, is_given: bool = False) -> None:
        """Add an object that was made for a resource, or that the definition brings along.

        Args:
            owner: The resource.
            body: The object's fields.
            *conditions: It is there when all of them hold.
            is_given: Whether the definition brings it along as it is.
        """
        self.objects.append(ChartObject(owner, body, conditions, is_given))

    def find(self, key: ObjectKey) -> ChartObject | None:
        """The object of a kind and name, if there is one."""
        return next((chart_object for chart_object in self.objects if chart_object.key == key), None)
