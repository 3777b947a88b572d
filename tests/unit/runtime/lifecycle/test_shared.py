"""Objects that the drivers of a run share."""

from __future__ import annotations

import asyncio

import pytest

from fairlead.runtime.lifecycle.shared import Shared


class Client:
    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


class Stubborn(Client):
    async def close(self) -> None:
        await super().close()
        raise OSError("stuck")


async def test_it_is_made_once() -> None:
    """However many ask at once, the object must be made once, and be the same for all; closing closes it."""
    shared, made = Shared(), []

    async def make() -> Client:
        await asyncio.sleep(0)
        made.append(Client())
        return made[-1]

    clients = await asyncio.gather(*(shared.get(Client, make) for _ in range(5)))
    await shared.close()
    assert len(made) == 1 and set(clients) == set(made) and made[0].closed == 1


async def test_cancelling_who_asked_first_spoils_nothing() -> None:
    """When those who ask are cancelled, all of them must be, and the object made must still be closed in the end."""
    shared, gate, made = Shared(), asyncio.Event(), []

    async def make() -> Client:
        await gate.wait()
        made.append(Client())
        return made[-1]

    asking = [asyncio.ensure_future(shared.get(Client, make)) for _ in range(3)]
    await asyncio.sleep(0)
    for each in asking[:2]:
        each.cancel()
    await asyncio.wait(asking[:2])
    assert all(each.cancelled() for each in asking[:2])
    gate.set()
    assert await asking[2] is made[0]
    await shared.close()
    assert (len(made), made[0].closed) == (1, 1)


async def test_one_that_can_not_be_made_is_tried_again() -> None:
    """Who asks must get the error; the next one who asks must cause another attempt."""
    shared = Shared()

    async def fail() -> Client:
        raise OSError("no engine")

    async def make() -> Client:
        return Client()

    for _ in range(2):
        with pytest.raises(OSError, match="no engine"):
            await shared.get(Client, fail)
    assert isinstance(await shared.get(Client, make), Client)
    await shared.close()


async def test_one_that_is_being_made_when_all_is_closed() -> None:
    """What is not done when the run ends must be cancelled, and not be left behind."""
    shared, began, undone = Shared(), asyncio.Event(), []

    async def make() -> Client:
        began.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            undone.append("yes")
        return Client()

    asking = asyncio.ensure_future(shared.get(Client, make))
    await began.wait()
    await shared.close()
    await asyncio.wait([asking])
    assert asking.cancelled() and undone == ["yes"]


async def test_one_that_can_not_be_closed() -> None:
    """All must be closed, the last made first, also when one of them can't be; its error must be told."""
    shared, client, stubborn = Shared(), Client(), Stubborn()
    shared.provide(Client, client)
    shared.provide(Stubborn, stubborn)
    with pytest.raises(OSError, match="stuck"):
        await shared.close()
    assert (client.closed, stubborn.closed) == (1, 1)


class Noting:
    """Notes that it was closed."""

    closed: list[str]

    def __init__(self, closed: list[str]) -> None:
        self.closed = closed

    async def close(self) -> None:
        self.closed.append(type(self).__name__)


class First(Noting):
    pass


class Second(Noting):
    pass


async def test_what_was_completed_last_is_closed_first() -> None:
    """An object that needed another one while it was made must be closed before that one."""
    shared, closed = Shared(), list[str]()

    async def make_first() -> First:
        return First(closed)

    async def make_second() -> Second:
        await shared.get(First, make_first)
        return Second(closed)

    await shared.get(Second, make_second)
    await shared.close()
    assert closed == ["Second", "First"]


class Hanging(Client):
    async def close(self) -> None:
        await asyncio.Event().wait()


async def test_one_that_is_never_closed_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object whose closing does not end must be given up, and the others be closed."""
    monkeypatch.setattr("fairlead.runtime.lifecycle.shared.CLOSE_SECONDS", 0.01)
    shared, client = Shared(), Client()
    shared.provide(Client, client)
    shared.provide(Hanging, Hanging())
    with pytest.raises(TimeoutError, match="closing Hanging has not ended"):
        await shared.close()
    assert client.closed == 1


async def test_making_can_begin_before_anybody_asks() -> None:
    """What was begun must be what those get who ask later, made once, and be closed although nobody has asked."""
    shared, gate, made = Shared(), asyncio.Event(), []

    async def make() -> Client:
        await gate.wait()
        made.append(Client())
        return made[-1]

    shared.begin(Client, make)
    shared.begin(Client, make)
    gate.set()
    assert await shared.get(Client, make) is made[0]
    shared.begin(Client, make)
    await shared.close()
    assert (len(made), made[0].closed) == (1, 1)


async def test_what_could_not_be_begun_is_tried_again() -> None:
    """When making it ahead fails, nobody must be told; who asks for it must have it made again."""
    shared = Shared()

    async def fail() -> Client:
        raise OSError("not yet")

    async def make() -> Client:
        return Client()

    shared.begin(Client, fail)
    for _ in range(5):
        await asyncio.sleep(0)
    assert isinstance(await shared.get(Client, make), Client)
    await shared.close()
