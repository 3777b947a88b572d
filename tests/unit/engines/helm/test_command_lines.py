"""Helm's command lines."""

from __future__ import annotations

import pytest

from fairlead.engines.helm import Chart, ReleaseSpec, command_lines

SPEC = ReleaseSpec(
    name="web",
    namespace="shop",
    chart=Chart("/charts/web"),
    values={"word": "s3cret"},
    timeout=90.2,
    labels={"a": "b", "c": "d"},
)


def test_an_installation() -> None:
    """It must name the release, the chart, the file of its values, its time and its labels, and no value itself."""
    assert command_lines.install(SPEC, "/there/web", "/there/values") == (
        *("install", "web", "/there/web", "--namespace", "shop", "--values", "/there/values"),
        *("--wait", "--timeout", "91s", "--labels", "a=b,c=d", "--create-namespace", "--replace"),
    )


def test_an_upgrade() -> None:
    """It must forget the values of the revision before, and create no namespace."""
    spec = ReleaseSpec(
        name="web", namespace="shop", chart=Chart("web", version="1.2.3"), wait=False, create_namespace=False
    )
    assert command_lines.upgrade(spec, "web", "/values") == (
        *("upgrade", "web", "web", "--namespace", "shop", "--values", "/values", "--timeout", "600s"),
        *("--version", "1.2.3", "--reset-values"),
    )


def test_the_rest() -> None:
    """The other operations must name what they are about."""
    assert command_lines.rollback("web", "shop", 3) == ("rollback", "web", "3", "--namespace", "shop")
    assert command_lines.uninstall("web", "shop", None) == ("uninstall", "web", "--namespace", "shop")
    assert command_lines.uninstall("web", "shop", 0.2)[-3:] == ("--wait", "--timeout", "1s")
    assert command_lines.history("web", "shop") == ("history", "web", "--namespace", "shop", "--output", "json")
    chart = Chart("nginx", "https://charts.example.com", "^1.0")
    assert command_lines.pull(chart, "/there") == (
        *("pull", "nginx", "--destination", "/there", "--repo", "https://charts.example.com", "--version", "^1.0"),
    )


@pytest.mark.parametrize(
    ("reference", "is_plain"),
    [
        ("oci://registry:5000/charts/web", True),
        ("oci://localhost:5000/web", True),
        ("oci://127.0.0.1:5000/web", True),
        ("oci://[::1]:5000/web", True),
        ("oci://registry/web", True),
        ("oci://ghcr.io/charts/web", False),
        ("oci://10.0.0.1:5000/web", False),
        ("oci://[2001:db8::1]:5000/web", False),
        ("registry/web", False),
        ("/charts/web", False),
    ],
)
def test_registries_without_tls(reference: str, is_plain: bool) -> None:
    """Registries of this machine and of the app's network must be spoken to without TLS, all others with it."""
    assert command_lines.is_plain_http(reference) is is_plain
    assert ("--plain-http" in command_lines.pull(Chart(reference), "/there")) is is_plain
