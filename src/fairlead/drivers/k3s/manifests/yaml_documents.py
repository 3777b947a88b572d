"""Reading YAML as ``kubectl`` reads it, with the line at which each document begins.

That is YAML 1.1 with small differences from what its Python reader makes of it: dates and ``12:30`` are texts, ``1e3``
is a number, and keys of mappings are texts (tried with kubectl 1.36).
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

import yaml


class Document(NamedTuple):
    """One document of a file, and its first line, counted from 1."""

    content: Any
    line: int


class InvalidYaml(Exception):
    """A text is no YAML, or holds what an object can't have; the message begins with the line."""


def parse_documents(text: str) -> list[Document]:
    """The documents of a text that are not empty.

    Raises:
        InvalidYaml: It can't be read.
    """
    loader = _Loader(text)
    documents = []
    try:
        while loader.check_node():
            node = loader.get_node()
            line = node.start_mark.line + 1
            content = _plain(loader.construct_document(node), line)
            if content is not None:
                documents.append(Document(content, line))
    except yaml.YAMLError as error:
        raise InvalidYaml(_problem(error)) from error
    finally:
        loader.dispose()
    return documents


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader with kubectl's rules for what a plain scalar is."""


def _int(loader: Any, node: Any) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "").lower()
    digits = text.lstrip("+-")
    sign = -1 if text.startswith("-") else 1
    for prefix, base in (("0b", 2), ("0x", 16), ("0o", 8), ("0", 8)):
        if digits.startswith(prefix) and digits != "0":
            return sign * int(digits[len(prefix) :], base)
    return sign * int(digits)


def _float(loader: Any, node: Any) -> float | int:
    text = str(loader.construct_scalar(node)).replace("_", "").lower()
    number = float(text.replace(".inf", "inf").replace(".nan", "nan"))
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


_INT = r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_BOOL = r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"

_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", _BOOL, "yYnNtTfFoO"),
    ("int", _INT, "-+0123456789"),
    ("float", _FLOAT, "-+0123456789."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))
_Loader.bool_values = {**yaml.SafeLoader.bool_values, "y": True, "n": False}
_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def _plain(content: Any, line: int) -> Any:
    """The content with texts as keys; what JSON has no word for is refused."""
    if isinstance(content, dict):
        return {_key(key, line): _plain(entry, line) for key, entry in content.items()}
    if isinstance(content, list):
        return [_plain(entry, line) for entry in content]
    if isinstance(content, float) and not math.isfinite(content):
        raise InvalidYaml(f"line {line}: the document has a number that is not finite")
    if content is None or isinstance(content, (str, bool, int, float)):
        return content
    raise InvalidYaml(f"line {line}: the document has a value of the type {type(content).__name__}")


def _key(key: Any, line: int) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, (str, int, float)):
        return str(key)
    raise InvalidYaml(f"line {line}: the document has a key that is not text")


def _problem(error: yaml.YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is None or not problem:
        return str(error)
    context, begin = getattr(error, "context", None), getattr(error, "context_mark", None)
    since = (
        f" ({context} that begins in line {begin.line + 1})" if context and begin and begin.line != mark.line else ""
    )
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}{since}"
