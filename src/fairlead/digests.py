"""SHA-256 for names, identities and checksums, without loading OpenSSL.

``hashlib`` loads it when it is imported, which takes as long as ten of the modules that publishing needs. Python has a
SHA-256 of its own beside it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def _sha256() -> Any:
    """The constructor: Python's own, by its name since 3.12 or the one before; else OpenSSL's."""
    for module in ("_sha2", "_sha256"):
        try:
            return import_module(module).sha256
        except ImportError:  # a build of Python may leave it out
            continue
    return import_module("hashlib").sha256


_new = _sha256()


def hex_digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in 64 lower-case hexadecimal digits."""
    digits: str = _new(content).hexdigest()
    return digits
