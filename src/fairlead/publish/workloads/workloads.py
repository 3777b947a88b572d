"""The objects of everything that has pods: collected, decided and built workload by workload."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.kubernetes.workload_options import Account
from fairlead.model.programs.program import COMPLETION_RESTARTS
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.publish.chart.chart import ChartObject, OptionalAccount
from fairlead.publish.chart.conditions import Not
from fairlead.publish.chart.jobs import JobIdentity
from fairlead.publish.chart.leaves import Leaf, Text, When, WithDefault
from fairlead.publish.chart.names import object_name, suffixed
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.pod import OBJECT_SCHEMA, SMALL_WITH_DISK, Mounts, Pod
from fairlead.publish.chart.pod_schema import pod_value
from fairlead.publish.chart.pod_variables import PodVariables
from fairlead.publish.chart.sections import Section
from fairlead.publish.chart.values_yaml import keys_comment
from fairlead.publish.cluster_kind import cluster_kind_of
from fairlead.publish.context import PlanningContext
from fairlead.publish.images.builds import is_generated
from fairlead.publish.workloads import controllers
from fairlead.publish.workloads.accounts import AccountChoice, account_object, role, role_binding, service_account
from fairlead.publish.workloads.cluster_accounts import account_of
from fairlead.publish.workloads.config_and_secret import checksums, config_map, secret
from fairlead.publish.workloads.container import workload_container
from fairlead.publish.workloads.container_settings import memory_mounts, pod_fields
from fairlead.publish.workloads.first_start import note_first_start_values
from fairlead.publish.workloads.inputs import WorkloadInputs
from fairlead.publish.workloads.members import JOB, Members, plan_members
from fairlead.publish.workloads.mounts import container_files
from fairlead.publish.workloads.mounts.pod_files import PodFiles
from fairlead.publish.workloads.mounts.scratch import with_scratch
from fairlead.publish.workloads.mounts.storage import Storage
from fairlead.publish.workloads.node_selection import placement
from fairlead.publish.workloads.pod_affinity import pod_affinity
from fairlead.publish.workloads.scaling import autoscaler, disruption_budget, is_autoscaled, replica_count
from fairlead.publish.workloads.security import pod_security_context
from fairlead.publish.workloads.service import headless_service, service
from fairlead.publish.workloads.stopping import grace_period
from fairlead.publish.workloads.variables import VariableTranslator, existing_secret
from fairlead.records import record

if TYPE_CHECKING:
    from fairlead.publish.workloads.waiting.waits import WaitPlanner

#: The fields of an object, with the conditions on which it is there unless it always is.
Body: TypeAlias = dict[str, Any] | tuple[dict[str, Any], tuple[Leaf, ...]]


@record
class PlannedWorkloads:
    """Everything that is planned for the resources that get pods.

    Args:
        members: The resources and their controllers.
        inputs: The variables, arguments and files of each workload, by name.
        mounts: What the container of each workload mounts, by name.
        objects: The objects of all, in the order of the definition.
    """

    members: Members
    inputs: Mapping[str, WorkloadInputs]
    mounts: Mapping[str, Mounts]
    objects: list[ChartObject]


def plan_workloads(
    context: PlanningContext,
    resources: Iterable[Resource],
    completion_targets: Collection[str],
    variables: VariableTranslator,
    files: PodFiles,
) -> PlannedWorkloads:
    """Plan the objects of everything that has pods.

    Args:
        context: The chart in the making.
        resources: The resources that get pods.
        completion_targets: The names of those that others wait to see complete.
        variables: Makes the variables of workloads.
        files: Makes the files of workloads.
    """
    resources = list(resources)
    workloads = [resource for resource in resources if isinstance(resource, Workload)]
    storage = Storage(context.chart, context.environment, workloads, context.report)
    members = plan_members(resources, completion_targets, storage)
    storage.report_contention(members.controllers)
    made = {workload.name: variables.make(workload, context.ports[workload.name]) for workload in workloads}
    builder = _Builder(context, members, storage, made, variables, files)
    objects = {name: builder.build(members.resources[name]) for name in members.in_order()}
    in_definition_order = [chart_object for name in members.resources for chart_object in objects[name]]
    if builder.waits is not None and builder.waits.awaited_jobs:
        from fairlead.publish.workloads.waiting.job_notes import notes_object

        in_definition_order.append(ChartObject(context.environment, notes_object(context.chart)))
    return PlannedWorkloads(members, builder.inputs, builder.mounts, in_definition_order)


class _Builder:
    """Builds the objects of one resource after another; a Job before those that have to know its name."""

    def __init__(
        self,
        context: PlanningContext,
        members: Members,
        storage: Storage,
        pod_variables: Mapping[str, PodVariables],
        variables: VariableTranslator,
        files: PodFiles,
    ) -> None:
        self._context = context
        self._members = members
        self._storage = storage
        self._pod_variables = pod_variables
        self._variables = variables
        self._files = files
        self._jobs = {
            name: JobIdentity(context.chart.name, object_name(name))
            for name in members.resources
            if members.is_job(name)
        }
        #: Plans what pods wait for, in an app in which something waits.
        self.waits: WaitPlanner | None = None
        if any(workload.waits for workload in members.workloads):
            from fairlead.publish.workloads.waiting.waits import WaitPlanner

            self.waits = WaitPlanner(context, members, self._jobs)
        self.inputs: dict[str, WorkloadInputs] = {}
        self.mounts: dict[str, Mounts] = {}

    def build(self, member: Resource) -> list[ChartObject]:
        """The objects of a resource."""
        return self._workload(member) if isinstance(member, Workload) else self._created_by_job(member)

    def _created_by_job(self, member: Resource) -> list[ChartObject]:
        """The Job that creates a resource on its parent."""
        server, context = member.parent, self._context
        assert isinstance(server, Workload)
        context.translator.connections[member.name, server.name, next(iter(server.endpoints))] = None
        pod = cluster_kind_of(member).job_pod(member, self._pod_variables[server.name], context)
        pod.extra = placement(context.chart, None, context.environment, context.report, server)
        if "resources" not in pod.container:
            pod.container["resources"] = context.chart.values.declare(
                Section.RESOURCES.value(member.name), SMALL_WITH_DISK, kind="object", schema=OBJECT_SCHEMA
            )
        _add_account(pod, AccountChoice(context.chart, member.name, pod.name), is_wanted=False)
        account = OptionalAccount(member, pod.name)
        objects = [ChartObject(member, self._controller(member, pod, Mounts()))]
        if _has_functions(member):
            return [*objects, account_object(context.chart, account)]
        context.chart.optional_accounts.append(account)
        return objects

    def _workload(self, workload: Workload) -> list[ChartObject]:
        name = object_name(workload.name)
        pod_value(self._context.chart, workload.name, workload.pod_fields)
        inputs = self.inputs[workload.name] = self._collect(workload)
        mounts = self.mounts[workload.name] = self._mounts(workload, name, inputs)
        pod = self._pod(workload, name, inputs, mounts)
        waits = None if self.waits is None else self.waits.plan(workload)
        rules = [] if waits is None else waits.rules
        if waits is not None:
            pod.waits += waits.containers
            if rules:
                from fairlead.publish.workloads.waiting.wait_containers import api_access

                pod.volumes = [*pod.volumes, api_access()]
        self._give_account(pod, workload, is_needed=bool(rules))
        bodies = [
            self._controller(workload, pod, mounts),
            *self._services(workload, name),
            *self._data(name, inputs),
            *self._storage.claims(workload, per_pod=self._is_per_pod(workload)),
            *self._identity(workload, name, rules),
            *self._scaling(workload, name),
        ]
        return [
            ChartObject(workload, *body) if isinstance(body, tuple) else ChartObject(workload, body) for body in bodies
        ]

    def _give_account(self, pod: Pod, workload: Workload, *, is_needed: bool) -> None:
        """Give a pod the account and the token that it needs to wait, or by itself."""
        account = account_of(workload)
        pod.mounts_token = account is not None
        _add_account(pod, self._account_choice(workload, pod.name), is_wanted=account is not None or is_needed)

    def _account_choice(self, workload: Workload, name: str) -> AccountChoice:
        account = account_of(workload)
        return AccountChoice(self._context.chart, workload.name, account.name if account and account.name else name)

    def _collect(self, workload: Workload) -> WorkloadInputs:
        variables = self._pod_variables[workload.name]
        files = self._files.make(workload, variables.secret)
        values = self._context.chart.values
        unless = existing_secret(values, workload) if variables.secret or files.secret else None
        inputs = WorkloadInputs(variables, files, unless)
        if unless is not None:
            values.comment(unless, keys_comment(inputs.secrets))
        note_first_start_values(self._context.chart, workload, object_name(workload.name), variables)
        self._variables.need(workload, files.config.values(), None)
        self._variables.need(workload, files.secret.values(), unless)
        return inputs

    def _mounts(self, workload: Workload, name: str, inputs: WorkloadInputs) -> Mounts:
        own_secret = ObjectName("Secret", name)
        secret_name = WithDefault(inputs.existing_secret, own_secret) if inputs.existing_secret else own_secret
        mounts = inputs.files.mounts(name, secret_name)
        mounts.include(self._storage.mounts(workload, name, per_pod=self._is_per_pod(workload)))
        mounts.include(memory_mounts(workload))
        return mounts

    def _pod(self, workload: Workload, name: str, inputs: WorkloadInputs, mounts: Mounts) -> Pod:
        context, controller = self._context, self._members.controllers[workload.name]
        files = {**inputs.files.config, **inputs.files.binary}
        everything = with_scratch(context.chart, workload, mounts)
        return Pod(
            name=name,
            resource=workload.name,
            container=workload_container(context, workload, controller, name, inputs.variables, everything),
            volumes=everything.volumes,
            annotations={
                **checksums(context.chart, workload, inputs.variables.config, inputs.secrets, files),
                **self._pod_annotations(workload),
            },
            extra={
                **placement(context.chart, workload, context.environment, context.report),
                **pod_affinity(workload),
                **grace_period(workload),
                **pod_fields(workload, controller),
            },
            security_context=pod_security_context(
                context.chart,
                workload,
                mounts,
                context.ports[workload.name].values(),
                generated=is_generated(workload, context.files),
            ),
        )

    def _pod_annotations(self, workload: Workload) -> Mapping[str, Text]:
        """The annotations of its pods that are only known when the chart is installed; values.yaml has the others."""
        texts: dict[str, Text] = {}
        for key, given in workload.pod_annotations.items():
            texts |= self._context.translator.annotations({key: given.value}, workload, given.where, "pods")
        return texts

    def _is_per_pod(self, workload: Workload) -> bool:
        """Whether its controller gives each pod claims and a name of its own."""
        return self._members.controllers[workload.name] == "StatefulSet"

    def _services(self, workload: Workload, name: str) -> list[dict[str, Any]]:
        chart, ports = self._context.chart, self._context.ports[workload.name]
        bodies = []
        if ports:
            service_type = self._context.environment.properties.default_service_type
            bodies.append(service(chart, workload, name, ports, service_type, self._context.translator))
        if self._is_per_pod(workload):
            bodies.append(headless_service(chart, name, controllers.headless_name(name), ports))
        return bodies

    def _data(self, name: str, inputs: WorkloadInputs) -> list[Body]:
        """The ConfigMaps and the Secret of a workload; the latter unless another takes its place."""
        chart, bodies = self._context.chart, list[Body]()
        if inputs.variables.config:
            bodies.append(config_map(chart, name, inputs.variables))
        if inputs.files.config or inputs.files.binary:
            bodies.append(container_files.config_map(chart, name, inputs.files))
        if inputs.secrets:
            conditions = (Not(inputs.existing_secret),) if inputs.existing_secret is not None else ()
            bodies.append((secret(chart, name, inputs.secrets), conditions))
        return bodies

    def _identity(self, workload: Workload, name: str, rules: list[dict[str, Any]]) -> list[Body]:
        """The account of a workload, and what it may do."""
        chart, account = self._context.chart, account_of(workload)
        if account is None and not rules and not _has_functions(workload):
            chart.optional_accounts.append(OptionalAccount(workload, name))
            return []
        choice = self._account_choice(workload, name)
        bodies: list[Body] = []
        if account is None or account.create:
            is_wanted = account is not None or bool(rules)
            annotations = self._account_annotations(workload, account)
            bodies.append((service_account(chart, name, choice, annotations), (choice.is_created(is_wanted),)))
        if rules:
            bodies += [role(chart, name, rules), role_binding(chart, name, choice.name)]
        return bodies

    def _account_annotations(self, workload: Workload, account: Account | None) -> Mapping[str, Text]:
        if account is None:
            return {}
        where = account.where or workload.where
        return self._context.translator.annotations(account.annotations, workload, where, "ServiceAccount")

    def _scaling(self, workload: Workload, name: str) -> list[Body]:
        chart, controller = self._context.chart, self._members.controllers[workload.name]
        if controller not in controllers.SCALABLE_KINDS:
            return []
        bodies: list[Body] = []
        if workload.autoscaling is not None:
            target = suffixed(name) if controller == "StatefulSet" else name
            body = autoscaler(chart, workload.name, name, controller, target, workload.autoscaling)
            bodies.append((body, (is_autoscaled(chart, workload.name),)))
        if workload.disruption_budget is not None:
            bodies.append(disruption_budget(chart, workload.name, name, workload.disruption_budget))
        return bodies

    def _controller(self, member: Resource, pod: Pod, mounts: Mounts) -> dict[str, Any]:
        chart, name, kind = self._context.chart, pod.name, self._members.controllers[member.name]
        template = pod.template(chart)
        if kind == JOB:
            return controllers.job(chart, self._identity_of(member, pod), template, self._retries(member))
        assert isinstance(member, Workload)
        if member.is_job:
            return controllers.job_template(chart, name, template, self._retries(member))
        if kind == "CronJob":
            schedule = chart.values.declare(Section.SCHEDULES.value(member.name), member.schedule or "")
            return controllers.cron_job(chart, name, template, schedule, self._retries(member))
        if kind == "DaemonSet":
            return controllers.daemon_set(chart, name, template)
        replicas = replica_count(chart, member)
        if kind == "StatefulSet":
            return controllers.stateful_set(chart, name, template, replicas, mounts.claims)
        recreate = self._storage.needs_recreate(member)
        return controllers.deployment(chart, name, template, replicas, recreate=recreate)

    def _identity_of(self, member: Resource, pod: Pod) -> JobIdentity:
        """The identity of a Job, made known to the chart."""
        job, chart = self._jobs[member.name], self._context.chart
        if pod.waits:
            from fairlead.publish.workloads.waiting.wait_containers import API_ACCESS

            job.waiting = {API_ACCESS, *(container["name"] for container in pod.waits)}
        chart.jobs.append(job)
        is_awaited = self.waits is not None and member.name in self.waits.awaited_jobs
        chart.names += [job.name, job.work, job.image] if is_awaited else [job.name]
        return job

    def _retries(self, member: Resource) -> int:
        """How often a Job makes a new pod for one that failed; a first start is no restart."""
        if isinstance(member, Workload):
            if member.max_restarts is not None:
                return member.max_restarts
            if member.restart != "no" and member.name in self._members.completion_targets:
                return COMPLETION_RESTARTS
            if member.is_job and member.restart == "no":
                return 0
        return controllers.RETRIES[self._members.controllers[member.name]]


def _has_functions(member: Resource) -> bool:
    """Whether functions of the definition get all objects that it may have."""
    return isinstance(member, CustomizableObjects) and bool(member.customizations)


def _add_account(pod: Pod, choice: AccountChoice, *, is_wanted: bool) -> None:
    """Give a pod its account: always, or where the chart's user wants one."""
    pod.service_account = choice.name if is_wanted else When((choice.is_made,), choice.name)
