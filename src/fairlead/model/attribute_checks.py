"""What attributes of resources may be: a definition can set them itself, where no method sees what they are set to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from math import isfinite
from typing import Any, get_args

from fairlead.model.argument_checks import MAX_NUMBER, kind_of
from fairlead.model.frozen import model_attributes
from fairlead.model.kubernetes.workload_options import WorkloadKind
from fairlead.model.lifetime import Lifetime, PullPolicy
from fairlead.model.locations import mistake
from fairlead.model.names import is_platform
from fairlead.model.programs.program import STOP_SIGNALS, RestartPolicy
from fairlead.model.resource import Resource


def check_attributes(resource: Resource) -> None:
    """Report attributes that were set to what the method for them would have refused."""
    attributes = vars(resource)
    for name, is_good, method in _rules_of(model_attributes(type(resource))):
        if name in attributes and not is_good(attributes[name]):
            mistake(
                f"its attribute {name} was set to {_shown(attributes[name])}",
                resource=resource.name,
                remedy=f"Call {method}(), which says what it may be.",
            )


@cache
def _rules_of(attributes: frozenset[str]) -> tuple[tuple[str, Callable[[Any], bool], str], ...]:
    return tuple((name, is_good, method) for name, (is_good, method) in _RULES.items() if name in attributes)


def _shown(value: object) -> str:
    return str(value) if isinstance(value, (int, float)) else kind_of(value)


def _is_text(value: Any) -> bool:
    return value is None or (isinstance(value, str) and bool(value.strip()))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_one_of(words: Collection[Any]) -> Callable[[Any], bool]:
    return lambda value: value is None or (isinstance(value, str) and value in words)


def _is_count(least: int) -> Callable[[Any], bool]:
    return lambda value: value is None or (type(value) is int and least <= value <= MAX_NUMBER)


def _is_time(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or (is_number and isfinite(value) and 0 < value <= MAX_NUMBER)


# For each attribute what it may be, and the method that sets it.
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "entrypoint": (
        lambda value: value is None or (isinstance(value, list) and all(map(_is_text, value))),
        "with_entrypoint",
    ),
    "excluded_from_manifest": (_is_flag, "exclude_from_manifest"),
    "explicit_start": (_is_flag, "with_explicit_start"),
    "external_http": (_is_flag, "with_external_http_endpoints"),
    "icon": (_is_text, "with_icon"),
    "image": (_is_text, "with_image"),
    "image_registry": (_is_text, "with_image_registry"),
    "image_tag": (_is_text, "with_image_tag"),
    "lifetime": (lambda value: isinstance(value, Lifetime), "with_lifetime"),
    "max_restarts": (_is_count(0), "with_restart"),
    "platform": (lambda value: value is None or (isinstance(value, str) and is_platform(value)), "with_platform"),
    "pull_policy": (lambda value: value is None or isinstance(value, PullPolicy), "with_pull_policy"),
    "replicas": (lambda value: value is not None and _is_count(1)(value), "with_replicas"),
    "restart": (lambda value: value in get_args(RestartPolicy), "with_restart"),
    "schedule": (_is_text, "with_workload"),
    "stop_signal": (_is_one_of(STOP_SIGNALS), "with_stop_signal"),
    "stop_timeout": (_is_time, "with_stop_timeout"),
    "workload_kind": (_is_one_of(get_args(WorkloadKind)), "with_workload"),
}
