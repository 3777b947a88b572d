"""What a program is started with, composed from the definition: which variables and arguments, and from where.

A run and a chart give a program the same variables in the same order; only their texts differ. So it is decided once,
here, which variable wins over which, what is optional, what comes from where, and what can't be a value at all; host
processes, containers and pods only resolve what comes out. Environment files come first, then references, then ports of
its own endpoints and paths of its volumes, then what the definition says. Later wins, and a variable keeps the place of
the first of its name.

A callback is an entry whose value the caller asks for: a run awaits it, publishing drives it, and both have what it
returned checked here. Nothing in this module waits, knows an engine, or knows what a cluster is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

from fairlead.model.argument_checks import kind_of
from fairlead.model.composition.contributions import Mistake, ReferenceContribution, contributions_to
from fairlead.model.composition.origin import VariableOrigin, origin_of_value
from fairlead.model.composition.providers import awaits_any_of
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.locations import Location
from fairlead.model.parameter import Parameter
from fairlead.model.programs.inputs import Reference, Variable
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Endpoint
from fairlead.model.values.env_file import EnvFile
from fairlead.model.values.value import Value, ValueLike, is_value_like
from fairlead.model.volume import VolumeFolder, VolumeMount
from fairlead.records import record, replaced

Source: TypeAlias = EnvFile | Reference | EndpointSpec | VolumeMount | Variable
"""What brings a variable: an environment file, a reference, an endpoint whose port it tells, a volume whose path it
tells, or the definition."""
FileVariables: TypeAlias = tuple[EnvFile, Mapping[str, ValueLike]]
"""What the caller has read of an environment file."""


@record
class Entry:
    """An argument or a variable.

    Args:
        name: The variable, or ``argument 2``.
        value: Plain data, a deferred value, or a callback that gives one (for an argument: one or a list).
        where: The line that gave it.
    """

    name: str
    value: Any
    where: Location

    @property
    def label(self) -> str:
        """What messages call it."""
        return self.name

    @property
    def is_callback(self) -> bool:
        """Whether the value is what a function of the definition returns."""
        return callable(self.value) and not isinstance(self.value, Value)

    def raised(self, error: Exception, mode: Mode) -> Mistake:
        """The mistake that its callback made by raising an exception."""
        message = f"the callback of {self.name} raised {type(error).__name__}: {error}"
        remedy = f"Correct the function, which is given at {self.where}."
        if mode is Mode.PUBLISH:
            remedy = "A function that only works in a run can ask its context: is_publish_mode."
        return Mistake(message, remedy, self.where)

    def results(self, returned: Any) -> tuple[Any, ...]:
        """The values in what its callback returned: that of an argument may give several."""
        return tuple(returned) if isinstance(returned, (list, tuple)) else (returned,)

    def mistake_in(self, value: object) -> Mistake | None:
        """What is wrong with giving something, its own value or what its callback returned; None if it can be given.

        The thing itself is never shown.
        """
        if is_value_like(value):
            return None
        if self.is_callback:
            message = f"the callback of {self.name} returned {kind_of(value)}"
            return Mistake(message, "Return text, a number or a deferred value.", self.where)
        return Mistake(f"{self.label} is {kind_of(value)}", "Give text, a number or a deferred value.", self.where)


@record
class ComposedVariable(Entry):
    """A variable.

    Args:
        source: What brings it.
        optional: Whether it is left out, instead of waited for or required, as long as its value is not known.
        overridden: The variable of the same name that counts where this one can't be given.
    """

    source: Source
    optional: bool = False
    overridden: ComposedVariable | None = None

    @property
    def label(self) -> str:
        """What messages call it: with the resource or file that gives it, where the definition does not."""
        giver = ""
        if isinstance(self.source, Reference):
            giver = f" from {self.source.target.name!r}"
        elif isinstance(self.source, EnvFile):
            giver = f" of {self.source.path}"
        return f"the variable {self.name}{giver}"

    @property
    def origin(self) -> VariableOrigin:
        """Where its value comes from."""
        source = self.source
        if isinstance(source, EnvFile):
            return VariableOrigin(f"file {source.path}")
        if isinstance(source, EndpointSpec):
            return VariableOrigin(f"port of its endpoint {source.name}")
        if isinstance(source, VolumeMount):
            return VariableOrigin(f"path of its volume {source.name}" if source.name else f"path {source.target}")
        if isinstance(source, Reference):
            target = source.target.name
            if isinstance(self.value, Parameter):
                return VariableOrigin(f"parameter {self.value.name}, by the reference to {target}", self.value.name)
            return VariableOrigin(f"reference to {target}", target)
        if self.is_callback:
            return VariableOrigin(f"function {getattr(self.value, '__name__', 'of the definition')}")
        return origin_of_value(self.value)

    @property
    def is_callback(self) -> bool:
        """Whether the value is what a function of the definition returns; a reference can't give a function."""
        return isinstance(self.source, Variable) and callable(self.value) and not isinstance(self.value, Value)

    def results(self, returned: Any) -> tuple[Any, ...]:
        """What its callback returned, as it is."""
        return (returned,)

    def mistake_in(self, value: object) -> Mistake | None:
        """As of any entry; what a reference gives is to be corrected in the kind that it refers to."""
        mistake = Entry.mistake_in(self, value)
        if mistake is None or not isinstance(self.source, Reference):
            return mistake
        kind = type(self.source.target).__name__
        remedy = f"Let contribute() of {kind} give text, a number or a deferred value, or leave the variable out."
        return replaced(mistake, remedy=remedy)


