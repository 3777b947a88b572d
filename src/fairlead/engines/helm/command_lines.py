"""Helm's command lines, the same for Helm 3.14 and later and for Helm 4. Pure.

What the two spell differently is not used: ``--atomic`` became ``--rollback-on-failure``, ``--force`` became
``--force-replace``, and ``--wait`` takes a strategy, the best of which it has by default. Nothing secret is on a
command line: values, credentials and the kubeconfig are files.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping

from fairlead.engines.helm import Chart, ReleaseSpec

Arguments = tuple[str, ...]


def template(spec: ReleaseSpec, chart: str, values: str) -> Arguments:
    """Render a release.

    Args:
        spec: The release.
        chart: The chart, as Helm finds it.
        values: The path of its values.
    """
    return (
        "template",
        spec.name,
        chart,
        *_namespace(spec.namespace),
        "--values",
        values,
        "--no-hooks",
        *_chart(spec.chart),
    )


def install(spec: ReleaseSpec, chart: str, values: str) -> Arguments:
    """Install a release, in place of one that was uninstalled and has left its history; else as :func:`template`."""
    create = ("--create-namespace",) if spec.create_namespace else ()
    return ("install", *_roll_out(spec, chart, values), *create, "--replace")


def upgrade(spec: ReleaseSpec, chart: str, values: str) -> Arguments:
    """Upgrade a release; the arguments are those of :func:`template`."""
    return ("upgrade", *_roll_out(spec, chart, values), "--reset-values")


def rollback(name: str, namespace: str, revision: int) -> Arguments:
    """Go back to a revision."""
    return ("rollback", name, str(revision), *_namespace(namespace))


def uninstall(name: str, namespace: str, wait_seconds: float | None) -> Arguments:
    """Remove a release."""
    waiting = () if wait_seconds is None else ("--wait", "--timeout", duration(wait_seconds))
    return ("uninstall", name, *_namespace(namespace), *waiting)


def history(name: str, namespace: str) -> Arguments:
    """Tell the revisions of a release as JSON."""
    return ("history", name, *_namespace(namespace), "--output", "json")


def pull(chart: Chart, folder: str) -> Arguments:
    """Fetch the archive of a chart into a folder."""
    return ("pull", chart.reference, "--destination", folder, *_chart(chart))


def update_repository(name: str) -> Arguments:
    """Fetch the index of a repository."""
    return ("repo", "update", name)


def build_dependencies(folder: str) -> Arguments:
    """Fetch what a chart depends on."""
    return ("dependency", "build", folder)


def duration(seconds: float) -> str:
    """A time in Go's words, in whole seconds and at least one."""
    return f"{max(1, math.ceil(seconds))}s"


def is_plain_http(reference: str) -> bool:
    """Whether a registry is spoken to without TLS: one of this machine, or of the app's network, whose name has no dot.

    Args:
        reference: A chart of it, such as ``oci://registry:5000/charts/web``.
    """
    if not reference.startswith("oci://"):
        return False
    host = registry_host(reference)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." not in host


def registry_host(reference: str) -> str:
    """The host of an ``oci://`` address, without its port."""
    address = reference.removeprefix("oci://").partition("/")[0]
    if address.startswith("["):  # [::1]:5000
        return address[1:].partition("]")[0]
    return address.partition(":")[0]


def _roll_out(spec: ReleaseSpec, chart: str, values: str) -> Arguments:
    waiting = ("--wait",) if spec.wait else ()
    return (
        *(spec.name, chart, *_namespace(spec.namespace), "--values", values),
        *(*waiting, "--timeout", duration(spec.timeout)),
        *(*_labels(spec.labels), *_chart(spec.chart)),
    )


def _namespace(namespace: str) -> Arguments:
    return ("--namespace", namespace)


def _labels(labels: Mapping[str, str]) -> Arguments:
    return ("--labels", ",".join(f"{name}={value}" for name, value in labels.items())) if labels else ()


def _chart(chart: Chart) -> Arguments:
    repository = ("--repo", chart.repository) if chart.repository else ()
    version = ("--version", chart.version) if chart.version else ()
    return (*repository, *version, *(("--plain-http",) if is_plain_http(chart.reference) else ()))
