"""Calling the definition's functions without an event loop of our own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from fairlead import CallbackContext, Mode
from fairlead.publish.translation.callbacks import Callbacks, call_and_wait
from fairlead.resources.container import Container

RESOURCE = Container("api", "busybox:1.35")
CONTEXT = CallbackContext(RESOURCE, Mode.PUBLISH)


async def sleeps() -> str:
    await asyncio.sleep(0.001)
    return "slept"


async def fails() -> str:
    raise ValueError("no")


def test_a_coroutine_that_waits_gets_a_loop() -> None:
    """An async function must be waited for, also when it really waits."""
    assert call_and_wait(sleeps, CONTEXT) == "slept"


async def test_a_coroutine_is_waited_for_inside_a_running_loop() -> None:
    """Publishing from a program that has a loop already must work."""
    assert call_and_wait(sleeps, CONTEXT) == "slept"


def test_an_exception_comes_out_as_it_is() -> None:
    """What a function raises must reach the caller."""
    with pytest.raises(ValueError, match="no"):
        call_and_wait(fails, CONTEXT)


def test_a_function_is_called_once() -> None:
    """Two environments must share the one result of a function."""
    calls: list[CallbackContext] = []
    callbacks = Callbacks()

    def function(context: CallbackContext) -> str:
        calls.append(context)
        return "x"

    assert [callbacks.result(function, RESOURCE) for _ in range(2)] == ["x", "x"]
    assert calls == [CONTEXT]


@pytest.mark.parametrize("body", ["return 'x'", "import asyncio\n    await asyncio.sleep(0)\n    return 'x'"])
def test_asyncio_is_loaded_only_where_it_is_needed(body: str) -> None:
    """A coroutine that waits for nothing must not cost the import of asyncio; one that needs a loop must get it."""
    program = (
        "import sys, json\n"
        "from fairlead.publish.translation.callbacks import call_and_wait\n"
        f"async def function():\n    {body}\n"
        "print(json.dumps([call_and_wait(function, None), 'asyncio' in sys.modules]))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert json.loads(ended.stdout) == ["x", "asyncio" in body]
