"""What is checked before a byte is written: rules of Kubernetes that a cluster would enforce only later."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fairlead.model.names import is_image, is_label
from fairlead.model.workload import Workload
from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import GO_YAML_REFUSES, Text, When, resolve
from fairlead.publish.chart.names import is_variable
from fairlead.publish.chart.ports import Port
from fairlead.publish.chart.properties import default_text
from fairlead.publish.images.image_names import given_image, has_version
from fairlead.publish.translation.translator import ValueSite
from fairlead.publish.workloads.variables import PodVariables
from fairlead.resources.kubernetes import KubernetesEnvironment
from fairlead.resources.kubernetes.properties import PROPERTIES, property_remedy

#: Linux takes no longer string (``MAX_ARG_STRLEN``), zero byte included.
MAX_STRING = 128 * 1024
#: What one ConfigMap or Secret may hold.
MAX_DATA = 1024 * 1024

_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def check_properties(environment: KubernetesEnvironment, chart: Chart, report: Report) -> None:
    """Report properties that Helm or Kubernetes would refuse: names that come from the app's, defaults of parameters.

    A text that the definition gives is judged there.
    """
    made_up = {
        "helm_chart_name": chart.name,
        "helm_chart_version": chart.version,
        "helm_chart_description": chart.description,
        "release_name": chart.release,
        "namespace": chart.namespace,
    }
    for name in PROPERTIES:
        text = made_up[name] if name in made_up else default_text(getattr(environment.properties, name))
        remedy = None if text is None else property_remedy(name, text)
        if remedy is not None:
            shown = f"{text:.20}…" if name == "helm_chart_description" else text
            report.error(environment, f"{name}={shown!r} is not valid", remedy)


def check_ports(workload: Workload, ports: Mapping[str, Port], told: set[tuple[str, str]], report: Report) -> None:
    """Report endpoints whose port the program can't know.

    Args:
        workload: Whose endpoints they are.
        ports: Its ports.
        told: The (resource, endpoint) whose port is in an argument or variable of the program itself.
        report: Where to.
    """
    for endpoint, port in ports.items():
        if port.chosen and port.spec.env is None and (workload.name, endpoint) not in told:
            report.error(
                workload,
                f"endpoint {endpoint!r} has no port in the cluster, because nothing tells the program where to listen",
                "Give target_port=…, or env=… with the variable that it reads the port from.",
                port.spec.where,
            )


def check_image(workload: Workload, report: Report) -> None:
    """Report an image that no engine could pull, or of which nobody knows what it will be."""
    image = given_image(workload)
    if image is None:
        return
    if not is_image(image):
        report.error(workload, f"{image!r} does not name an image", "Write it as [registry/]repository[:tag][@digest].")
    elif not has_version(image):
        report.warn(
            workload,
            f"its image {image!r} has no tag, so pods run what is called 'latest' when they start",
            f"Say which version: {image}:1.2.3, or a digest.",
        )


def check_values(chart: Chart, report: Report) -> None:
    """Report texts in values.yaml that no file can hold; what has a place of its own is reported there."""
    for declared in chart.values:
        text = "\n".join(_texts(declared.default))
        if declared.value.path[0] != "config" and _UNWRITABLE.search(text):
            report.error(None, f"the value {'.'.join(declared.value.path)} is not text (UTF-8)", "Correct it.")
        elif found := GO_YAML_REFUSES.search(text):
            report.error(
                None,
                f"the value {'.'.join(declared.value.path)} holds the character {found.group()!a}, which Helm takes in "
                "no value",
                "Leave it out, or encode the text, for example as base64.",
            )


def check_environment(workload: Workload, environment: PodVariables, chart: Chart, report: Report) -> None:
    """Report variables and arguments that no pod can have."""
    for name, entry in {**environment.config, **environment.secret}.items():
        place = environment.places.get(name)
        if not is_variable(name):
            report.error(
                workload,
                f"{name!r} can't be the name of a variable in a pod",
                "Use letters, digits, '_', '-' and '.', with no digit in front; many programs read '__' for ':'.",
                place,
            )
        _check_text(
            ValueSite(workload, place or workload.where, f"the variable {name}"), f"{name}=", entry, chart, report
        )
    for number, (text, place) in enumerate(zip(environment.args, environment.argument_places, strict=True), 1):
        _check_text(ValueSite(workload, place, f"argument {number}"), "", text, chart, report)


def _check_text(asker: ValueSite, prefix: str, entry: Text | When, chart: Chart, report: Report) -> None:
    text = prefix + with_defaults(entry, chart)
    found = _UNWRITABLE.search(text)
    if found:
        kind = "a zero byte" if found.group() == "\0" else "bytes that are not text (UTF-8)"
        report.error(asker.resource, f"{asker.what} holds {kind}", "Encode it, for example as base64.", asker.where)
    elif len(text) * 4 >= MAX_STRING and (size := len(text.encode()) + 1) > MAX_STRING:
        report.error(
            asker.resource,
            f"{asker.what} has {size:,} bytes, and Linux takes {MAX_STRING:,} at most",
            "Give it in a file: with_container_files().",
            asker.where,
        )


def check_objects(chart: Chart, report: Report) -> None:
    """Report names that Kubernetes refuses or that two objects share, and data that is too large for one object."""
    seen: dict[tuple[str, str, str, str], ChartObject] = {}
    for made in chart.objects:
        if not is_label(made.name) and not (made.is_given and _is_path(made.name)):
            report.error(made.owner, f"its {made.kind} would be called {made.shown_name!r}", "Choose another name.")
        first = seen.setdefault((made.group, made.kind, made.namespace, made.name), made)
        if first is not made:
            report.error(
                made.owner,
                f"its {made.kind} would be called {made.shown_name!r}, like that of {first.owner.name!r} at "
                f"{first.owner.where}",
                "Rename one of the two.",
            )
        if made.kind in ("ConfigMap", "Secret"):
            size = sum(
                len(key) + len(with_defaults(entry, chart).encode("utf-8", "surrogatepass"))
                for field in ("data", "binaryData")
                for key, entry in _mapping(made.body.get(field)).items()
            )
            if size > MAX_DATA:
                report.error(
                    made.owner,
                    f"its {made.kind} would hold {size:,} bytes, and Kubernetes takes {MAX_DATA:,} at most",
                    "Put what is large into the image or a volume.",
                )


def _mapping(content: Any) -> dict[str, Any]:
    return content if isinstance(content, dict) else {}


def _is_path(name: str) -> bool:
    """Whether it can be the name of an object of any kind; most kinds take less, which the cluster will say."""
    return len(name) <= 253 and name not in (".", "..") and not re.search(r"[/%\s]", name)


def _texts(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [text for entry in content.items() for part in entry for text in _texts(part)]
    return [content] if isinstance(content, str) else []


def with_defaults(entry: Text | When, chart: Chart) -> str:
    """A text as it is when nobody changes a value of the chart."""
    text: Any = entry.content if isinstance(entry, When) else entry
    return text if isinstance(text, str) else resolve(text, chart.values.default, _BUILTINS)


_BUILTINS: dict[Any, str] = {"release": "", "namespace": "", "manager": "", "chart": "", "version": ""}
