"""The key with which an app's container specs are hashed, so that a hash can't be used to guess a secret."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from fairlead.runtime.store.secrets import SecretStore

_NAME = ".spec-key"  # no parameter can be called that
_DIGITS = 16
_TOKEN_DIGITS = 32


class SpecKey:
    """Makes keyed hashes of what resources are made from; the same from run to run.

    Args:
        store: Where the key is kept; None makes one that is forgotten.
    """

    def __init__(self, store: SecretStore | None) -> None:
        self._store = store
        self._key: bytes | None = None

    def field_hashes(self, fields: Mapping[str, Any]) -> dict[str, str]:
        """A short keyed hash for each field, whose values are plain data.

        Raises:
            StateError: The key can't be read or stored.
            TypeError: A value is not plain data, so its text would depend on our code and not on the container.
        """
        return {name: self._hash(name, value) for name, value in sorted(fields.items())}

    def token(self, name: str) -> str:
        """A long keyed hash of a name, by which what is called so can prove it.

        Raises:
            StateError: The key can't be read or stored.
        """
        return hmac.new(self._bytes(), f"token of {name}".encode(), hashlib.sha256).hexdigest()[:_TOKEN_DIGITS]

    def _hash(self, name: str, value: Any) -> str:
        text = json.dumps([name, value], sort_keys=True).encode()
        return hmac.new(self._bytes(), text, hashlib.sha256).hexdigest()[:_DIGITS]

    def _bytes(self) -> bytes:
        if self._key is None:
            made = secrets.token_hex(16)
            self._key = (self._store.get_or_create(_NAME, lambda: made) if self._store else made).encode()
        return self._key
