"""From the model to charts: which environments there are, what goes into each, and all that is to be said about it."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.errors import UsageError
from fairlead.model.app import App
from fairlead.model.names import listing, nearest, normal_form
from fairlead.model.resource import Resource
from fairlead.model.workload import Workload
from fairlead.publish.callbacks import Callbacks
from fairlead.publish.chart import Chart
from fairlead.publish.checks import (
    check_environment,
    check_image,
    check_objects,
    check_ports,
    check_properties,
    check_values,
)
from fairlead.publish.config import config_map, secret
from fairlead.publish.diagnostics import Report
from fairlead.publish.environment import EnvironmentMaker, existing_secret
from fairlead.publish.images import image_name, is_given
from fairlead.publish.names import object_name
from fairlead.publish.network import add_routes, report_unexposed
from fairlead.publish.ports import Port, plan_ports
from fairlead.publish.process import listens_where_told
from fairlead.publish.service import service
from fairlead.publish.translation import Translator
from fairlead.publish.untranslated import completed, report_completed, report_untranslated
from fairlead.publish.workload import deployment
from fairlead.resources.executable import Executable
from fairlead.resources.kubernetes import KubernetesEnvironment
from fairlead.resources.node import NodeApp
from fairlead.resources.python import PythonApp


def environments(app: App, report: Report) -> list[KubernetesEnvironment]:
    """The environments of an app; one named after it where the definition declares none."""
    declared = [resource for resource in app if isinstance(resource, KubernetesEnvironment)]
    if declared:
        return declared
    report.note(
        None,
        f"no environment is declared, so the app is published for one called {app.name!r}",
        'Declare it to set its properties: app.add_kubernetes_environment("k8s").',
    )
    return [KubernetesEnvironment(app.name)]


def select(known: list[KubernetesEnvironment], target: str | None) -> list[KubernetesEnvironment]:
    """The environments to publish for.

    Args:
        known: All environments.
        target: The name of one of them; None for all.

    Raises:
        UsageError: None is called so.
    """
    if target is None:
        return known
    found = [environment for environment in known if environment.name.lower() == target.lower()]
    if not found:
        names = [environment.name for environment in known]
        guess = nearest(target, names)
        raise UsageError(
            f"there is no environment {target!r}.",
            remedy=f"Did you mean {guess!r}?" if guess else f"There are {listing(names)}.",
        )
    return found


def plan_chart(app: App, environment: KubernetesEnvironment, callbacks: Callbacks, report: Report) -> Chart:
    """Everything that is published of an app for one environment.

    Args:
        app: The app, built for publishing.
        environment: The environment.
        callbacks: Calls the definition's functions.
        report: Where everything is said that stands against it or gets lost.
    """
    chart = _empty_chart(app, environment)
    check_properties(environment, chart, report)
    resources = [resource for resource in app if not _is_excluded(resource)]
    ending = completed(resources)
    report_untranslated(app, [resource for resource in resources if resource.name not in ending], report)
    workloads = _workloads(resources, ending, report)
    published = {workload.name for workload in workloads}
    ports: dict[str, dict[str, Port]] = {resource.name: plan_ports(resource) for resource in app}
    translator = Translator(chart.values, ports, published, report)
    maker = EnvironmentMaker(chart.values, translator, callbacks, report)
    for workload in workloads:
        _add_workload(chart, workload, ports[workload.name], environment, maker, translator, report)
    add_routes(chart, environment, ports, published, translator, report)
    report_unexposed(environment, workloads, report)
    check_objects(chart, report)
    check_values(chart, report)
    return chart


def _empty_chart(app: App, environment: KubernetesEnvironment) -> Chart:
    properties = environment.properties
    app_name = object_name(app.name)
    return Chart(
        name=properties.helm_chart_name or normal_form(app.name),
        version=properties.helm_chart_version,
        description=properties.helm_chart_description or f"The app {app.name}.",
        app=app_name,
        release=properties.release_name or app_name[:53].rstrip("-"),
        namespace=properties.namespace,
    )


def _is_excluded(resource: Resource) -> bool:
    while True:
        if resource.excluded_from_manifest:
            return True
        if resource.parent is None:
            return False
        resource = resource.parent


def _workloads(resources: list[Resource], ending: set[str], report: Report) -> list[Workload]:
    """What gets pods that are to stay; ``ending`` has the names of those that run to completion."""
    found = []
    for resource in resources:
        if not isinstance(resource, Workload):
            continue
        if resource.name in ending:
            report_completed(resource, report)
        elif isinstance(resource, Executable) and not _has_image(resource):
            report.error(
                resource,
                "a program of this machine has no image to run it from in a cluster",
                "Name one with with_image(…), or leave it out with exclude_from_manifest().",
            )
        else:
            found.append(resource)
    return found


def _has_image(resource: Executable) -> bool:
    """Whether there is an image, or we know how one is made."""
    return is_given(resource) or isinstance(resource, (PythonApp, NodeApp))


def _add_workload(
    chart: Chart,
    workload: Workload,
    ports: Mapping[str, Port],
    environment: KubernetesEnvironment,
    maker: EnvironmentMaker,
    translator: Translator,
    report: Report,
) -> None:
    name = object_name(workload.name)
    properties = environment.properties
    made = maker.make(workload, ports)
    translator.told |= {(workload.name, endpoint) for endpoint in listens_where_told(workload)}
    check_ports(workload, ports, translator.told, report)
    check_environment(workload, made, chart, report)
    check_image(workload, report)
    if not is_given(workload):
        image = image_name(chart, workload)
        report.note(
            workload,
            f"the chart runs the image {image.repository}:{image.tag}, which is not built yet",
            f"Build and push it, or name another: --set images.{workload.name}.repository=….",
        )
    chart.add(workload, deployment(chart, workload, name, ports, made, properties.default_image_pull_policy, report))
    if ports:
        chart.add(workload, service(chart, workload, name, ports, properties.default_service_type))
    if made.config:
        chart.add(workload, config_map(chart, name, made))
    if made.secret:
        chart.add(workload, secret(chart, name, made), unless=existing_secret(chart.values, workload))
