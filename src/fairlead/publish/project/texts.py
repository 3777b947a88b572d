"""Contents of files as text."""

from __future__ import annotations


def as_text(content: bytes) -> str | None:
    """Content as text, or None when it is no text that YAML could hold."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
