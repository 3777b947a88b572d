"""The keys of values.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from fairlead.model.parameter import Generate, Parameter
from fairlead.publish.chart.leaves import ChartValue, Kind, Text, When, chart_values, resolve
from fairlead.publish.chart.sections import Path, Section
from fairlead.records import each, mutable_record, record

TEXT_SCHEMA = {"type": "string"}


def published_default(parameter: Parameter) -> str | None:
    """The default that values.yaml has of a parameter; None for one that has to be given.

    The only one of a secret is the empty text, by which the definition says that it may be left out.
    """
    if not isinstance(parameter.default, str) or not parameter.publish_default:
        return None
    return None if parameter.secret and parameter.default else parameter.default


@record
class RequiredBy:
    """A workload that needs a value.

    If the value ``unless`` is set, it names an existing Secret to read instead, and the workload no longer needs the
    value.
    """

    workload: str
    unless: ChartValue | None


@mutable_record
class ValuesKey:
    """One key of values.yaml."""

    value: ChartValue
    default: Any
    schema: dict[str, Any]
    comment: str = ""
    required: bool = False
    #: The file whose contents the value is to have, relative to the app file's folder.
    file: str | None = None
    #: How many characters the value has if it is made up; 0 for one that can't be.
    generated_length: int = 0
    uses: list[RequiredBy] = each(factory=list)
    #: What has to be known before it is changed.
    remarks: list[str] = each(factory=list)


class ValuesYaml:
    """The keys of values.yaml. A key is declared where it is used first, so there is none that nothing uses."""

    def __init__(self) -> None:
        self._declared: dict[Path, ValuesKey] = {}
        self._by_section: dict[str, dict[Path, ValuesKey]] = {section.key: {} for section in Section.all()}
        self._by_parent: dict[Path, dict[str, ValuesKey]] = {}
        self._not_empty: dict[Path, ValuesKey] = {}

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
        generated_length: int = 0,
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
            generated_length: How many characters it has if it is made up; 0 for one that can't be.
        """
        known = self._declared.get(path)
        if known is None:
            value = ChartValue(path, kind)
            schema = TEXT_SCHEMA if schema is None else schema
            known = ValuesKey(value, default, schema, comment, required, file, generated_length)
            self._declared[path] = self._by_section[path[0]][path] = known
            self._by_parent.setdefault(path[:-1], {})[path[-1]] = known
            if required or generated_length:
                self._not_empty[path] = known
        return known.value

    def parameter(self, parameter: Parameter) -> ChartValue:
        """The one key of a parameter, whoever uses it."""
        section = Section.SECRETS if parameter.secret else Section.PARAMETERS
        default = published_default(parameter)
        return self.declare(
            section.value(parameter.name),
            default or "",
            comment=" ".join(filter(None, (parameter.description, "May stay empty." if default == "" else ""))),
            required=default is None,
            generated_length=parameter.default.length if isinstance(parameter.default, Generate) else 0,
        )

    def comment(self, value: ChartValue, comment: str) -> None:
        """Say in values.yaml what is only known after the value was made known."""
        self._declared[value.path].comment = comment

    def remark(self, value: ChartValue, remark: str) -> None:
        """Say in values.yaml what has to be known before the value is changed."""
        remarks = self._declared[value.path].remarks
        if remark not in remarks:
            remarks.append(remark)

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
        path = value.path
        del self._declared[path], self._by_section[path[0]][path], self._by_parent[path[:-1]][path[-1]]
        self._not_empty.pop(path, None)

    def is_required(self, value: ChartValue) -> bool:
        """Whether the value must be set if anything uses it."""
        return self._declared[value.path].required

    def __contains__(self, value: ChartValue) -> bool:
        return value.path in self._declared

    def default(self, path: Path) -> Any:
        """What values.yaml says under a path; a section, or a part of one, as a mapping."""
        if path in self._declared:
            return self._declared[path].default
        return {name: key.default for name, key in self._by_parent.get(path, {}).items()}

    def default_text(self, text: Text) -> str | None:
        """A text of the definition as it is when nobody sets a value; None where a value in it is empty then."""
        is_known = all(self.default(value.path) for value in chart_values(text))
        return resolve(text, self.default, {}) if is_known else None

    def section(self, section: Section) -> list[ValuesKey]:
        """The keys of a section."""
        return list(self._by_section[section.key].values())

    def not_empty(self) -> list[ValuesKey]:
        """The keys whose values have to be given, or are made up by the chart, section by section."""
        sections = list(self._by_section)
        return sorted(self._not_empty.values(), key=lambda key: sections.index(key.value.path[0]))

    def __iter__(self) -> Iterator[ValuesKey]:
        """All keys, section by section, in the order of their first use."""
        return chain.from_iterable([keys.values() for keys in self._by_section.values()])


def keys_comment(entries: Mapping[str, Text | When]) -> str:
    """What values.yaml says of the keys of an existing Secret that takes the place of the chart's."""
    keys = (f"{key} (optional)" if isinstance(entry, When) else key for key, entry in entries.items())
    return f"Its keys: {', '.join(keys)}."
