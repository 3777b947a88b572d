from __future__ import annotations

import functools
import inspect
from typing import Any

import pytest
from tests.support.definitions import build, mistakes

from fairlead import CallbackContext, Mode
from fairlead.model.user_functions import call

CONTEXT = CallbackContext(build(lambda app: app.add_redis("cache"))["cache"], Mode.PUBLISH)


class Caller:
    def plain(self) -> object:
        return "plain"

    def told(self, context: CallbackContext) -> object:
        return context

    def __call__(self, context: CallbackContext) -> object:
        return context


def with_default(context: object = None) -> object:
    return context


def with_keyword(*, other: int = 1) -> object:
    return other


async def later(context: CallbackContext) -> object:
    return context


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda: "nothing", "nothing"),
        (lambda context: context, CONTEXT),
        (lambda *args: args, (CONTEXT,)),
        (Caller().plain, "plain"),
        (Caller().told, CONTEXT),
        (Caller(), CONTEXT),
        (with_default, None),
        (lambda context, name="kept": (context, name), (CONTEXT, "kept")),
        (with_keyword, 1),
        (functools.partial(with_default, "bound"), "bound"),
        (functools.partial(lambda first, context: (first, context), 1), (1, CONTEXT)),
        (dict, {}),
    ],
)
def test_functions_are_called_with_what_they_take(function: Any, expected: object) -> None:
    """A function must get the context when it needs an argument; what has a default is its own business."""
    assert call(function, CONTEXT) == expected


async def test_async_functions_are_left_to_the_caller() -> None:
    """An async function must give an awaitable, which the runtime awaits."""
    awaitable = call(later, CONTEXT)

    assert inspect.isawaitable(awaitable)
    assert await awaitable is CONTEXT


def test_the_context_knows_the_mode() -> None:
    """A callback must be able to ask whether the app runs or is published."""
    assert CONTEXT.is_publish_mode and not CONTEXT.is_run_mode


def test_callbacks_are_not_called_by_the_definition() -> None:
    """Callbacks of variables and arguments must not be called while the app is defined."""
    called: list[str] = []

    def value() -> str:
        called.append("value")
        return "x"

    assert mistakes(lambda app: app.add_executable("tool", "x").with_environment("A", value).with_args(value)) == []
    assert called == []
