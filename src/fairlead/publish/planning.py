"""From the model to a chart: everything that is published for one environment, and all that is to be said about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from fairlead.model.app import App
from fairlead.model.endpoints.endpoint import EndpointHandle
from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.names import normal_form
from fairlead.model.parameter import Parameter
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.model.values.value import Value
from fairlead.publish.access.exposure import report_unexposed
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.common_metadata import add_common_metadata
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.jobs import identify_again
from fairlead.publish.chart.leaves import Text
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectKey, RemovedObject
from fairlead.publish.chart.ports import plan_ports
from fairlead.publish.chart.properties import publish_time_text
from fairlead.publish.checks.objects import check_objects, check_values
from fairlead.publish.checks.pod_security import check_pod_security
from fairlead.publish.checks.properties import check_properties
from fairlead.publish.checks.unsupported import completion_targets, report_unsupported
from fairlead.publish.checks.workloads import check_workloads
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.publish.context import PlanningContext
from fairlead.publish.environments import declared_environments, release_name
from fairlead.publish.images.builds import has_image, plan_builds
from fairlead.publish.own_objects.custom_kinds import report_unknown_kinds
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.publish.translation.addresses import Addresses, elsewhere, is_excluded
from fairlead.publish.translation.callbacks import Callbacks
from fairlead.publish.translation.env_files import EnvFiles
from fairlead.publish.translation.local_clusters import report_left_out
from fairlead.publish.translation.secret_files import SecretFiles
from fairlead.publish.translation.translator import Translator, ValueSite
from fairlead.publish.workloads.accounts import note_unchanged_accounts
from fairlead.publish.workloads.cluster_accounts import drop_given_accounts, report_accounts
from fairlead.publish.workloads.mounts.persistent_volumes import persistent_volume
from fairlead.publish.workloads.mounts.pod_files import PodFiles
from fairlead.publish.workloads.node_selection import is_published_to
from fairlead.publish.workloads.variables import NameChange, VariableTranslator
from fairlead.publish.workloads.workloads import PlannedWorkloads, plan_workloads
from fairlead.resources.kubernetes import KubernetesEnvironment


def plan_chart(
    app: App,
    environment: KubernetesEnvironment,
    callbacks: Callbacks,
    report: Report,
    groups: Collection[str] = (),
) -> Chart:
    """Everything that is published of an app for one environment.

    Args:
        app: The app, built for publishing.
        environment: The environment.
        callbacks: Calls the definition's functions.
        report: Collects errors, warnings and notes.
        groups: The groups that are published beside those that the environment asks for.
    """
    chart = _empty_chart(app, environment, report)
    check_properties(environment, chart, report)
    inactive: frozenset[str] = frozenset()
    if groups or environment.published_groups or any(resource.groups for resource in app):
        from fairlead.publish.checks.groups import groups_to_publish, left_out_members

        errors = len(report.errors)
        inactive = left_out_members(app, environment, groups_to_publish(app, environment, groups, report), report)
        if len(report.errors) > errors:
            return chart  # what else there is to say would follow from that
        app = app.without(inactive)
    resources = _resources(app, environment, report)
    chart.is_partial = any(isinstance(found, Workload) and not is_excluded(found) for found in {*app} - {*resources})
    report_unsupported(app, resources, report)
    report_left_out(app, report)
    files = ProjectFiles(app.directory)
    workloads = _workloads(resources, files, report)
    context = _context(app, environment, chart, workloads, files, report, inactive)
    planned = _plan_workloads(context, _members(resources, workloads), callbacks)
    chart.objects += planned.objects
    jobs = [workload.name for workload in workloads if planned.members.is_job(workload.name)]
    chart.builds += plan_builds(context, workloads, jobs)
    if any(isinstance(value, Value) for build in chart.builds for value in build.values()):
        # What is known of such addresses is loaded for the apps that may use one.
        from fairlead.publish.access.public_build_arguments import with_public_addresses

        chart.builds[:] = [with_public_addresses(context, build) for build in chart.builds]
    check_workloads(context, planned)
    _add_access(context, workloads, planned.members.resources.values())
    removed = _add_own_objects(context)
    drop_given_accounts(chart)
    report_accounts(chart, workloads, report)
    check_pod_security(context, workloads)
    if removed:
        from fairlead.publish.checks.broken_names import report_broken_names

        report_broken_names(chart, removed, context.translator.connections, report)
    report_unknown_kinds(chart, environment, report)
    if chart.expected_secrets:
        from fairlead.publish.access.expected_secrets import report_expected_secrets

        report_expected_secrets(chart, report)
    check_objects(chart, report)
    check_values(chart, report)
    return chart


def _empty_chart(app: App, environment: KubernetesEnvironment, report: Report) -> Chart:
    app_name = object_name(app.name)

    def text(name: str) -> str | None:
        return publish_time_text(environment, name, report)

    return Chart(
        name=text("helm_chart_name") or normal_form(app.name),
        version=text("helm_chart_version") or "0.1.0",
        description=text("helm_chart_description") or f"The app {app.name}.",
        app=app_name,
        release=text("release_name") or release_name(app, environment, declared_environments(app)),
        namespace=text("namespace"),
        registry=environment.image_registry,
        pod_security=environment.properties.pod_security,
        labels=environment.common_labels,
        annotations=environment.common_annotations,
    )


def _resources(app: App, environment: KubernetesEnvironment, report: Report) -> list[Resource]:
    """The resources that are published to an environment."""
    known = declared_environments(app)
    return [
        resource
        for resource in app
        if not is_excluded(resource)
        and (not isinstance(resource, Workload) or is_published_to(resource, environment, known, report))
    ]


def _workloads(resources: list[Resource], files: ProjectFiles, report: Report) -> list[Workload]:
    """The programs that get pods."""
    workloads = []
    for resource in resources:
        if not isinstance(resource, Workload):
            continue
        if has_image(resource, files):
            workloads.append(resource)
        else:
            report.error(
                resource,
                "a program of this machine has no image to run it from in a cluster",
                "Put a Dockerfile into its folder, name an image with with_image(…), or leave it out with "
                "exclude_from_manifest().",
            )
    return workloads


def _members(resources: list[Resource], workloads: list[Workload]) -> list[Resource]:
    """The resources that get pods: the programs, and what a Job creates on one of them."""
    names = {workload.name for workload in workloads}
    return [
        resource
        for resource in resources
        if resource.name in names
        or (resource.created_by_job and resource.parent is not None and resource.parent.name in names)
    ]


def _context(
    app: App,
    environment: KubernetesEnvironment,
    chart: Chart,
    workloads: list[Workload],
    files: ProjectFiles,
    report: Report,
    inactive: frozenset[str],
) -> PlanningContext:
    ports = {resource.name: plan_ports(resource) for resource in app}
    addresses = Addresses({workload.name for workload in workloads}, elsewhere(app, environment))
    translator = Translator(chart.values, ports, addresses, report)
    context = PlanningContext(app, environment, chart, ports, translator, files, report, inactive)
    translator.public_url = partial(_public_url, context)
    return context


def _public_url(context: PlanningContext, endpoint: EndpointHandle, asker: ValueSite) -> Text:
    """The address that people type for an endpoint."""
    # What is known of such addresses is loaded for the apps that use one.
    from fairlead.publish.access.public_urls import public_url

    return public_url(context, endpoint, asker)


def _plan_workloads(context: PlanningContext, members: list[Resource], callbacks: Callbacks) -> PlannedWorkloads:
    app, values, files, report = context.app, context.chart.values, context.files, context.report
    targets = completion_targets(resource for resource in app if not is_excluded(resource))
    variables = VariableTranslator(
        values,
        context.translator,
        callbacks,
        EnvFiles(files, report),
        report,
        context.inactive,
        _service_names(context, members),
    )
    secret_files = SecretFiles(values, [resource.name for resource in app if isinstance(resource, Parameter)])
    pod_files = PodFiles(context.translator, files, secret_files, report)
    return plan_workloads(context, members, targets, variables, pod_files)


def _service_names(context: PlanningContext, members: list[Resource]) -> NameChange | None:
    """What gives programs the names of their Services, where these differ in more than case."""
    called = [
        member
        for member in members
        if "_" in member.name and isinstance(member, Workload) and context.ports[member.name]
    ]
    if not called:
        return None
    from fairlead.publish.translation.service_names import ServiceNames

    return ServiceNames(called).in_cluster


def _add_access(context: PlanningContext, workloads: list[Workload], members: Iterable[Resource]) -> None:
    """Add volumes of the environment, ways in for callers outside, and policies for those inside."""
    chart, environment, report = context.chart, context.environment, context.report
    for volume in environment.volumes:
        for body in persistent_volume(context, volume):
            chart.add(volume, body)
    if environment.ingresses or environment.gateways or environment.cert_managers:
        from fairlead.publish.access.ways_in import add_routes

        add_routes(context)
    report_unexposed(environment, workloads, report)
    if environment.network_policies:
        from fairlead.publish.access.network_policies import add_network_policies

        add_network_policies(chart, members, context.ports, context.translator.connections)


def _add_own_objects(context: PlanningContext) -> Mapping[ObjectKey, RemovedObject]:
    """Add what the definition brings along: other charts, manifests, and its changes of the chart's own objects.

    Returns:
        The objects that its functions removed or renamed.
    """
    if context.environment.charts:
        from fairlead.publish.own_objects.separate_releases import add_separate_releases
        from fairlead.publish.own_objects.subcharts import add_subcharts

        add_subcharts(context)
        add_separate_releases(context)
    for resource in context.app:
        if resource.publish_as == "dependency":
            cluster_kind_of(resource).add_subchart(resource, context)
    if any(isinstance(resource, CustomizableObjects) and resource.customizations for resource in context.app):
        from fairlead.publish.own_objects.customization import customize

        removed = customize(context, _add_manifests)
        note_unchanged_accounts(context.chart)
        identify_again(context.chart.jobs, (chart_object.body for chart_object in context.chart.objects))
        return removed
    _add_manifests(context)
    return {}


def _add_manifests(context: PlanningContext) -> None:
    """Add what the chart's user gives all objects, and the objects that the definition gives as they are."""
    add_common_metadata(context.chart, context.chart.objects)
    if context.environment.manifests:
        from fairlead.publish.own_objects.user_manifests import add_manifests

        add_manifests(context)
    for resource in context.app:
        if resource.publish_as == "template":
            cluster_kind_of(resource).add_objects(resource, context)
