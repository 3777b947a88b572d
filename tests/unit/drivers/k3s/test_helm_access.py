"""How a Helm in a container reaches repositories: by this machine's proxies, and with what that trusts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairlead.drivers.k3s import helm_access
from fairlead.drivers.k3s.helm_access import CA_BUNDLE, server_of, surroundings
from fairlead.engines.helm.container import HOME
from fairlead.engines.host_facts import HostFacts
from fairlead.resources.container import Container


class Start(SimpleNamespace):
    """The start of a release in an app with a container, which notes what is masked and logged."""

    def __init__(self) -> None:
        super().__init__(app=(Container("My_Cache", "redis"),), masked=[], lines=[])
        self.mask, self.log = self.masked.append, self.lines.append


def surroundings_on(monkeypatch: pytest.MonkeyPatch, host: HostFacts) -> tuple[dict[str, str], dict[str, bytes], Start]:
    """The variables and files of a Helm on a machine."""
    start: Any = Start()
    monkeypatch.setattr(helm_access, "observe_host", lambda: host)
    return (*surroundings(start, "k8s"), start)


def test_a_proxy_leads_to_repositories_and_not_to_the_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It must be this machine's, with its exceptions, the cluster's and the app's; its password must be masked."""
    (tmp_path / "ca.crt").write_bytes(b"certificates")
    proxies = {"HTTPS_PROXY": "http://me:s3cret@proxy.test:3128", "NO_PROXY": "corp.test"}
    host = HostFacts(proxies=proxies, ca_bundle=tmp_path / "ca.crt")
    variables, files, start = surroundings_on(monkeypatch, host)
    assert variables["HTTPS_PROXY"] == proxies["HTTPS_PROXY"]
    assert variables["NO_PROXY"] == "corp.test,k8s,my-cache,localhost,127.0.0.1"
    assert (variables["SSL_CERT_FILE"], files) == (f"{HOME}/{CA_BUNDLE}", {CA_BUNDLE: b"certificates"})
    assert start.masked == ["s3cret"]


def test_a_proxy_on_loopback_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container can't reach it, so it must be left out, with a line in the log."""
    variables, files, start = surroundings_on(monkeypatch, HostFacts(proxies={"HTTP_PROXY": "http://localhost:3128"}))
    assert (variables, files) == ({}, {})
    assert start.lines == [
        "Helm does without the proxy of HTTP_PROXY: http://localhost:3128 is this machine's loopback, not the "
        "container's"
    ]


def test_certificates_that_can_not_be_read_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A bundle that the user has named and that is gone must be in the log, and be no reason to fail."""
    variables, files, start = surroundings_on(monkeypatch, HostFacts(ca_bundle=tmp_path / "gone", ca_is_chosen=True))
    assert (variables, files) == ({}, {})
    assert "can't be read" in start.lines[0] and str(tmp_path / "gone") in start.lines[0]


def test_whose_api_is_reached_without_a_proxy() -> None:
    """The host name must be that of the kubeconfig's cluster; one without a cluster has none."""
    assert server_of({"clusters": [{"cluster": {"server": "https://k8s:6443"}}]}) == "k8s"
    assert server_of({}) == ""
