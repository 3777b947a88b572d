"""The keys of values.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fairlead.model.parameter import Parameter
from fairlead.publish.chart.leaves import ChartValue, Kind, Text, When, chart_values, resolve
from fairlead.publish.chart.sections import Path, Section

TEXT_SCHEMA = {"type": "string"}


class RequiredBy(NamedTuple):
    """A workload that needs a value.

    If the value ``unless`` is set, it names an existing Secret to read instead, and the workload no longer needs the
    value.
    """

    workload: str
    unless: ChartValue | None


@dataclass
class ValuesKey:
    """One key of values.yaml."""

    value: ChartValue
    default: Any
    schema: dict[str, Any]
    comment: str = ""
    required: bool = False
    #: The file whose contents the value is to have, relative to the app file's folder.
    file: str | None = None
    uses: list[RequiredBy] = field(default_factory=list)


class ValuesYaml:
    """The keys of values.yaml. A key is declared where it is used first, so there is none that nothing uses."""

    def __init__(self) -> None:
        self._declared: dict[Path, ValuesKey] = {}

    def declare(
        self,
        path: Path,
        default: Any,
        *,
        kind: Kind = "text",
        schema: dict[str, Any] | None = None,
        comment: str = "",
        required: bool = False,
        file: str | None = None,
    ) -> ChartValue:
        """The value under a path, made known with its default when it is used for the first time.

        Args:
            path: The keys, outermost first.
            default: What values.yaml says.
            kind: What the value has to be.
            schema: What it has to be, as JSON schema; by default text.
            comment: What values.yaml says about it.
            required: Whether an empty text will not do.
            file: The file whose contents it is to have, relative to the app file's folder.
        """
        known = self._declared.get(path)
        if known is None:
            value = ChartValue(path, kind)
            known = ValuesKey(value, default, TEXT_SCHEMA if schema is None else schema, comment, required, file)
            self._declared[path] = known
        return known.value

    def parameter(self, parameter: Parameter) -> ChartValue:
        """The one key of a parameter, whoever uses it."""
        section = Section.SECRETS if parameter.secret else Section.PARAMETERS
        published = isinstance(parameter.default, str) and parameter.publish_default and not parameter.secret
        default = parameter.default if published else ""
        return self.declare(
            section.value(parameter.name), default, comment=parameter.description, required=not published
        )

    def comment(self, value: ChartValue, comment: str) -> None:
        """Say in values.yaml what is only known after the value was made known."""
        self._declared[value.path].comment = comment

    def use(self, value: ChartValue, use: RequiredBy) -> None:
        """Make known that a workload needs a value."""
        uses = self._declared[value.path].uses
        if use not in uses:
            uses.append(use)

    def release(self, value: ChartValue, workload: str) -> None:
        """Make known that a workload no longer needs a value."""
        key = self._declared[value.path]
        key.uses[:] = [use for use in key.uses if use.workload != workload]

    def remove(self, value: ChartValue) -> None:
        """Take a key out that nothing uses any more."""
        del self._declared[value.path]

    def is_required(self, value: ChartValue) -> bool:
        """Whether the value must be set if anything uses it."""
        return self._declared[value.path].required

    def __contains__(self, value: ChartValue) -> bool:
        return value.path in self._declared

    def default(self, path: Path) -> Any:
        """What values.yaml says under a path; a section, or a part of one, as a mapping."""
        if path in self._declared:
            return self._declared[path].default
        return {known[len(path)]: found.default for known, found in self._declared.items() if known[:-1] == path}

    def default_text(self, text: Text) -> str | None:
        """A text of the definition as it is when nobody sets a value; None where a value in it is empty then."""
        is_known = all(self.default(value.path) for value in chart_values(text))
        return resolve(text, self.default, {}) if is_known else None

    def __iter__(self) -> Iterator[ValuesKey]:
        """All keys, section by section, in the order of their first use."""
        order = {section.key: number for number, section in enumerate(Section.all())}
        return iter(sorted(self._declared.values(), key=lambda key: order[key.value.path[0]]))


def keys_comment(entries: Mapping[str, Text | When]) -> str:
    """What values.yaml says of the keys of an existing Secret that takes the place of the chart's."""
    keys = (f"{key} (optional)" if isinstance(entry, When) else key for key, entry in entries.items())
    return f"Its keys: {', '.join(keys)}."
