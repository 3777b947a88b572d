"""The secrets of one app: generated passwords and parameters that a person asked to be remembered.

A data volume can't be read without the password it was made with, so this file is the one thing that must never lose
an entry: each change re-reads the file under a lock, and a file that can't be understood is left alone.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import choice

from fairlead.runtime.store.files import damaged, locked, read_json, write_json

_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


class SecretStore:
    """Secrets by name, in one private JSON file that several processes may change.

    Every method reads the file afresh, so what another process stored is seen.

    Args:
        path: The file; it and its folder are made with the first secret.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def get(self, name: str) -> str | None:
        """Return a secret, or None when there is none of that name.

        Raises:
            StateError: The file can't be read or understood.
        """
        return self._read().get(name)

    def names(self) -> list[str]:
        """Return the names of all secrets, sorted.

        Raises:
            StateError: The file can't be read or understood.
        """
        return sorted(self._read())

    def get_or_create(self, name: str, create: Callable[[], str]) -> str:
        """Return a secret, made and stored if it is missing: of two processes that ask at once, both get the same.

        Raises:
            StateError: The file can't be read, understood or written.
        """
        found = self.get(name)
        if found is not None:
            return found
        with locked(self._path):
            secrets = self._read()
            if name not in secrets:
                secrets[name] = create()
                self._write(secrets)
            return secrets[name]

    def set(self, name: str, value: str) -> None:
        """Store a secret.

        Raises:
            StateError: The file can't be read, understood or written; nothing has changed then.
        """
        with locked(self._path):
            secrets = self._read()
            if secrets.get(name) != value:
                self._write({**secrets, name: value})

    def delete(self, name: str) -> None:
        """Forget a secret; one that isn't there is fine.

        Raises:
            StateError: The file can't be read, understood or written; nothing has changed then.
        """
        if self.get(name) is None:
            return
        with locked(self._path):
            secrets = self._read()
            if secrets.pop(name, None) is not None:
                self._write(secrets)

    def _read(self) -> dict[str, str]:
        found = read_json(self._path, dict)
        if found is None:
            return {}
        self._close_to_others()
        secrets: dict[str, str] = {}
        for name, value in found.items():
            if not isinstance(value, str):
                raise damaged(self._path, f"the entry {name!r} is not a string")
            secrets[name] = value
        return secrets

    def _write(self, secrets: dict[str, str]) -> None:
        write_json(self._path, dict(secrets))

    def _close_to_others(self) -> None:
        """Take away what others may do with the file: a copy from a backup often comes back readable by all."""
        with suppress(OSError):
            if self._path.stat().st_mode & 0o077:
                self._path.chmod(0o600)


def generate_password(length: int = 22) -> str:
    """Return a random password of letters and digits, with at least one lower-case, one upper-case and one digit.

    It needs no quoting in a URL, a shell or a YAML file. The default length carries 130 bits.

    Raises:
        ValueError: The length leaves no room for the three classes.
    """
    if length < len(_CLASSES):
        raise ValueError(f"a password needs {len(_CLASSES)} characters or more, not {length}")
    while True:
        password = "".join(choice("".join(_CLASSES)) for _ in range(length))
        if all(any(character in letters for character in password) for letters in _CLASSES):
            return password
