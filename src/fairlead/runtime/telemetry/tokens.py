"""The tokens by which resources say who they are when they send telemetry.

A token tells the resource, so what a program says of itself in its telemetry can't make it another one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable

_DIGITS = 32


class Tokens:
    """The tokens of one run: a resource's name, and a keyed hash of it.

    Args:
        lasting: Makes the hash for a resource that outlives the run, the same in every run.
    """

    def __init__(self, lasting: Callable[[str], str]) -> None:
        self._key = secrets.token_bytes(32)
        self._lasting = lasting
        self._given: dict[str, str] = {}

    def of(self, resource: str, *, outlives_run: bool = False) -> str:
        """The token of a resource, which counts from now on.

        Args:
            resource: Its name.
            outlives_run: Whether the resource keeps what it was told in later runs.

        Raises:
            StateError: The key of lasting tokens can't be read or stored.
        """
        proof = self._lasting(resource) if outlives_run else self._proof(resource)
        self._given[resource] = proof
        return f"{resource}.{proof}"

    def resource_of(self, token: str) -> str | None:
        """The name of the resource that a token was given to; None for one that is wrong."""
        resource, _, proof = token.rpartition(".")
        given = self._given.get(resource)
        if given is None or not hmac.compare_digest(proof.encode(), given.encode()):
            return None
        return resource

    def _proof(self, resource: str) -> str:
        return hmac.new(self._key, resource.encode(), hashlib.sha256).hexdigest()[:_DIGITS]
