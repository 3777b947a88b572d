"""YAML that users write: read in one way, and with what is wrong said in one way."""

from __future__ import annotations

from typing import Any


class YamlProblem(Exception):
    """A text is not YAML; the text of the error says where, and why."""


def yaml_documents(text: str) -> list[Any]:
    """The documents of a text that are not empty.

    Raises:
        YamlProblem: It is not YAML.
    """
    import yaml  # only for those who need it: it is a good part of the time that publishing takes

    try:
        documents = list(yaml.load_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        raise YamlProblem(yaml_problem(error)) from error
    return [document for document in documents if document is not None]


def yaml_problem(error: Exception) -> str:
    """What YAML's reader complains of, and where; it calls any text a "byte string" or "unicode string"."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark and problem else str(error)
