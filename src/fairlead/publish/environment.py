"""What a published program sees: its variables and arguments, made as the runtime makes them, but for a pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.consumer import Consumer, Mode, Network
from fairlead.model.declaring import Location
from fairlead.model.reference import endpoint_variables
from fairlead.model.value import Value, ValueLike, is_value_like
from fairlead.model.workload import Reference, Workload
from fairlead.publish.callbacks import Callbacks
from fairlead.publish.chart import Use, Values
from fairlead.publish.diagnostics import Report
from fairlead.publish.ports import Port
from fairlead.publish.translation import Asker, Translator
from fairlead.publish.values import ChartValue, Joined, Leaf, Text, When, chart_values, encode, is_secret, join
from fairlead.resources.external import ExternalService


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


class EnvironmentMaker:
    """Makes the environments of one chart's workloads.

    Args:
        values: Where the values of the chart are declared.
        translator: Knows what values are in the cluster.
        callbacks: Calls the definition's functions.
        report: Where what can't be published is reported.
    """

    def __init__(self, values: Values, translator: Translator, callbacks: Callbacks, report: Report) -> None:
        self._values = values
        self._translator = translator
        self._callbacks = callbacks
        self._report = report

    def make(self, workload: Workload, ports: Mapping[str, Port]) -> PodEnvironment:
        """The environment of a workload.

        As in a run, its own variables win over the ports it is told, and those over what references bring.
        """
        variables: dict[str, Text | When] = {}
        for reference in workload.references:
            variables.update(self._referred(workload, reference))
        variables |= {port.spec.env: str(port.number) for port in ports.values() if port.spec.env is not None}
        for variable in workload.environment:
            asker = Asker(workload, variable.where, f"the variable {variable.name}")
            value = self._called(variable.value, asker)
            if value is None or not self._is_value(value, asker):
                continue
            text = self._translator.translate(value, asker)
            if text is not None:
                literal = not isinstance(value, Value)
                path = "config", workload.name, variable.name
                variables[variable.name] = self._values.declare(path, text) if literal else text
        made = PodEnvironment()
        made.places = {variable.name: variable.where for variable in workload.environment}
        for name, entry in variables.items():
            text = entry.content if isinstance(entry, When) else entry
            (made.secret if is_secret(text) else made.config)[name] = entry
        self._add_arguments(workload, made)
        self._need(workload, made)
        return made

    def _referred(self, workload: Workload, reference: Reference) -> Iterator[tuple[str, Text | When]]:
        target, where = reference.target, reference.where
        if reference.endpoint is not None:
            env: Mapping[str, ValueLike] = endpoint_variables(
                reference.connection_name or target.name, [reference.endpoint]
            )
        else:
            consumer = Consumer(workload, Network.POD, Mode.PUBLISH, reference.connection_name)
            try:
                contribution = target.contribute(consumer)
            except Exception as error:
                self._report.error(
                    workload,
                    f"what {target.name!r} gives it raised {type(error).__name__}: {error}",
                    f"Correct contribute() of {type(target).__name__}.",
                    where,
                )
                return
            env = contribution.env
            if contribution.mounts or contribution.files or contribution.extra_hosts:
                self._report.warn(
                    workload,
                    f"the files, mounts and host names that a reference to {target.name!r} brings are left out",
                    "Give the program what it needs by environment variables.",
                    where,
                )
        for name, value in env.items():
            asker = Asker(workload, where, f"the variable {name} from {target.name!r}")
            if not self._is_value(value, asker):
                continue
            text: Text | None
            if isinstance(target, ExternalService) and value is target.url and isinstance(value, str):
                comment = "The address of a service that somebody else runs."
                text = self._values.declare(("parameters", target.name), value, comment=comment, required=True)
            else:
                text = self._translator.translate(value, asker)
            if text is None:
                continue
            missing = tuple(found for found in chart_values(text) if self._values.is_required(found))
            yield name, When(tuple(dict.fromkeys(missing)), text) if reference.optional and missing else text

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
        for entries, condition in ((made.config.values(), None), (made.args, None), (made.secret.values(), unless)):
            for entry in entries:
                if isinstance(entry, Leaf):
                    for value in chart_values(entry):
                        if value.path[0] != "config":  # which always has a text
                            self._values.use(value, Use(workload.name, condition))


def existing_secret(values: Values, workload: Workload) -> ChartValue:
    """The value that names a Secret to use instead of the chart's own for a workload."""
    return values.declare(("existingSecrets", workload.name), "")


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
