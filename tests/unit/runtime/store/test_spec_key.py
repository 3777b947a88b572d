"""Hashes of container specs: a persistent container must be kept as long as nothing about it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.runtime.store.secrets import SecretStore
from fairlead.runtime.store.spec_key import SpecKey

FIELDS = {"image": "sha256:1", "entrypoint": None, "arguments": ("a", "ü"), "port 80/tcp": ("127.0.0.1", 8080)}


def test_hashes_are_pinned(tmp_path: Path) -> None:
    """The same key and fields must give the same hashes from every version, or containers would be recreated.

    A change here recreates the persistent containers of all users. If it is meant, say so in CHANGELOG.md.
    """
    store = SecretStore(tmp_path / "secrets" / "shop.json")
    store.set(".spec-key", "0" * 32)

    assert SpecKey(store).field_hashes(FIELDS) == {
        "arguments": "fb0e74aeed570b7a",
        "entrypoint": "c31b312827147186",
        "image": "8ee80a5bc01293ab",
        "port 80/tcp": "53bb5372fff2cfca",
    }


def test_the_key_is_kept(tmp_path: Path) -> None:
    """Two runs of an app must hash alike, two apps must not."""
    path, other = tmp_path / "secrets" / "shop.json", tmp_path / "secrets" / "other.json"

    first = SpecKey(SecretStore(path)).field_hashes(FIELDS)

    assert SpecKey(SecretStore(path)).field_hashes(FIELDS) == first
    assert SpecKey(SecretStore(other)).field_hashes(FIELDS) != first


def test_what_is_no_plain_data_is_refused(tmp_path: Path) -> None:
    """An object must be an error, not a hash of its text, which a change of our code would change."""
    with pytest.raises(TypeError):
        SpecKey(None).field_hashes({"mount": tmp_path})
