"""The exported names are a promise: adding one is a decision, losing one breaks somebody."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator

import pytest

import fairlead

NAMES = """
ActionContext AlreadyRunning App AppBuilder Apphost BindMount CallbackContext CommandFailed Consumer Container
ContainerFile Contribution DefinitionError DependencyFailed Driver DriverContext Endpoint EngineError
EngineUnavailable Executable FOREVER FairleadError Generate Health Lifetime Mode ModelError Network NotRunning Output
Parameter PublishError PullPolicy Resource ResourceFailed StartError State StateError UsageError Value ValueMissing
VolumeMount WaitError WaitTimeout Workload apphost ref
"""


def exported() -> dict[str, object]:
    found = {
        name: getattr(fairlead, name)
        for name in getattr(fairlead, "__all__", dir(fairlead))
        if not name.startswith("_")
    }
    return {name: value for name, value in found.items() if not inspect.ismodule(value)}


def test_the_exported_names() -> None:
    """The exported names must be those listed here, no more and no fewer."""
    assert sorted(exported()) == sorted(NAMES.split())


def test_what_the_contract_promises_third_parties() -> None:
    """The names that third-party kinds are written on must be there."""
    promised = (
        "Resource Container Executable Driver DriverContext Contribution Consumer Health Value Endpoint Parameter "
        "Lifetime ref apphost AppBuilder App FairleadError ModelError DefinitionError"
    )

    assert set(promised.split()) <= exported().keys()


@pytest.mark.parametrize("name", sorted(NAMES.split()))
def test_every_public_name_is_documented(name: str) -> None:
    """Every exported class and function must say what it is for."""
    value = exported()[name]

    assert inspect.getdoc(value), name
    if inspect.isclass(value) and value.__module__.startswith("fairlead."):
        assert "__doc__" in vars(value) and value.__doc__, f"{name} only inherits its docstring"


def public_methods() -> Iterator[tuple[str, object]]:
    for name, value in exported().items():
        if inspect.isclass(value) and value.__module__.startswith("fairlead."):
            for member_name, member in vars(value).items():
                documented = inspect.isfunction(member) or isinstance(member, (property, classmethod, staticmethod))
                if documented and not member_name.startswith("_"):
                    yield f"{name}.{member_name}", member


def test_every_public_method_is_documented() -> None:
    """Every public method and property of an exported class must have a docstring."""
    undocumented = [name for name, member in public_methods() if not inspect.getdoc(member)]

    assert undocumented == []


def test_every_argument_is_documented() -> None:
    """Every argument of a public method that takes two or more must be in its docstring."""
    missing = []
    for name, member in public_methods():
        parameters = [*inspect.signature(member).parameters.values()][1:] if inspect.isfunction(member) else []
        text = inspect.getdoc(member) or ""
        if len(parameters) > 1:
            missing += [f"{name}({each.name})" for each in parameters if f"{each.name}:" not in text]

    assert [each for each in missing if not each.startswith(("Driver", "Apphost"))] == []


def test_enumerations_are_text() -> None:
    """Public enumerations must be text, so that they read well in JSON and logs."""
    kinds = [value for value in exported().values() if inspect.isclass(value) and issubclass(value, enum.Enum)]

    assert kinds and all(issubclass(kind, str) for kind in kinds)
