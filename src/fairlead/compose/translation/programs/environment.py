"""The variables of a service, and the files that hold variables."""

from __future__ import annotations

import re

from fairlead.compose.reading.tree import Entries, Items, Scalar
from fairlead.compose.translation.endpoints.addresses import PublicAddresses, ValuePart, value_parts
from fairlead.compose.translation.plans import ServicePlan
from fairlead.compose.translation.section import Pair, Section
from fairlead.compose.writing.expressions import Call, Code, Expression, composed, name, quoted
from fairlead.model.names import variable_name_problem
from fairlead.model.values.env_file import names_secret

#: Values that no secret has, whatever its variable is called: truth values, short numbers, paths, addresses.
_NO_SECRET = re.compile(r"(?ai)|true|false|yes|no|none|null|\d{1,5}|[/.][\w./-]*|https?://[\w.:/-]*")
_POINTER = re.compile(
    r"(?i)_(file|path|dir|url|uri|host|port|name|id|type|alg|algorithm|expires?|minutes|seconds|ttl)$"
)


def add_environment(plan: ServicePlan, addresses: PublicAddresses) -> None:
    """Give a service its variables."""
    section = plan.section
    _add_env_files(plan)
    for pair in section.pairs("environment"):
        if (problem := variable_name_problem(pair.name)) is not None:
            section.desk.report.lost(pair.path, pair.node.place, problem)
            continue
        value = variable_value(pair, plan.service, section, addresses)
        shared = pair.shared or section.shared("environment")
        plan.calls.append(Call("with_environment", (Code(quoted(pair.name)), value), (), pair.path, shared))


def variable_value(pair: Pair, own: str, section: Section, addresses: PublicAddresses) -> Expression:
    """The value of a variable: a literal, a parameter, or a composition of both."""
    desk = section.desk
    if pair.node.kind == "null":
        return desk.variables.outside(pair.name, pair.node.scope, pair.node.place, pair.path)
    if is_literal_secret(pair.name, desk.parts(pair.node)):
        return name(desk.variables.secret(pair.name, desk.peek(pair.node)).variable)
    return composed(value_parts(pair.node, pair.name, own, desk, addresses))


def is_literal_secret(variable: str, parts: tuple[object, ...] | list[ValuePart]) -> bool:
    """Whether a variable has a secret in clear."""
    text = parts[0] if len(parts) == 1 else ""
    if not isinstance(text, str) or _NO_SECRET.fullmatch(text) or _POINTER.search(variable):
        return False
    return names_secret(variable, "")


def _add_env_files(plan: ServicePlan) -> None:
    section = plan.section
    node = section.take("env_file")
    listed = node.items if isinstance(node, Items) else [node] if node is not None else []
    for number, item in enumerate(listed):
        path = f"{section.at('env_file')}[{number}]" if isinstance(node, Items) else section.at("env_file")
        if isinstance(item, Scalar):
            _add_env_file(plan, path, item, True)
        elif isinstance(item, Entries):
            inner = Section(item, path, section.desk)
            file, required = inner.scalar("path"), inner.flag("required")
            inner.lost("format", "an environment file has the syntax of python-dotenv")
            inner.close()
            if file is not None:
                _add_env_file(plan, path, file, required is not False)
        else:
            section.desk.mistakes.wrong_kind(path, item, "a path, or a mapping with 'path'")


def _add_env_file(plan: ServicePlan, path: str, node: Scalar, required: bool) -> None:
    desk = plan.section.desk
    file = desk.path(node, path)
    if not required and not desk.files.is_file(desk.peek_path(node)):
        desk.report.lost(path, node.place, "the file is not required and not there, so it is left out")
        return
    plan.call("with_env_file", file, origin=path, key="env_file")
