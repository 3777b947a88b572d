"""From the model to charts: which environments there are, what goes into each, and all that is to be said about it."""

from __future__ import annotations

from fairlead.errors import UsageError
from fairlead.model.app import App
from fairlead.model.locations import NOWHERE
from fairlead.model.names import listing, nearest, normal_form
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource
from fairlead.model.workload import Workload
from fairlead.publish.access.certificates import report_expected_secrets
from fairlead.publish.access.exposure import add_routes, report_unexposed
from fairlead.publish.access.network_policies import add_network_policies
from fairlead.publish.chart.chart import MAX_RELEASE, Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.names import cut, object_name
from fairlead.publish.chart.ports import Port, plan_ports
from fairlead.publish.chart.properties import default_text, publish_time_text
from fairlead.publish.checks.broken_names import report_broken_names
from fairlead.publish.checks.checks import check_objects, check_properties, check_values
from fairlead.publish.checks.unsupported import completion_targets, report_unsupported
from fairlead.publish.images.builds import has_image
from fairlead.publish.own_objects.cluster_manifests import add_cluster_manifests
from fairlead.publish.own_objects.customization import customize
from fairlead.publish.own_objects.releases import add_releases
from fairlead.publish.own_objects.separate_releases import add_separate_releases
from fairlead.publish.own_objects.subcharts import add_subcharts, report_unknown_kinds
from fairlead.publish.own_objects.user_manifests import add_manifests
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.publish.translation.addresses import Addresses, elsewhere, is_excluded
from fairlead.publish.translation.callbacks import Callbacks
from fairlead.publish.translation.env_files import EnvFiles
from fairlead.publish.translation.local_clusters import report_left_out
from fairlead.publish.translation.secret_files import SecretFiles
from fairlead.publish.translation.translator import Translator
from fairlead.publish.workloads.cluster_accounts import drop_given_accounts, report_accounts
from fairlead.publish.workloads.node_selection import is_published_to
from fairlead.publish.workloads.pod_files import PodFiles
from fairlead.publish.workloads.storage import persistent_volume
from fairlead.publish.workloads.variables import VariableTranslator
from fairlead.publish.workloads.workloads import Member, Workloads
from fairlead.resources.kubernetes import KubernetesEnvironment
from fairlead.resources.postgres import PostgresDatabase


def declared_or_default_environments(app: App, report: Report) -> list[KubernetesEnvironment]:
    """The environments of an app; one named after it where the definition declares none."""
    declared = _declared(app)
    if declared:
        _check_releases(app, declared, report)
        return declared
    report.note(
        None,
        f"no environment is declared, so the app is published for one called {app.name!r}",
        'Declare it to set its properties: app.add_kubernetes_environment("k8s").',
    )
    implied = KubernetesEnvironment(app.name)
    implied.where = NOWHERE
    return [implied]


def _declared(app: App) -> list[KubernetesEnvironment]:
    return [resource for resource in app if isinstance(resource, KubernetesEnvironment)]


def _check_releases(app: App, declared: list[KubernetesEnvironment], report: Report) -> None:
    """Report releases that are the same for Helm: it takes the objects of the first away to install the second."""
    seen: dict[tuple[str, str | None], KubernetesEnvironment] = {}
    for environment in declared:
        release = default_text(environment.properties.release_name) or _release(app, environment, declared)
        namespace = default_text(environment.properties.namespace)
        first = seen.setdefault((release, namespace), environment)
        if first is not environment:
            report.error(
                environment,
                f"its release would be {release!r}{f' in {namespace!r}' if namespace else ''}, like that of "
                f"{first.name!r} at {first.where}",
                "Give one of them another release_name or namespace: with_properties(…).",
            )


