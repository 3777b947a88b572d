"""A stored secret must never be lost, and never be open to others."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import StateError
from fairlead.runtime.store.secrets import SecretStore, generate_password


def test_what_is_set_is_found(tmp_path: Path) -> None:
    """A secret must be found by every store on the same file, with any characters."""
    path = tmp_path / "secrets" / "shop.json"
    SecretStore(path).set("pg-password", "p@ß\n\udcff")
    store = SecretStore(path)
    assert store.get("pg-password") == "p@ß\n\udcff"
    assert store.get("other") is None
    assert store.names() == ["pg-password"]


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    """Reading and deleting what isn't there must leave no file."""
    store = SecretStore(tmp_path / "secrets" / "shop.json")
    assert store.get("a") is None
    assert store.names() == []
    store.delete("a")
    assert list(tmp_path.iterdir()) == []


def test_deleting_removes_one(tmp_path: Path) -> None:
    """Deleting a secret must leave the others."""
    store = SecretStore(tmp_path / "shop.json")
    store.set("a", "1")
    store.set("b", "2")
    store.delete("a")
    assert store.names() == ["b"]


def test_the_file_is_private(tmp_path: Path) -> None:
    """The file must be 0600 in a 0700 folder, and be closed again if it was opened to others."""
    path = tmp_path / "secrets" / "shop.json"
    store = SecretStore(path)
    store.set("a", "1")
    path.chmod(0o644)
    store.get("a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_stores_do_not_lose_entries(tmp_path: Path) -> None:
    """What another store wrote after ours was made must survive our write."""
    one, two = SecretStore(tmp_path / "shop.json"), SecretStore(tmp_path / "shop.json")
    assert one.names() == two.names() == []
    one.set("a", "1")
    two.set("b", "2")
    one.set("c", "3")
    assert two.names() == ["a", "b", "c"]


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    """A generated secret must be stored and be the same for everybody from then on."""
    one, two = SecretStore(tmp_path / "shop.json"), SecretStore(tmp_path / "shop.json")
    made = one.get_or_create("a", generate_password)
    assert two.get_or_create("a", generate_password) == made
    assert two.get("a") == made


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": {"b": "c"}}'], ids=["empty", "cut", "array", "number", "nested"]
)
def test_a_damaged_file_is_never_overwritten(tmp_path: Path, content: bytes) -> None:
    """Every method must refuse a damaged file with its path and a remedy, and leave it as it is."""
    path = tmp_path / "shop.json"
    path.write_bytes(content)
    store = SecretStore(path)
    for deed in (
        lambda: store.get("a"),
        store.names,
        lambda: store.set("b", "2"),
        lambda: store.delete("a"),
        lambda: store.get_or_create("b", generate_password),
    ):
        with pytest.raises(StateError) as caught:
            deed()
        assert str(path) in caught.value.message
        assert caught.value.remedy
    assert path.read_bytes() == content


def test_an_error_shows_no_secret(tmp_path: Path) -> None:
    """What a damaged file holds must not get into the error."""
    path = tmp_path / "shop.json"
    path.write_text('{"a": ["hunter2"]}')
    with pytest.raises(StateError) as caught:
        SecretStore(path).get("a")
    assert "hunter2" not in str(caught.value)


@given(st.integers(min_value=3, max_value=64))
def test_a_password_has_all_classes(length: int) -> None:
    """A password must have the length asked for, of ASCII letters and digits, at least one of each class."""
    password = generate_password(length)
    assert len(password) == length
    assert password.isascii() and password.isalnum()
    assert any(map(str.islower, password)) and any(map(str.isupper, password)) and any(map(str.isdigit, password))


def test_passwords_differ() -> None:
    """Passwords must not repeat, and be 22 characters long unless asked otherwise."""
    passwords = {generate_password() for _ in range(1000)}
    assert len(passwords) == 1000
    assert {len(password) for password in passwords} == {22}


def test_a_password_too_short() -> None:
    """A length that leaves no room for the classes must be refused."""
    with pytest.raises(ValueError, match="3 characters"):
        generate_password(2)