@record
class Composition:
    """What a program is started with.

    Args:
        variables: By name, in the order in which the program is given them.
        arguments: In order.
        contributions: What each reference gives, beyond the variables too.
        left_out: The references and variables that need a value of an excluded resource.
        mistakes: What can't be given, which is left out of the rest.
    """

    variables: Mapping[str, ComposedVariable]
    arguments: tuple[Entry, ...]
    contributions: tuple[ReferenceContribution, ...]
    left_out: tuple[Reference | Variable, ...]
    mistakes: tuple[Mistake, ...]


def compose(
    workload: Workload,
    mode: Mode,
    *,
    files: Iterable[FileVariables] = (),
    excluded: Collection[str] = (),
    inactive: Collection[str] = (),
) -> Composition:
    """What a program is started with; its callbacks are not called yet.

    Args:
        workload: The program. It asks for values from where it runs in this mode; see ``consumer_of``.
        mode: Whether the app runs or is published.
        files: Its environment files in order, as the caller has read them; the definition itself reads nothing.
        excluded: Names of the resources that a run does without. A variable that needs a value of theirs is left out,
            and so is all that a reference gives which would give one such value.
        inactive: Names of the members of groups that nobody asked for; optional references to them give nothing.
    """
    composer = _Composer(excluded)
    for file, variables in files:
        composer.add_file(file, variables)
    for contribution in contributions_to(workload, mode):
        if contribution.reference.optional and contribution.reference.target.name in inactive:
            continue
        composer.add_contribution(contribution)
    for spec in workload.endpoints.values():
        composer.add_port(workload, spec)
    for volume in workload.volumes:
        composer.add_volume_path(volume, is_folder=mode is Mode.RUN and workload.placement.is_process)
    for variable in workload.environment:
        composer.add_variable(variable)
    for number, argument in enumerate(workload.arguments, 1):
        composer.add_argument(Entry(f"argument {number}", argument.value, argument.where))
    return composer.composition()


class _Composer:
    """Puts a composition together, from what wins last to what wins first.

    Args:
        excluded: Names of the resources whose values there are not.
    """

    def __init__(self, excluded: Collection[str]) -> None:
        self._excluded = excluded
        self._variables: dict[str, ComposedVariable] = {}
        self._arguments: list[Entry] = []
        self._contributions: list[ReferenceContribution] = []
        self._left_out: list[Reference | Variable] = []
        self._mistakes: list[Mistake] = []

    def composition(self) -> Composition:
        """What it has put together."""
        return Composition(
            self._variables,
            tuple(self._arguments),
            tuple(self._contributions),
            tuple(self._left_out),
            tuple(self._mistakes),
        )

    def add_file(self, file: EnvFile, variables: Mapping[str, ValueLike]) -> None:
        """Add the variables of an environment file."""
        for name, value in variables.items():
            self._add(ComposedVariable(name, value, file.where, file))

    def add_contribution(self, given: ReferenceContribution) -> None:
        """Add what a reference gives."""
        reference = given.reference
        self._mistakes += given.mistakes
        if any(awaits_any_of(value, self._excluded) for value in given.values()):
            self._left_out.append(reference)
            return
        self._contributions.append(given)
        for name, value in given.contribution.env.items():
            self._add(ComposedVariable(name, value, reference.where, reference, reference.optional))

    def add_port(self, workload: Workload, spec: EndpointSpec) -> None:
        """Add the variable that tells the port of an endpoint, if one does."""
        if spec.env:
            port = Endpoint(workload, spec.name, spec.where).target_port
            self._add(ComposedVariable(spec.env, port, spec.where, spec))

    def add_volume_path(self, volume: VolumeMount, *, is_folder: bool) -> None:
        """Add the variable that tells the path of a volume, if one does.

        Args:
            volume: The volume.
            is_folder: Whether it is a folder of this machine, and nothing at its target.
        """
        if volume.env:
            path = VolumeFolder(volume.name) if is_folder and volume.name is not None else volume.target
            self._add(ComposedVariable(volume.env, path, volume.where, volume))

    def add_variable(self, variable: Variable) -> None:
        """Add a variable of the definition."""
        if awaits_any_of(variable.value, self._excluded):
            self._left_out.append(variable)
        else:
            self._add(ComposedVariable(variable.name, variable.value, variable.where, variable))

    def add_argument(self, argument: Entry) -> None:
        """Add an argument of the definition."""
        if self._is_sound(argument):
            self._arguments.append(argument)

    def _add(self, variable: ComposedVariable) -> None:
        if self._is_sound(variable):
            overridden = self._variables.get(variable.name)
            self._variables[variable.name] = replaced(variable, overridden=overridden) if overridden else variable

    def _is_sound(self, entry: Entry) -> bool:
        """Whether something can be given, as far as that is known before callbacks are called."""
        if type(entry.value) is str:  # as most values are
            return True
        mistake = None if entry.is_callback else entry.mistake_in(entry.value)
        if mistake is not None:
            self._mistakes.append(mistake)
        return mistake is None
