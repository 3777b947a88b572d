"""What the variables of a compose file become: parameters of the app, or constants of the app file.

A parameter is known only when the app runs, so a variable that stands where the definition has to know its text (an
image, a path, the host of a route) is a constant, wherever else it stands. A secret is always a parameter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.compose.reading.interpolation import Variable, fill
from fairlead.compose.reading.mistakes import Mistakes
from fairlead.compose.reading.tree import Place, Scope
from fairlead.compose.translation.naming import Names, Variables
from fairlead.compose.translation.report import Report
from fairlead.compose.writing.expressions import Code, name
from fairlead.model.values.env_file import names_secret


@dataclass(slots=True)
class ParameterPlan:
    """An ``add_parameter``.

    Args:
        name: The parameter's.
        variable: That of Python.
        default: Its default; None to have it asked for.
        secret: Whether it must never be shown.
        description: What the compose file says of it.
    """

    name: str
    variable: str
    default: str | None
    secret: bool
    description: str = ""


@dataclass(slots=True)
class ConstantPlan:
    """A constant at the head of the app file."""

    variable: str
    text: str


class VariableBook:
    """The variables of one import.

    Args:
        names: The names of resources, of which parameters are some.
        report: Where it is said what becomes of them.
        mistakes: Where it is said what has no value and has to.
        fixed: The names of those that have to be constants, from a first pass.
    """

    def __init__(self, names: Names, report: Report, mistakes: Mistakes, fixed: frozenset[str]) -> None:
        self._names = names
        self._report = report
        self._mistakes = mistakes
        self._fixed = fixed
        self.seen_fixed: set[str] = set()
        self.python = Variables()
        self.parameters: dict[str, ParameterPlan] = {}
        self.constants: dict[str, ConstantPlan] = {}
        self._filled: dict[str, list[str]] = {}
        self._by_secret: dict[str, ParameterPlan] = {}
        self._build_secrets: dict[str, ParameterPlan] = {}
        self._plans: list[ParameterPlan] = []

    # Variables of the file

    def is_secret(self, variable: Variable, scope: Scope) -> bool:
        """Whether a variable is a secret, by its name or its value."""
        return names_secret(variable.name, fill([variable], scope.variables))

    def value(self, variable: Variable, scope: Scope, place: Place) -> Code | str:
        """A variable where its value may come later."""
        if variable.operator.endswith("+"):
            self._decided(variable.name, place, "whether it has a value is decided here, by the environment files")
            return fill([variable], scope.variables)
        if variable.name in self._fixed and not self.is_secret(variable, scope):
            return self.constant(variable, scope, place)
        return name(self._parameter(variable, scope, place).variable)

    def constant(self, variable: Variable, scope: Scope, place: Place) -> Code | str:
        """A variable where the definition has to know its text."""
        if variable.operator.endswith("+"):
            return self.value(variable, scope, place)
        self.seen_fixed.add(variable.name)
        known = self.constants.get(variable.name)
        if known is None:
            text = self.text(variable, scope, place)
            if self.is_secret(variable, scope) and variable.name in scope.variables:
                text = fill(variable.word, scope.variables) if variable.operator.endswith("-") else ""
                reason = "it is a secret where none can stand, so its value is not written into the app file"
                self._report.lost(f"${{{variable.name}}}", place, reason)
            known = ConstantPlan(self.python.add(variable.name.upper()), text)
            self.constants[variable.name] = known
        else:
            self._compare(variable, scope, place, known.text)
        return Code(known.variable, frozenset({known.variable}), is_text=True)

    def text(self, variable: Variable, scope: Scope, place: Place) -> str:
        """A variable's text where nothing but that will do; one that needs a value and has none is a mistake."""
        has_value = bool(scope.variables.get(variable.name)) or (
            variable.operator == "?" and variable.name in scope.variables
        )
        if variable.operator.endswith("?") and not has_value:
            said = fill(variable.word, scope.variables)
            self._mistakes.add(
                f"the variable {variable.name} needs a value" + (f": {said}" if said else ""),
                place,
                f"Write {variable.name}=… into .env, or into a file that --env-file names.",
            )
        elif variable.name not in scope.variables and not variable.operator:
            reason = (
                "it has no value, so it is the empty text, as for Compose; a file that --env-file names can give one"
            )
            self._report.changed(f"${{{variable.name}}}", place, reason)
        return fill([variable], scope.variables)

    def filled(self, variable: Variable, scope: Scope, place: Place, path: str) -> str:
        """A variable's text for something that is converted, and so can't follow the variable."""
        self._filled.setdefault(variable.name, []).append(path)
        return self.text(variable, scope, place)

    def close(self) -> None:
        """Report the variables that are filled in for good."""
        for variable, paths in self._filled.items():
            reason = f"its value is written out, in {', '.join(dict.fromkeys(paths))}"
            self._report.changed(f"${{{variable}}}", None, reason)

    # Parameters

    def secret(self, wanted: str, text: str) -> ParameterPlan:
        """The parameter for a secret that the file has in clear; the same secret is the same parameter.

        Args:
            wanted: What to call it.
            text: The secret, which is its default, as it is in the compose file already.
        """
        known = self._by_secret.get(text)
        if known is None:
            known = self._add(wanted, ParameterPlan("", "", text, True))
            self._by_secret[text] = known
        return known

    def build_secret(self, secret: str) -> ParameterPlan:
        """The parameter for a secret that a build gets; the same for all builds."""
        known = self._build_secrets.get(secret)
        if known is None:
            known = self._build_secrets[secret] = self._add(secret, ParameterPlan("", "", None, True))
        return known

    def from_outside(self, variable: str, scope: Scope, place: Place, *, is_secret: bool) -> Code:
        """The parameter for a variable that the content of a file comes from.

        Args:
            variable: Its name.
            scope: That of the file.
            place: Where it is named.
            is_secret: Whether it is a secret, whatever it is called.
        """
        code = self._parameter(Variable(variable), scope, place)
        if is_secret:
            code.secret, code.default = True, None
        return name(code.variable)

    def outside(self, variable: str, scope: Scope, place: Place, path: str) -> Code:
        """The parameter for a variable that is to come from the environment, without a default of the file's own."""
        has_value = variable in scope.variables
        code = name(self._parameter(Variable(variable, "" if has_value else "-"), scope, place).variable)
        self._report.changed(path, place, "without a value it is the empty text here, and not there at all for Compose")
        return code

    def _parameter(self, variable: Variable, scope: Scope, place: Place) -> ParameterPlan:
        known = self.parameters.get(variable.name)
        if known is not None:
            self._compare(variable, scope, place, known.default)
            if known.default is None and variable.operator.endswith("-") and variable.name not in scope.variables:
                known.default = fill(variable.word, scope.variables)
            return known
        given = scope.variables.get(variable.name)
        default = given
        if variable.operator.endswith("-") and (given is None or (variable.operator == ":-" and not given)):
            default = fill(variable.word, scope.variables)
        is_secret = names_secret(variable.name, default or "")
        if is_secret and given:
            default = None
            reason = "the value that an environment file gives this secret is not written into the app file"
            how = "give it when a run asks for it, or in .env as FAIRLEAD_PARAMETER_ and its name"
            self._report.changed(f"${{{variable.name}}}", place, f"{reason}; {how}")
        said = fill(variable.word, scope.variables) if variable.operator.endswith("?") else ""
        if default is None and not is_secret:
            reason = "it has no value: Compose takes the empty text, here it is asked for"
            self._report.changed(f"${{{variable.name}}}", place, reason)
        plan = self._add(variable.name, ParameterPlan("", "", default, is_secret, said))
        self.parameters[variable.name] = plan
        return plan

    def _add(self, wanted: str, plan: ParameterPlan) -> ParameterPlan:
        plan.name = self._names.resource(wanted.lower().replace("_", "-"), "value")
        plan.variable = self.python.add(plan.name.replace("-", "_").lower())
        self._plans.append(plan)
        return plan

    def _compare(self, variable: Variable, scope: Scope, place: Place, default: str | None) -> None:
        """Report another default than the one that counts."""
        if not variable.operator and default and variable.name not in scope.variables:
            reason = "it has a default in one place and none in another, where for Compose it is empty without a value"
            self._decided(variable.name, place, reason)
        if variable.operator.endswith("-") and variable.name not in scope.variables:
            other = fill(variable.word, scope.variables)
            if default is not None and other != default:
                reason = f"it has two defaults, of which {default!r} counts and {other!r} does not"
                if names_secret(variable.name, ""):
                    reason = "it has two defaults, of which the first counts"
                self._decided(variable.name, place, reason)

    def _decided(self, variable: str, place: Place, reason: str) -> None:
        self._report.changed(f"${{{variable}}}", place, reason)

    def plans(self) -> Iterator[ParameterPlan]:
        """The parameters, in the order in which they came up."""
        yield from self._plans
