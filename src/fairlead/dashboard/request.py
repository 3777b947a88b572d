"""A request to the control API, read by what the table of routes says about it."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from fairlead.engines.turns import Turns
from fairlead.errors import UsageError
from fairlead.model.names import listing

BODY_BYTES = 1024 * 1024
"""The longest body that is read."""
BODY_SECONDS = 20.0
"""Seconds in which a body must have come."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter.

    Args:
        name: Its name.
        summary: What it is for, in a sentence.
        kind: ``text``, ``number`` (not negative) or ``flag`` (``1``, or ``0``).
        many: Whether it may be given several times.
        choices: The texts that it may have; any where empty.
    """

    name: str
    summary: str
    kind: Literal["text", "number", "flag"] = "text"
    many: bool = False
    choices: tuple[str, ...] = ()


class Request:
    """One request.

    Args:
        raw: As the server got it.
        parameters: The query parameters that its route has.
        turns: The turns of all long answers.

    Raises:
        UsageError: It has another query parameter, or one of them several times.
    """

    def __init__(self, raw: web.Request, parameters: tuple[Parameter, ...], turns: Turns) -> None:
        self.raw = raw
        self.turns = turns
        #: Whether a part of the answer was sent already, so that it is too late for a refusal.
        self.is_answered = False
        known = {parameter.name: parameter for parameter in parameters}
        for name in raw.query:
            if name not in known:
                raise UsageError(
                    f"{raw.path} has no query parameter {name!r}",
                    remedy=f"It has {listing(known)}." if known else "Give none.",
                )
            if not known[name].many and len(raw.query.getall(name)) > 1:
                raise UsageError(f"{name} is given several times", remedy="Give it once.")

    def segment(self, name: str) -> str:
        """Return a variable segment of the path, decoded."""
        return self.raw.match_info[name]

    def text(self, name: str) -> str | None:
        """Return a query parameter; None where it is not given."""
        return self.raw.query.get(name)

    def texts(self, name: str) -> list[str]:
        """Return a query parameter as often as it is given."""
        return self.raw.query.getall(name, [])

    def flag(self, name: str) -> bool:
        """Return whether a flag is set."""
        return self.raw.query.get(name, "") not in ("", "0", "false")

    def number(self, name: str) -> float | None:
        """Return a query parameter that is a number; a negative one as 0.

        Raises:
            UsageError: It is not a finite number.
        """
        text = self.raw.query.get(name)
        if text is None:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return max(0.0, number)
        raise UsageError(f"{name}={text} is not a number", remedy="Give one that is finite, or leave it out.")

    async def data(self, limit: int) -> bytes:
        """Return what was sent.

        Args:
            limit: How many bytes it may have.

        Raises:
            UsageError: It is too long, or does not come.
        """
        data = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for piece in self.raw.content.iter_any():
                    data += piece
                    if len(data) > limit:
                        raise UsageError(f"the body has more than {limit} bytes")
        except TimeoutError:
            raise UsageError(f"the body has not come within {BODY_SECONDS:g} s") from None
        return bytes(data)

    async def body(self) -> dict[str, Any]:
        """Return the JSON object that was sent; empty where nothing was.

        Raises:
            UsageError: It is no JSON object, is nested too deeply, is too long, or does not come.
        """
        data = await self.data(BODY_BYTES)
        if not data:
            return {}
        try:
            body = json.loads(data)
        except RecursionError:
            raise UsageError("the body is nested too deeply") from None
        except ValueError:  # also where it is not UTF-8
            raise UsageError("the body is not JSON") from None
        if not isinstance(body, dict):
            raise UsageError("the body is not a JSON object")
        return body
