"""What a published program sees: its variables and arguments, made as the runtime makes them, but for a pod."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fairlead.model.consumer import Consumer, Contribution, Mode, Network
from fairlead.model.declaring import Location
from fairlead.model.reference import endpoint_variables
from fairlead.model.value import Value, ValueLike, is_value_like
from fairlead.model.workload import Reference, Workload
from fairlead.publish.callbacks import Callbacks
from fairlead.publish.chart import Use, Values
from fairlead.publish.diagnostics import Report
from fairlead.publish.env_files import EnvFiles, RequiredVariable
from fairlead.publish.ports import Port
from fairlead.publish.translation import Asker, Translator
from fairlead.publish.values import (
    GO_YAML_REFUSES,
    ChartValue,
    Joined,
    Leaf,
    Text,
    When,
    chart_values,
    encode,
    is_secret,
    join,
)
from fairlead.resources.external import ExternalService

#: The name of a Secret, or nothing.
_SECRET_NAME = {"type": "string", "pattern": r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"}


class PodEnvironment:
    """The variables and arguments of a workload's container.

    ``config`` and ``secret`` have what anyone and what only the program may see, by variable; ``args`` are escaped for
    Kubernetes, with references to variables for what is secret. ``places`` and ``argument_places`` have the lines that
    gave them.
    """

    def __init__(self) -> None:
        self.config: dict[str, Text | When] = {}
        self.secret: dict[str, Text | When] = {}
        self.args: list[Text] = []
        self.places: dict[str, Location] = {}
        self.argument_places: list[Location] = []


class _Candidate(NamedTuple):
    """A variable that counts unless another of its name comes after it; ``reference`` is what brought it."""

    value: Any
    asker: Asker
    reference: Reference | None = None
    is_own: bool = False


class EnvironmentMaker:
    """Makes the environments of one chart's workloads.

    Args:
        values: Where the values of the chart are declared.
        translator: Knows what values are in the cluster.
        callbacks: Calls the definition's functions.
        env_files: Reads environment files.
        report: Where what can't be published is reported.
    """

    def __init__(
        self, values: Values, translator: Translator, callbacks: Callbacks, env_files: EnvFiles, report: Report
    ) -> None:
        self._values = values
        self._translator = translator
        self._callbacks = callbacks
        self._env_files = env_files
        self._report = report

    def make(self, workload: Workload, ports: Mapping[str, Port]) -> PodEnvironment:
        """The environment of a workload.

        As in a run, its own variables win over the ports it is told, those over what references bring, and these over
        its environment files. Only what wins is looked at further, so what is not used leaves no trace in the values of
        the chart.
        """
        candidates: dict[str, _Candidate] = {}
        for file in workload.env_files:
            for name, value in self._env_files.variables(workload, file).items():
                asker = Asker(workload, file.where, f"the variable {name} of {file.path}")
                candidates[name] = _Candidate(value, asker, is_own=True)
        for reference in workload.references:
            candidates |= self._brought(workload, reference)
        for port in ports.values():
            if port.spec.env is not None:
                asker = Asker(workload, port.spec.where, f"the variable {port.spec.env}")
                candidates[port.spec.env] = _Candidate(str(port.number), asker)
        for variable in workload.environment:
            asker = Asker(workload, variable.where, f"the variable {variable.name}")
            candidates[variable.name] = _Candidate(variable.value, asker, is_own=True)
        made = PodEnvironment()
        for name, candidate in candidates.items():
            text = self._text(name, candidate)
            if text is not None:
                made.places[name] = candidate.asker.where
                entry = self._where_known(text) if candidate.reference and candidate.reference.optional else text
                (made.secret if is_secret(text) else made.config)[name] = entry
        self._add_arguments(workload, made)
        self._need(workload, made)
        return made

    def _brought(self, workload: Workload, reference: Reference) -> dict[str, _Candidate]:
        """The variables that a reference brings."""
        target = reference.target
        env: Mapping[str, ValueLike]
        if reference.endpoint is not None:
            env = endpoint_variables(reference.connection_name or target.name, [reference.endpoint])
        else:
            env = self._contributed(workload, reference).env
        return {
            name: _Candidate(
                value, Asker(workload, reference.where, f"the variable {name} from {target.name!r}"), reference
            )
            for name, value in env.items()
        }

    def _contributed(self, workload: Workload, reference: Reference) -> Contribution:
        target = reference.target
        try:
            contribution = target.contribute(Consumer(workload, Network.POD, Mode.PUBLISH, reference.connection_name))
        except Exception as error:
            self._report.error(
                workload,
                f"what {target.name!r} gives it raised {type(error).__name__}: {error}",
                f"Correct contribute() of {type(target).__name__}.",
                reference.where,
            )
            return Contribution()
        if contribution.mounts or contribution.files or contribution.extra_hosts:
            self._report.warn(
                workload,
                f"the files, mounts and host names that a reference to {target.name!r} brings are left out",
                "Give the program what it needs by environment variables.",
                reference.where,
            )
        return contribution

    def _text(self, name: str, candidate: _Candidate) -> Text | None:
        """The text of a variable; plain data of the definition, and addresses of external services, are values."""
        value, asker = candidate.value, candidate.asker
        if isinstance(value, RequiredVariable):
            path = "secrets", asker.resource.name, name
            return self._values.declare(path, "", comment=f"From {value.file}.", required=True)
        if candidate.is_own:
            value = self._called(value, asker)
        if value is None or not self._is_value(value, asker):
            return None
        text = self._translator.translate(value, asker)
        if text is None or isinstance(value, Value):
            return text
        if candidate.is_own:
            if isinstance(text, str) and GO_YAML_REFUSES.search(text):
                return text
            return self._values.declare(("config", asker.resource.name, name), text)
        target = candidate.reference.target if candidate.reference else None
        if isinstance(target, ExternalService) and value is target.url:
            comment = "The address of a service that somebody else runs."
            return self._values.declare(("parameters", target.name), text, comment=comment, required=True)
        return text

    def _where_known(self, text: Text) -> Text | When:
        """A text that is left out as long as a value that it needs is not given."""
        missing = dict.fromkeys(value for value in chart_values(text) if self._values.is_required(value))
        return When(tuple(missing), text) if missing else text

    def _add_arguments(self, workload: Workload, made: PodEnvironment) -> None:
        for number, argument in enumerate(workload.arguments, 1):
            asker = Asker(workload, argument.where, f"argument {number}")
            given = self._called(argument.value, asker)
            several = given if isinstance(given, (list, tuple)) else [given] if given is not None else []
            for value in several:
                if self._is_value(value, asker):
                    text = self._translator.translate(value, asker)
                    if text is not None:
                        made.args.append(_argument(text, made))
                        made.argument_places.append(argument.where)

    def _called(self, entry: Any, asker: Asker) -> Any:
        """What a callback gives, or the thing itself; None, reported, where the callback fails or gives nothing."""
        if isinstance(entry, Value) or not callable(entry):
            return entry
        try:
            result = self._callbacks.result(entry, asker.resource)
        except Exception as error:
            self._report.error(
                asker.resource,
                f"the function for {asker.what} raised {type(error).__name__}: {error}",
                "A function that only works in a run can ask its context: is_publish_mode.",
                asker.where,
            )
            return None
        if result is None:
            self._not_a_value(result, asker)
        return result

    def _is_value(self, value: object, asker: Asker) -> bool:
        if is_value_like(value):
            return True
        self._not_a_value(value, asker)
        return False

    def _not_a_value(self, value: object, asker: Asker) -> None:
        found = "None" if value is None else type(value).__name__
        self._report.error(
            asker.resource, f"{asker.what} is {found}", "Give text, a number or a deferred value.", asker.where
        )

    def _need(self, workload: Workload, made: PodEnvironment) -> None:
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
            if isinstance(entry, Leaf):
                for value in chart_values(entry):
                    if value.path[0] != "config":  # which always has a text
                        self._values.use(value, Use(workload.name, unless))


def existing_secret(values: Values, workload: Workload) -> ChartValue:
    """The value that names a Secret to use instead of the chart's own for a workload."""
    return values.declare(("existingSecrets", workload.name), "", schema=_SECRET_NAME)


def _argument(text: Text, made: PodEnvironment) -> Text:
    """An argument as Kubernetes takes it: nothing in it is read as a reference but ours to a secret."""
    parts = text.parts if isinstance(text, Joined) else (text,)
    return join(_secret_reference(part, made) if is_secret(part) else encode(part, "dollars") for part in parts)


def _secret_reference(text: Text, made: PodEnvironment) -> str:
    """``$(VARIABLE)`` for a variable that holds a secret: one that is there already, else one made for it."""
    for name, known in made.secret.items():
        if known == text:
            return f"$({name})"
    taken = made.config.keys() | made.secret.keys()
    name = next(name for number in range(1, len(taken) + 2) if (name := f"SECRET_ARGUMENT_{number}") not in taken)
    made.secret[name] = text
    return f"$({name})"
