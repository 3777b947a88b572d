"""Signals that the host hears, and others beside it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.waiting import until

from fairlead.cli.signals import HostLoop, handle_signals

USER = signal.SIGUSR1, signal.SIGUSR2


def on_a_host_loop(test: Callable[[list[str]], Any]) -> None:
    """Run a coroutine that gets a list of what the host heard."""
    before = [signal.getsignal(number) for number in (*USER, signal.SIGTERM)]
    told: list[str] = []

    async def hear() -> None:
        with handle_signals(
            {signal.SIGTERM: lambda: told.append("host"), signal.SIGUSR2: lambda: told.append("host too")}
        ):
            await test(told)

    with asyncio.Runner(loop_factory=HostLoop) as runner:
        runner.run(hear())
    assert [signal.getsignal(number) for number in (*USER, signal.SIGTERM)] == before


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def test_handlers_of_others_are_called_as_well() -> None:
    """Code that asks the loop for a signal must get it, and not take it, or any other one, from the host."""

    async def check(told: list[str]) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, told.append, "other")
        loop.add_signal_handler(signal.SIGUSR1, told.append, "user")
        send(signal.SIGTERM)
        await until(lambda: sorted(told) == ["host", "other"], "both have heard it")
        send(signal.SIGUSR1)
        await until(lambda: told[2:] == ["user"], "it was heard")
        send(signal.SIGUSR2)
        await until(lambda: told[3:] == ["host too"], "it was heard")
        assert loop.remove_signal_handler(signal.SIGUSR1)
        assert not loop.remove_signal_handler(signal.SIGUSR1)

    on_a_host_loop(check)


def test_the_host_hears_after_a_handler_was_removed() -> None:
    """A handler that is taken back, as a server does at its end, must leave the host its signals."""

    async def check(told: list[str]) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR2, told.append, "other")
        assert loop.remove_signal_handler(signal.SIGUSR2)
        with pytest.raises(ValueError):
            loop.add_signal_handler(4711, print)
        with pytest.raises(TypeError):
            loop.add_signal_handler(signal.SIGUSR1, check, told)
        send(signal.SIGUSR2)
        await until(lambda: told == ["host too"], "the host has heard it")

    on_a_host_loop(check)


def test_what_others_left_goes_with_the_host() -> None:
    """A handler that nobody took back must not outlive the run."""

    async def check(told: list[str]) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, told.append, "user")

    on_a_host_loop(check)
