"""Where the values of parameters come from, and which source wins.

Set in this run (by a command or on the page) > command line > environment (then ``.env``) > stored secrets >
``[tool.fairlead.parameters]`` > default, made up and stored where the definition says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import StateError, UsageError, ValueMissing
from fairlead.model.app import App
from fairlead.model.names import listing, nearest
from fairlead.model.parameter import Generate, Parameter
from fairlead.runtime.store.secrets import SecretStore, generate_password

SET = "set in this run"
COMMAND_LINE = "command line"
ENVIRONMENT = "environment"
STORED = "stored"
PROJECT = "pyproject.toml"
DEFAULT = "default"
GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class Found:
    """A parameter's value and the source it came from, in words."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one source says of a parameter.

    Args:
        source: The source, in words.
        value: The value; None where it gives none.
    """

    source: str
    value: str | None


class ParameterSources:
    """The sources of one run.

    Args:
        given: Values that the command line gives for this run, by the parameter's name.
        environ: The environment, with what ``.env`` adds.
        store: The stored secrets; None for a run that stores nothing.
        project: ``[tool.fairlead.parameters]``.
        project_file: The ``pyproject.toml`` it is in; None without one.
    """

    def __init__(
        self,
        given: Mapping[str, str],
        environ: Mapping[str, str],
        store: SecretStore | None,
        project: Mapping[str, str],
        project_file: Path | None = None,
    ) -> None:
        self._given = {name.lower(): value for name, value in given.items()}
        self._environ = environ
        self.store = store
        self._project = {name.lower(): value for name, value in project.items()}
        self.project_file = project_file
        self._set: dict[str, str] = {}
        self._changed: dict[str, float] = {}
        # What was made up in this run, by name; of a run that stores nothing it is the only place.
        self._generated: dict[str, str] = {}

    def inherit(self, before: ParameterSources) -> None:
        """Take over what was set and made up in this run, from the sources that the run had until now."""
        self._set, self._changed, self._generated = before._set, before._changed, before._generated

    def find(self, parameter: Parameter) -> Found:
        """The value of a parameter.

        Raises:
            ValueMissing: Nothing gives one.
            StateError: The stored secrets can't be read, or a generated value can't be stored.
        """
        found = self.look(parameter)
        if found is not None:
            return found
        if isinstance(parameter.default, Generate):
            return Found(self._generate(parameter, parameter.default.length), GENERATED)
        if parameter.default is not None:
            return Found(parameter.default, DEFAULT)
        raise ValueMissing(
            "nothing gives it a value",
            resource=parameter.name,
            remedy=f"Set {parameter.variable}, or give --parameter {parameter.name}="
            + ("@FILE." if parameter.secret else "VALUE."),
        )

    def look(self, parameter: Parameter) -> Found | None:
        """The value that a source gives a parameter, defaults aside. Generates and stores nothing.

        Raises:
            StateError: The stored secrets can't be read.
        """
        for answer in self._answers(parameter):
            if answer.value is not None:
                is_generated = answer.source == STORED and parameter.name.lower() in self._generated
                return Found(answer.value, GENERATED if is_generated else answer.source)
        generated = self._generated.get(parameter.name.lower())
        return None if generated is None else Found(generated, GENERATED)

    def answers(self, parameter: Parameter) -> list[SourceAnswer]:
        """What each source says of a parameter, in the order in which they win; the first value is the one that counts.

        Generates and stores nothing, so a value that is to be made up is in the last one only once it was.

        Raises:
            StateError: The stored secrets can't be read.
        """
        answers = list(self._answers(parameter))
        if not isinstance(parameter.default, Generate):
            return [*answers, SourceAnswer(DEFAULT, parameter.default)]
        generated = self._generated.get(parameter.name.lower())
        if generated is None or self.store is None:
            return [*answers, SourceAnswer(GENERATED, generated)]
        # It was made up in this run and stored at once: that it is stored is only the consequence.
        return [
            *(SourceAnswer(STORED, None) if answer.source == STORED else answer for answer in answers),
            SourceAnswer(GENERATED, self.store.get(parameter.name)),
        ]

    def _answers(self, parameter: Parameter) -> Iterator[SourceAnswer]:
        name = parameter.name.lower()
        yield SourceAnswer(SET, self._set.get(name))
        yield SourceAnswer(COMMAND_LINE, self._given.get(name))
        yield SourceAnswer(ENVIRONMENT, self._environ.get(parameter.variable))
        yield SourceAnswer(STORED, None if self.store is None else self.store.get(parameter.name))
        yield SourceAnswer(PROJECT, self._project.get(name))

    @property
    def project_count(self) -> int:
        """How many values ``pyproject.toml`` has."""
        return len(self._project)

    def changed_at(self, parameter: Parameter) -> float | None:
        """When the parameter got another value in this run, in seconds since the epoch; None if it did not."""
        return self._changed.get(parameter.name.lower())

    def _generate(self, parameter: Parameter, length: int) -> str:
        if self.store is None:
            value = generate_password(length)
            self._generated[parameter.name.lower()] = value  # the same for all who ask in this run
            return value

        def generate() -> str:
            self._generated[parameter.name.lower()] = value = generate_password(length)
            return value

        try:
            return self.store.get_or_create(parameter.name, generate)
        except StateError as error:
            raise StateError(
                f"its generated value can't be stored, so data written with it could not be read again "
                f"({error.message})",
                resource=parameter.name,
                remedy=error.remedy,
            ) from error

    def give(self, parameter: Parameter, value: str, *, store: bool) -> None:
        """Set a value for this run.

        Args:
            parameter: The parameter.
            value: Its value.
            store: Whether to keep it for later runs.

        Raises:
            StateError: It can't be stored, and so is not set either.
        """
        before = self._present(parameter)
        if store and self.store is not None:
            self.store.set(parameter.name, value)
        self._set[parameter.name.lower()] = value
        if before != value:
            self._changed[parameter.name.lower()] = time.time()

    def _present(self, parameter: Parameter) -> str | None:
        try:
            found = self.look(parameter)
        except StateError:
            return None
        default = parameter.default if isinstance(parameter.default, str) else None
        return default if found is None else found.value

    def forget(self, parameter: Parameter) -> None:
        """Remove the stored value of a parameter. This run goes on with the value that it has.

        Raises:
            UsageError: No value of it is stored.
            StateError: The stored secrets can't be read or written; nothing has changed then.
        """
        stored = None if self.store is None else self.store.get(parameter.name)
        if self.store is None or stored is None:
            raise UsageError("no value of it is stored", resource=parameter.name)
        used = self.look(parameter)
        self.store.delete(parameter.name)
        self._generated.pop(parameter.name.lower(), None)
        if used is not None and used.source in (STORED, GENERATED):
            self._set[parameter.name.lower()] = stored


def forgotten_text(parameter: Parameter) -> str:
    """What it means that the stored value of a parameter was removed."""
    if isinstance(parameter.default, Generate):
        return (
            f"The next run makes up another {parameter.name}; what was written with this one can't be read with that."
        )
    return f"{parameter.name} is no longer stored; the next run takes it from another source, or asks for it."


def missing(app: App, sources: ParameterSources) -> list[Parameter]:
    """The parameters of an app that nothing gives a value, in order. Generates none."""
    without: list[Parameter] = []
    for parameter in app:
        if isinstance(parameter, Parameter) and parameter.default is None:
            try:
                sources.find(parameter)
            except ValueMissing:
                without.append(parameter)
            except StateError:
                continue  # the run reports it on the parameter itself
    return without


def parse_given(app: App, texts: list[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` and ``NAME=@FILE`` from a command line.

    Args:
        app: The app that has the parameters.
        texts: As given.

    Raises:
        UsageError: A text has no ``=``, names no parameter, gives a secret in the open, or names a file that can't be
            read.
    """
    known = {resource.name.lower(): resource for resource in app if isinstance(resource, Parameter)}
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        parameter = known.get(name.lower())
        if not equals:
            raise UsageError(f"--parameter {name} has no value", remedy="Write --parameter NAME=VALUE.")
        if parameter is None:
            guess = nearest(name.lower(), known)
            hint = f"Did you mean {guess!r}?" if guess else f"It has {listing(p.name for p in known.values())}."
            raise UsageError(f"the app has no parameter {name!r}", remedy=hint)
        if value.startswith("@"):
            value = _read(parameter, Path(value[1:]))
        elif parameter.secret:
            raise UsageError(
                "it is secret, and a command line can be seen by everyone",
                resource=parameter.name,
                remedy=f"Give --parameter {parameter.name}=@FILE, or set {parameter.variable}.",
            )
        given[parameter.name] = value
    return given


def _read(parameter: Parameter, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{file} can't be read: {reason}", resource=parameter.name) from error
