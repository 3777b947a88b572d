"""Reading the objects back out of files that Fairlead published.

Templates are read as Fairlead writes them, without Helm: an action is a scalar that takes the rest of its line, and a
condition has a line of its own, so an entry that may be left out is always read. Values of ``values.yaml`` are filled
in, except what a user adds to a mapping, and the name of a Job is what its helper says. What only Helm can work out
stays the text of its action: it is the same in two charts as long as the action is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.publish.own_objects.yaml_reading import YamlProblem, yaml_documents

_PATH = r'index \.Values((?: "(?:[^"\\]|\\.)*")+)'
_VALUE = re.compile(rf"\{{\{{ {_PATH} \| \w+ \}}\}}")
_IN_ACTION = re.compile(_PATH)
_CONSTANT = r'"(?:[^"\\]|\\.)*"'
_OPERAND = rf"({_CONSTANT}|\({_PATH}\))"
#: A text that a value switches, which stands for the same as the text alone in a chart of an older version.
_CHOICE = re.compile(
    rf"\{{\{{ ternary {_OPERAND} {_OPERAND} "
    rf"\(has \(lower \(toString \({_PATH}\)\)\) \(list((?: {_CONSTANT})+)\)\) \| quote \}}\}}"
)
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"')
_INCLUDE = re.compile(r'\{\{ include ("(?:[^"\\]|\\.)*") \. \| quote \}\}')
_DEFINITION = re.compile(r'^\{\{- define ("(?:[^"\\]|\\.)*") -\}\}\n\{\{- (.*) -\}\}\n', re.MULTILINE)
#: The files with what templates refer to.
VALUES = "values.yaml"
HELPERS = "templates/_helpers.tpl"


class PublishedObjects:
    """The objects in the files of one published chart.

    Args:
        texts: The files by their paths below its folder; of ``values.yaml`` and the helpers too, where it has them.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._values: Any = None
        self._helpers: dict[str, str] | None = None

    def read(self, path: str) -> Iterator[dict[str, Any]]:
        """The objects of a file; none where there is none, or where somebody edited it into something else."""
        lines = self._texts.get(path, "").split("\n")
        text = "\n".join(_quoted(line) for line in lines if not line.lstrip().startswith("{{-"))
        try:
            documents = yaml_documents(text)
        except YamlProblem:
            return
        yield from (self._filled(document) for document in documents if isinstance(document, dict))

    def _filled(self, content: Any) -> Any:
        if isinstance(content, dict):
            return {key: self._filled(entry) for key, entry in content.items()}
        if isinstance(content, list):
            return [self._filled(entry) for entry in content]
        if not isinstance(content, str) or not content.startswith("{{"):
            return content
        if value := _VALUE.fullmatch(content):
            return self._value(value[1])
        if choice := _CHOICE.fullmatch(content):
            then, _, otherwise, _, condition, matches = choice.groups()
            is_chosen = str(self._value(condition)).lower() in map(json.loads, _KEY.findall(matches))
            return self._operand(then if is_chosen else otherwise)
        include = _INCLUDE.fullmatch(content)
        if include is not None:
            return self._helper(json.loads(include[1]))
        return _IN_ACTION.sub(lambda path: json.dumps(self._value(path[1]), default=str), content)

    def _value(self, path: str) -> Any:
        """What values.yaml says under a path, written as the arguments of ``index``; None where there is nothing."""
        if self._values is None:
            self._values = self._documents(VALUES)
        content = self._values
        for key in map(json.loads, _KEY.findall(path)):
            content = content.get(key) if isinstance(content, dict) else None
        return content

    def _operand(self, text: str) -> Any:
        """A constant, or what values.yaml says under a path in brackets."""
        return json.loads(text) if text.startswith('"') else self._value(text)

    def _helper(self, name: str) -> str:
        if self._helpers is None:
            text = self._texts.get(HELPERS, "")
            self._helpers = {json.loads(key): pipeline for key, pipeline in _DEFINITION.findall(text)}
        return self._helpers.get(name, name)

    def _documents(self, path: str) -> Any:
        try:
            documents = yaml_documents(self._texts.get(path, ""))
        except YamlProblem:
            documents = []
        return documents[0] if documents else {}


def _quoted(line: str) -> str:
    """A line in which an action is a text."""
    start = line.find("{{ ")
    is_action = start > 0 and line.endswith(" }}") and line[:start].endswith((": ", "- "))
    return line[:start] + json.dumps(line[start:]) if is_action else line
