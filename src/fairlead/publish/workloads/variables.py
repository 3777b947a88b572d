"""What a published program sees: its variables and arguments, made as the runtime makes them, but for a pod."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeAlias

from fairlead.model.composition.composition import ComposedVariable, Entry, compose
from fairlead.model.composition.contributions import Mistake, ReferenceContribution
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.programs.inputs import Reference
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.model.values.value import Value, ValueLike
from fairlead.model.volume import VolumeMount
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import (
    ChartValue,
    Joined,
    Leaf,
    Text,
    When,
    chart_values,
    encode,
    is_secret,
    join,
    yaml_refuses,
)
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.chart.ports import Port
from fairlead.publish.chart.sections import Section
from fairlead.publish.chart.values_yaml import RequiredBy, ValuesYaml
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.publish.translation.callbacks import Callbacks
from fairlead.publish.translation.env_files import EnvFiles, RequiredVariable
from fairlead.publish.translation.translator import Translator, ValueSite

NameChange: TypeAlias = Callable[[Text, str | None], tuple[Text, list[str]]]
#: The name of a Secret, or nothing.
_SECRET_NAME = {"type": "string", "pattern": r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"}


class VariableTranslator:
    """Makes the environments of one chart's workloads.

    Args:
        values: Where the values of the chart are declared.
        translator: Knows what values are in the cluster.
        callbacks: Calls the definition's functions.
        env_files: Reads environment files.
        report: Where what can't be published is reported.
        inactive: The names of the members of groups that the chart leaves out.
        with_service_names: Gives programs in a text of a variable, or of an argument for None, the names of their
            Services, and tells which names it replaced; None where Services are called as the definition calls them.
    """

    def __init__(
        self,
        values: ValuesYaml,
        translator: Translator,
        callbacks: Callbacks,
        env_files: EnvFiles,
        report: Report,
        inactive: Collection[str] = (),
        with_service_names: NameChange | None = None,
    ) -> None:
        self._values = values
        self._translator = translator
        self._callbacks = callbacks
        self._env_files = env_files
        self._name_change = with_service_names
        self._report = report
        self._inactive = inactive

    def make(self, workload: Workload, ports: Mapping[str, Port]) -> PodVariables:
        """The environment of a workload.

        Only what wins is looked at further, so what is not used leaves no trace in the values of the chart.
        """
        files = [(file, self._env_files.variables(workload, file)) for file in workload.env_files]
        composition = compose(workload, Mode.PUBLISH, files=files, inactive=self._inactive)
        for mistake in composition.mistakes:
            self._report_mistake(workload, mistake)
        for given in composition.contributions:
            self._report_lost(workload, given)
        made = PodVariables()
        for name, variable in composition.variables.items():
            text = self._variable(workload, variable, ports)
            if text is not None:
                made.places[name] = variable.where
                entry = self._where_known(text) if variable.optional else text
                (made.secret if is_secret(text) else made.config)[name] = entry
        self._add_arguments(workload, composition.arguments, made)
        self._need(workload, made)
        return made

    def _report_lost(self, workload: Workload, given: ReferenceContribution) -> None:
        contribution, reference = given.contribution, given.reference
        if contribution.mounts or contribution.files or contribution.extra_hosts:
            self._report.warn(
                workload,
                f"the files, mounts and host names that a reference to {reference.target.name!r} brings are left out",
                "Give the program what it needs by environment variables.",
                reference.where,
            )

    def _variable(self, workload: Workload, variable: ComposedVariable, ports: Mapping[str, Port]) -> Text | None:
        """The text of a variable; plain data of the definition, and addresses of external services, are values."""
        source = variable.source
        if isinstance(source, EndpointSpec):
            return str(ports[source.name].number)
        if isinstance(source, VolumeMount):
            return source.target
        if isinstance(variable.value, RequiredVariable):
            path = Section.SECRETS.value(workload.name, variable.name)
            return self._values.declare(path, "", comment=f"From {variable.value.file}.", required=True)
        values = self._called(workload, variable)
        if not values:
            return None
        (value,) = values
        site = ValueSite(workload, variable.where, variable.label)
        text = self._translator.translate(value, site)
        if text is None:
            return None
        if isinstance(source, Reference):
            return self._contributed(source.target, value, text)
        text = self._with_service_names(text, site, variable.name)
        if isinstance(value, Value) or (isinstance(text, str) and yaml_refuses(text)):
            return text
        return self._values.declare(Section.CONFIG.value(workload.name, variable.name), text)

    def _contributed(self, provider: Resource, value: ValueLike, text: Text) -> Text:
        """The text of a variable that a reference brings; of some kinds it is the default of a parameter."""
        comment = cluster_kind_of(provider).parameter_comment(provider, value)
        if comment is None:
            return text
        return self._values.declare(Section.PARAMETERS.value(provider.name), text, comment=comment, required=True)

    def _where_known(self, text: Text) -> Text | When:
        """A text that is left out as long as a value that it needs is not given."""
        missing = dict.fromkeys(value for value in chart_values(text) if self._values.is_required(value))
        return When(tuple(missing), text) if missing else text

    def _add_arguments(self, workload: Workload, arguments: Iterable[Entry], made: PodVariables) -> None:
        for argument in arguments:
            for value in self._called(workload, argument):
                site = ValueSite(workload, argument.where, argument.label)
                text = self._translator.translate(value, site)
                if text is not None:
                    made.args.append(_argument(self._with_service_names(text, site), made))
                    made.argument_places.append(argument.where)

    def _with_service_names(self, text: Text, site: ValueSite, variable: str | None = None) -> Text:
        """A text of the definition with the names that Services have in its addresses, which is noted."""
        if self._name_change is None:
            return text
        text, replaced = self._name_change(text, variable)
        for name in replaced:
            self._report.note(
                site.resource,
                f"{site.what} calls {name!r} by a name that no Service can have; the chart has {object_name(name)!r}",
                "Nothing has to be done.",
                site.where,
            )
        return text

    def _called(self, workload: Workload, entry: Entry) -> list[ValueLike]:
        """The values of an entry: its own, or what its callback returns; none, reported, where that can't be given."""
        if not entry.is_callback:
            return [entry.value]
        try:
            returned = self._callbacks.result(entry.value, workload)
        except Exception as error:
            self._report_mistake(workload, entry.raised(error, Mode.PUBLISH))
            return []
        values: list[ValueLike] = []
        for value in entry.results(returned):
            mistake = entry.mistake_in(value)
            if mistake is None:
                values.append(value)
            else:
                self._report_mistake(workload, mistake)
        return values

    def _report_mistake(self, workload: Workload, mistake: Mistake) -> None:
        self._report.error(workload, mistake.message, mistake.remedy, mistake.where)

    def _need(self, workload: Workload, made: PodVariables) -> None:
        """Make known which values the workload can't do without; those of its Secret can come with that Secret."""
        unless = existing_secret(self._values, workload) if made.secret else None
        self.need(workload, [*made.config.values(), *made.args], None)
        self.need(workload, made.secret.values(), unless)

    def need(self, workload: Workload, entries: Iterable[Text | When], unless: ChartValue | None) -> None:
        """Make known that a workload can't do without the values in some texts.

        Args:
            workload: The workload.
            entries: The texts; what is there only when its value is given needs none.
            unless: The value that names a Secret which has all of it.
        """
        for entry in entries:
            if isinstance(entry, ChartValue) and entry.section is Section.CONFIG:
                continue  # as most are
            if isinstance(entry, Leaf):
                for value in chart_values(entry):
                    if value.section is not Section.CONFIG:  # which always has a text
                        self._values.use(value, RequiredBy(workload.name, unless))


def existing_secret(values: ValuesYaml, workload: Workload) -> ChartValue:
    """The value that names a Secret to use instead of the chart's own for a workload."""
    return values.declare(Section.EXISTING_SECRETS.value(workload.name), "", schema=_SECRET_NAME)


def _argument(text: Text, made: PodVariables) -> Text:
    """An argument as Kubernetes takes it: nothing in it is read as a reference but ours to a secret."""
    parts = text.parts if isinstance(text, Joined) else (text,)
    return join(_secret_reference(part, made) if is_secret(part) else encode(part, "dollars") for part in parts)


def _secret_reference(text: Text, made: PodVariables) -> str:
    """``$(VARIABLE)`` for a variable that holds a secret: one that is there already, else one made for it."""
    for name, known in made.secret.items():
        if known == text:
            return f"$({name})"
    taken = made.config.keys() | made.secret.keys()
    name = next(name for number in range(1, len(taken) + 2) if (name := f"SECRET_ARGUMENT_{number}") not in taken)
    made.secret[name] = text
    return f"$({name})"