def _release(app: App, environment: KubernetesEnvironment, declared: list[KubernetesEnvironment]) -> str:
    """The release of an environment that does not name one: after the app, and itself where it is not the only one."""
    if len(declared) > 1:
        return cut(f"{normal_form(app.name)}-{normal_form(environment.name)}", MAX_RELEASE)
    return object_name(app.name)[:MAX_RELEASE].rstrip("-")


def select_environments(known: list[KubernetesEnvironment], target: str | None) -> list[KubernetesEnvironment]:
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
    chart = _empty_chart(app, environment, report)
    check_properties(environment, chart, report)
    known = _declared(app)
    resources = [
        resource
        for resource in app
        if not is_excluded(resource)
        and (not isinstance(resource, Workload) or is_published_to(resource, environment, known, report))
    ]
    ending = completion_targets(resource for resource in app if not is_excluded(resource))
    report_unsupported(app, resources, report)
    report_left_out(app, report)
    sources = ProjectFiles(app.directory)
    workloads = _workloads(resources, sources, report)
    published = {workload.name for workload in workloads}
    ports: dict[str, dict[str, Port]] = {resource.name: plan_ports(resource) for resource in app}
    translator = Translator(chart.values, ports, Addresses(published, elsewhere(app, environment)), report)
    maker = VariableTranslator(chart.values, translator, callbacks, EnvFiles(sources, report), report)
    members = [found for resource in resources if (found := _member(resource, published)) is not None]
    secret_files = SecretFiles(chart.values, [resource.name for resource in app if isinstance(resource, Parameter)])
    pod_files = PodFiles(translator, sources, secret_files, report)
    made = Workloads(chart, environment, members, ending, ports, maker, translator, pod_files, sources, report)
    chart.objects += made.objects()
    for volume in environment.volumes:
        for body in persistent_volume(chart, volume, environment, report):
            chart.add(volume, body)
    add_routes(chart, environment, ports, translator, report)
    report_unexposed(environment, workloads, report)
    if environment.network_policies:
        add_network_policies(chart, workloads, ports, translator.connections)
    add_subcharts(chart, environment, sources, translator, report)
    add_separate_releases(chart, environment, sources, translator, report)
    add_releases(chart, app, sources, translator, report)
    customize(chart, translator, report)
    add_manifests(chart, environment, app.directory, translator, report)
    add_cluster_manifests(chart, app, translator, report)
    drop_given_accounts(chart)
    report_accounts(chart, workloads, report)
    report_broken_names(chart, translator.connections, report)
    report_unknown_kinds(chart, environment, report)
    report_expected_secrets(chart, report)
    check_objects(chart, report)
    check_values(chart, report)
    return chart


def _empty_chart(app: App, environment: KubernetesEnvironment, report: Report) -> Chart:
    app_name = object_name(app.name)

    def given(name: str) -> str | None:
        return publish_time_text(environment, name, report)

    return Chart(
        name=given("helm_chart_name") or normal_form(app.name),
        version=given("helm_chart_version") or "0.1.0",
        description=given("helm_chart_description") or f"The app {app.name}.",
        app=app_name,
        release=given("release_name") or _release(app, environment, _declared(app)),
        namespace=given("namespace"),
        registry=environment.image_registry,
    )


def _workloads(resources: list[Resource], sources: ProjectFiles, report: Report) -> list[Workload]:
    """The programs that get pods."""
    found = []
    for resource in resources:
        if not isinstance(resource, Workload):
            continue
        if not has_image(resource, sources):
            report.error(
                resource,
                "a program of this machine has no image to run it from in a cluster",
                "Put a Dockerfile into its folder, name an image with with_image(…), or leave it out with "
                "exclude_from_manifest().",
            )
        else:
            found.append(resource)
    return found


def _member(resource: Resource, published: set[str]) -> Member | None:
    """The resource, if it gets pods: a program does, and so does a database, which a Job makes on its server."""
    if isinstance(resource, PostgresDatabase):
        return resource if resource.server.name in published else None
    return resource if isinstance(resource, Workload) and resource.name in published else None
