"""Kubeconfigs as data."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fairlead.engines.kube.kubeconfig import credentials, dump, merge, parse, point_at, with_token
from fairlead.errors import EngineError


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def kubeconfig(name: str = "default", server: str = "https://127.0.0.1:6443", **cluster: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": server, "certificate-authority-data": encoded("ca"), **cluster}}
        ],
        "users": [
            {
                "name": name,
                "user": {"client-certificate-data": encoded("cert"), "client-key-data": encoded("key")},
            }
        ],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def test_a_file_is_read_as_it_was_written() -> None:
    """Whatever is written must be what is read."""
    assert parse(dump(kubeconfig())) == kubeconfig()
    assert parse("") == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("clusters: [\nusers: {", r"~/\.kube/config is not valid YAML, line 3"),
        ("just a text", "is not a kubeconfig"),
        ("clusters: {a: 1}", "is not a kubeconfig"),
        ("users: [{user: {}}]", "is not a kubeconfig"),
    ],
)
def test_what_is_no_kubeconfig_is_an_error(text: str, problem: str) -> None:
    """The error must name the file, and the line where there is one."""
    with pytest.raises(EngineError, match=problem):
        parse(text, "~/.kube/config")


def test_the_credentials_of_a_context() -> None:
    """Address, certificates and key must be those of the current context, or of the one that is asked for."""
    both = merge(kubeconfig(), with_token(kubeconfig("other", "https://other:6443/"), "secret"))
    found = credentials(both)
    assert (found.server, found.authority, found.certificate, found.key) == (
        "https://127.0.0.1:6443",
        "ca",
        "cert",
        "key",
    )
    other = credentials(both, "other")
    assert (other.server, other.token, other.certificate) == ("https://other:6443", "secret", "")
    assert "secret" not in repr(other) and "'key'" not in repr(found)


def test_what_a_client_lacks_is_named() -> None:
    """A context, cluster or user that is not there must be named, with those that are; so must broken data."""
    with pytest.raises(EngineError, match="has no context 'nowhere'; it has 'default'"):
        credentials(kubeconfig(), "nowhere")
    with pytest.raises(EngineError, match="has no context ''; it has none"):
        credentials({})
    with pytest.raises(EngineError, match="has no user 'default'; it has none"):
        credentials({**kubeconfig(), "users": None})
    with pytest.raises(EngineError, match="has no address"):
        credentials(kubeconfig(server=""))
    with pytest.raises(EngineError, match="certificate-authority-data is not base64"):
        credentials(kubeconfig(**{"certificate-authority-data": "…"}))


def test_another_address_and_name() -> None:
    """All but the address must stay as it was; the name must be that of cluster, user and context."""
    pointed = point_at(kubeconfig(), "https://k8s:6443", name="shop-k8s")
    assert pointed == kubeconfig("shop-k8s", "https://k8s:6443")
    assert point_at(kubeconfig(), "https://k8s:6443") == kubeconfig(server="https://k8s:6443")


def test_a_token_takes_the_place_of_all_credentials() -> None:
    """Nothing of the administrator's must be left."""
    scoped = with_token(kubeconfig(), "secret", namespace="shop")
    assert [entry["user"] for entry in scoped["users"]] == [{"token": "secret"}]
    assert scoped["contexts"][0]["context"]["namespace"] == "shop"
    assert encoded("key") not in dump(scoped)


def test_merging_keeps_what_is_there() -> None:
    """Others, their order, unknown settings and the current context must stay; the same names must be replaced."""
    theirs = {**merge(kubeconfig("work"), kubeconfig("shop-k8s", "https://old:1")), "preferences": {"colors": True}}
    merged = merge(theirs, kubeconfig("shop-k8s", "https://new:2"))
    assert [entry["name"] for entry in merged["contexts"]] == ["work", "shop-k8s"]
    assert credentials(merged, "shop-k8s").server == "https://new:2"
    assert credentials(merged) == credentials(kubeconfig("work"))
    assert merged["preferences"] == {"colors": True}
    assert merge(theirs, kubeconfig("shop-k8s"), use=True)["current-context"] == "shop-k8s"


def test_merging_into_nothing() -> None:
    """An empty file must become a whole one, without a current context that nobody asked for."""
    merged = merge({}, kubeconfig("shop-k8s"))
    assert (merged["apiVersion"], merged["kind"]) == ("v1", "Config")
    assert "current-context" not in merged
    assert credentials(merged, "shop-k8s") == credentials(kubeconfig("shop-k8s"))
