"""Commands that a user can give to a running resource, beyond start, stop and restart: what they ask and answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

from fairlead.errors import UsageError
from fairlead.model.argument_checks import kind_of
from fairlead.model.locations import mistake
from fairlead.model.names import listing, name_problem
from fairlead.model.user_functions import Hook
from fairlead.records import record, replaced

LIFECYCLE_COMMANDS = ("start", "stop", "restart")

InputKind = Literal["text", "number", "choice", "secret", "boolean"]
InputValue: TypeAlias = str | int | float | bool

_TRUTH = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


@record
class CommandInput:
    """Something that a command asks for before it runs.

    Args:
        name: How the function, the command line and the API call it; follows the rules of resource names.
        label: How a form calls it; by default the name.
        kind: ``text``, ``number``, ``choice``, ``secret`` (text that is shown nowhere) or ``boolean``.
        required: Whether the command can't run without it.
        default: Its value where none is given; without one, the function gets None.
        choices: What can be chosen, for the kind ``choice``.
    """

    name: str
    label: str = ""
    kind: InputKind = "text"
    required: bool = False
    default: InputValue | None = None
    choices: Sequence[str] = ()

    def problem(self) -> str | None:
        """What is wrong with this declaration, as the rest of a sentence; None where all is well."""
        wrong_name = name_problem(self.name)
        if wrong_name:
            return wrong_name
        if not isinstance(self.label, str) or self.kind not in get_args(InputKind):
            return f"{self.name!r} is of a kind that is none of {listing(get_args(InputKind))}, or has no text as label"
        if isinstance(self.choices, str) or not all(isinstance(choice, str) for choice in self.choices):
            return f"the choices of {self.name!r} are not a list of texts"
        if bool(self.choices) != (self.kind == "choice"):
            return f"{self.name!r} has the kind {self.kind!r} and {'' if self.choices else 'no '}choices"
        if self.default is not None and self.kind == "secret":
            return f"{self.name!r} is secret, and has a default that everyone can read"
        try:
            self.read(self.default)
        except UsageError as error:
            return f"its default: {error.message}"
        return None

    def read(self, value: object) -> InputValue | None:
        """Return the value that was given, as what the kind says; texts are understood too.

        Raises:
            UsageError: It is of another kind.
        """
        if value is None:
            return None
        read = self._read(value)
        if read is not None:
            return read
        wanted = f"one of {listing(self.choices)}" if self.choices else f"a {self.kind}"
        shown = "what was given" if self.kind == "secret" else repr(value)
        raise UsageError(f"the input {self.name!r} needs {wanted}, and {shown} is none")

    def _read(self, value: object) -> InputValue | None:
        if self.kind == "boolean":
            return value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return None
        if self.kind == "number":
            return _number(value)
        if self.kind == "choice":
            return str(value) if str(value) in self.choices else None
        return str(value)


@record
class CommandResult:
    """What a command answers.

    Args:
        message: Text for the user; None where there is nothing to say.
        data: More of it for programs: anything that JSON knows.
    """

    message: str | None = None
    data: Any = None


@record
class Command:
    """A command of a resource.

    Args:
        name: How the command line and the API call it.
        function: ``def`` or ``async def``, of no argument or of an ``ActionContext``; returns text that is shown, a
            ``CommandResult``, or nothing.
        display: The label of its button; by default the name.
        confirm: A question to ask before it runs.
        inputs: What it asks for before it runs.
        effects: What it will do, in order, each in a sentence; shown with the question.
        loses_data: Whether data is lost that nothing brings back, so that a page asks with care.
    """

    name: str
    function: Hook
    display: str = ""
    confirm: str | None = None
    inputs: tuple[CommandInput, ...] = ()
    effects: tuple[str, ...] = ()
    loses_data: bool = False

    def read_inputs(self, texts_or_values: Mapping[str, object]) -> dict[str, InputValue | None]:
        """Return a value for each of its inputs: what was given, or the default.

        Args:
            texts_or_values: What was given, by the names of the inputs.

        Raises:
            UsageError: An input is unknown, of a wrong kind, or missing.
        """
        known = {declared.name: declared for declared in self.inputs}
        for name in texts_or_values:
            if name not in known:
                raise UsageError(
                    f"the command {self.name!r} has no input {name!r}",
                    remedy=f"It has {listing(known)}." if known else "Give it none.",
                )
        values = {name: declared.read(texts_or_values.get(name, declared.default)) for name, declared in known.items()}
        missing = [name for name, declared in known.items() if declared.required and values[name] in (None, "")]
        if missing:
            raise UsageError(
                f"the command {self.name!r} needs {listing(missing)}",
                remedy=f"Give --input {missing[0]}=VALUE.",
            )
        return values


def sound_inputs(resource: str, inputs: Sequence[CommandInput]) -> tuple[CommandInput, ...]:
    """The sound ones among the inputs of a command; the others are reported.

    Args:
        resource: The name of the resource that the command is for.
        inputs: What ``with_command`` was given.
    """
    if isinstance(inputs, str) or not isinstance(inputs, Sequence):
        inputs = (inputs,)  # a definition is often written without a type checker
    sound: dict[str, CommandInput] = {}
    for each in inputs:
        if not isinstance(each, CommandInput):
            problem: str | None = f"{kind_of(each)} is no input"
        else:
            problem = each.problem() or (f"there are two inputs {each.name!r}" if each.name in sound else None)
        if problem:
            mistake(
                f"with_command(): {problem}",
                resource=resource,
                remedy="Write inputs=[CommandInput(name, kind=…)], each with a name of its own.",
            )
        else:
            sound[each.name] = replaced(each, label=each.label or each.name, choices=tuple(each.choices))
    return tuple(sound.values())


def _number(value: str | int | float) -> int | float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
