"""What every part of the translation has at hand: the report, the mistakes, the variables; and how texts are read."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.compose.reading.files import Files
from fairlead.compose.reading.interpolation import Part, TemplateError, fill, parse_template
from fairlead.compose.reading.mistakes import Mistakes
from fairlead.compose.reading.paths import is_absolute, join
from fairlead.compose.reading.tree import Scalar
from fairlead.compose.translation.report import Report
from fairlead.compose.translation.variables import VariableBook
from fairlead.compose.writing.expressions import Code, Expression, composed, formatted, text


@dataclass(slots=True)
class Desk:
    """What every part of the translation has at hand."""

    files: Files
    report: Report
    mistakes: Mistakes
    variables: VariableBook

    def parts(self, node: Scalar) -> tuple[Part, ...]:
        """The texts and variables of a text; one that has a wrong dollar is a mistake, and stands as it is."""
        if node.is_literal or "$" not in node.text:
            return (node.text,) if node.text else ()
        try:
            return parse_template(node.text)
        except TemplateError as error:
            self.mistakes.add(str(error), node.place, "Write '$$' for a dollar, '${NAME}' for a variable.")
            return (node.text,)

    def plain(self, node: Scalar, path: str) -> str:
        """The text, with its variables filled in for good."""
        return "".join(
            part if isinstance(part, str) else self.variables.filled(part, node.scope, node.place, path)
            for part in self.parts(node)
        )

    def peek(self, node: Scalar) -> str:
        """The text with its variables filled in, to look at it only."""
        return fill(self.parts(node), node.scope.variables)

    def peek_path(self, node: Scalar) -> str:
        """A path of this machine, relative to the folder of the app file, to look at it only."""
        return join(node.scope.directory, self.peek(node))

    def fixed(self, node: Scalar) -> Expression:
        """The text where the definition has to know it: its variables are constants of the app file."""
        return formatted(self.fixed_parts(node))

    def fixed_parts(self, node: Scalar) -> list[str | Code]:
        """The parts of a text that the definition has to know."""
        return [
            part if isinstance(part, str) else self.variables.constant(part, node.scope, node.place)
            for part in self.parts(node)
        ]

    def path(self, node: Scalar, path: str) -> Expression:
        """A path of this machine as the app file says it.

        Args:
            node: The path as the compose file has it.
            path: Where it stands.
        """
        if node.scope.directory == "." or is_absolute(self.peek(node)):
            return self.fixed(node)
        return text(join(node.scope.directory, self.plain(node, path)))

    def value(self, node: Scalar) -> Expression:
        """The text where it may be known later: its variables are parameters."""
        return composed(self.value_parts(node))

    def value_parts(self, node: Scalar) -> list[str | tuple[str, Code]]:
        """The parts of a text that may be known later."""
        found: list[str | tuple[str, Code]] = []
        for part in self.parts(node):
            known = part if isinstance(part, str) else self.variables.value(part, node.scope, node.place)
            found.append(known if isinstance(known, str) else (known.text.lower(), known))
        return found
