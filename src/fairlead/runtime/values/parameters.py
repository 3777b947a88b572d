"""Where the values of parameters come from, and which source wins.

Given in this run (command line, or a person who was asked) > environment (then ``.env``) > stored secrets >
``[tool.fairlead.parameters]`` > default, made up and stored where the definition says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import StateError, UsageError, ValueMissing
from fairlead.model.app import App
from fairlead.model.names import listing, nearest
from fairlead.model.parameter import Generate, Parameter
from fairlead.runtime.store.secrets import SecretStore, generate_password


@dataclass(frozen=True, slots=True)
class Found:
    """A parameter's value and where it came from, in words."""

    value: str
    source: str


class ParameterSources:
    """The sources of one run.

    Args:
        given: Values given for this run, by the parameter's name.
        environ: The environment, with what ``.env`` adds.
        store: The stored secrets; None for a run that stores nothing.
        project: ``[tool.fairlead.parameters]``.
    """

    def __init__(
        self,
        given: Mapping[str, str],
        environ: Mapping[str, str],
        store: SecretStore | None,
        project: Mapping[str, str],
    ) -> None:
        self._given = {name.lower(): value for name, value in given.items()}
        self._environ = environ
        self.store = store
        self._project = {name.lower(): value for name, value in project.items()}

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
            return Found(self._generate(parameter, parameter.default.length), "generated, and stored")
        if parameter.default is not None:
            return Found(parameter.default, "default")
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
        name = parameter.name.lower()
        if name in self._given:
            return Found(self._given[name], "given for this run")
        if parameter.variable in self._environ:
            return Found(self._environ[parameter.variable], parameter.variable)
        stored = self.store.get(parameter.name) if self.store is not None else None
        if stored is not None:
            return Found(stored, "stored")
        if name in self._project:
            return Found(self._project[name], "pyproject.toml")
        return None

    def _generate(self, parameter: Parameter, length: int) -> str:
        if self.store is None:
            value = generate_password(length)
            self._given[parameter.name.lower()] = value  # the same for all who ask in this run
            return value
        try:
            return self.store.get_or_create(parameter.name, lambda: generate_password(length))
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
        if store and self.store is not None:
            self.store.set(parameter.name, value)
        self._given[parameter.name.lower()] = value


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
