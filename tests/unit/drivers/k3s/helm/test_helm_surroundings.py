"""How a Helm in a container reaches what programs of this machine reach: proxies, certificates, loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fairlead.drivers.k3s.helm import access as helm_access
from fairlead.drivers.k3s.helm.access import open_helm, server_of, surroundings
from fairlead.drivers.k3s.helm.credentials import HelmNeeds
from fairlead.engines.helm.container import HOME
from fairlead.engines.host_facts import HostFacts
from fairlead.errors import StartError


class Context:
    """What of a start is asked for."""

    def __init__(self) -> None:
        self.app = [type("R", (), {"name": name})() for name in ("cache", "Own_Registry")]
        self.masked: list[str] = []
        self.lines: list[str] = []
        self.mask, self.log = self.masked.append, self.lines.append


def of(context: Context, monkeypatch: pytest.MonkeyPatch, **facts: Any) -> tuple[dict[str, str], dict[str, bytes]]:
    monkeypatch.setattr(helm_access, "observe_host", lambda: HostFacts(**facts))
    return surroundings(context, "k8s")  # type: ignore[arg-type]


def test_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy must be passed on, with all of the app besides it, and its password be masked."""
    context = Context()
    proxies = {"HTTPS_PROXY": "http://me:s3cret@proxy:3128", "NO_PROXY": "corp, localhost"}
    variables, files = of(context, monkeypatch, proxies=proxies)
    assert variables == {
        "HTTPS_PROXY": "http://me:s3cret@proxy:3128",
        "NO_PROXY": "corp,localhost,k8s,cache,own-registry,127.0.0.1",
    }
    assert (files, context.masked) == ({}, ["s3cret"])


def test_a_proxy_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that a container can't reach must be left out, and the log say so."""
    context = Context()
    assert of(context, monkeypatch, proxies={"HTTP_PROXY": "http://127.0.0.1:3128"}) == ({}, {})
    assert context.lines[0].startswith("Helm does without the proxy of HTTP_PROXY: http://127.0.0.1:3128")


def test_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The user's certificates, and with a proxy the machine's, must be copied in; without either nothing is."""
    bundle = tmp_path / "ca.crt"
    bundle.write_bytes(b"certificates")
    copied = ({"SSL_CERT_FILE": f"{HOME}/ca.crt"}, {"ca.crt": b"certificates"})
    assert of(Context(), monkeypatch, ca_bundle=bundle, ca_is_chosen=True) == copied
    assert of(Context(), monkeypatch, ca_bundle=bundle) == ({}, {})
    assert of(Context(), monkeypatch, ca_bundle=bundle, proxies={"HTTP_PROXY": "http://p:1"})[1] == copied[1]
    bundle.unlink()
    context = Context()
    assert of(context, monkeypatch, ca_bundle=bundle, ca_is_chosen=True) == ({}, {})
    assert "can't be read" in context.lines[0]


@pytest.mark.parametrize("address", ["oci://localhost:5000/charts/web", "oci://127.0.0.1/web"])
async def test_a_registry_on_loopback(address: str) -> None:
    """A registry of this machine's loopback can't be reached from a container, and the error must say what can be."""
    with pytest.raises(StartError, match="is this machine's loopback") as caught:
        async with open_helm(None, None, HelmNeeds(image="x", chart=address)):  # type: ignore[arg-type]
            raise AssertionError("unreachable")
    assert 'with_helm_runner("host")' in str(caught.value)


def test_the_server_of_a_kubeconfig() -> None:
    """The host name of the API must be found, and a kubeconfig without one be no error."""
    assert server_of({"clusters": [{"cluster": {"server": "https://k8s:6443"}}]}) == "k8s"
    assert server_of({}) == ""
