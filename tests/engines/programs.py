"""Programs that every engine can run: a script for a real one, a coroutine that does the same for the fake."""

from __future__ import annotations

from collections.abc import Callable

from fairlead.testing.fakes.fake_container import Process, Program

_COROUTINES: dict[str, Program] = {}


def script(text: str) -> Callable[[Program], str]:
    """Give a script the coroutine that stands for it in the fake engine; its name means the script from then on."""

    def register(program: Program) -> str:
        _COROUTINES[text] = program
        return text

    return register


async def shell(process: Process) -> int | None:
    """The fake engine's busybox: knows `sh -c` with a script that has a coroutine."""
    return await _COROUTINES[process.args[2]](process)
