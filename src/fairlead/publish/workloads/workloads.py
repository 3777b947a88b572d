"""The objects of everything that has pods: what keeps the pods, and all that these need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from typing import Any, TypeAlias

from fairlead.model.program import COMPLETION_RESTARTS
from fairlead.model.resource import Resource, Wait
from fairlead.model.wait import WaitKind
from fairlead.model.workload import Workload
from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import ChartValue, Text, When, WithDefault
from fairlead.publish.chart.names import object_name, suffixed
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.ports import Port, distinct
from fairlead.publish.checks.checks import check_environment, check_image, check_ports
from fairlead.publish.checks.local_names import LocalNames
from fairlead.publish.checks.unsupported import report_restarts, report_unsupported_by_controller
from fairlead.publish.images.builds import build_of, is_generated
from fairlead.publish.images.image_names import image_fields, image_name
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.publish.translation.local_clusters import is_said
from fairlead.publish.translation.translator import Translator
from fairlead.publish.workloads import container_files, controllers
from fairlead.publish.workloads.accounts import role, role_binding, service_account
from fairlead.publish.workloads.cluster_accounts import account_of
from fairlead.publish.workloads.command_line import command_line, endpoints_in_command_line
from fairlead.publish.workloads.config_and_secret import checksums, config_map, container_fields, secret
from fairlead.publish.workloads.databases import database_pod
from fairlead.publish.workloads.node_selection import placement
from fairlead.publish.workloads.pod import OBJECT_SCHEMA, Mounts, Pod
from fairlead.publish.workloads.pod_files import PodFiles
from fairlead.publish.workloads.probes import probes
from fairlead.publish.workloads.scaling import autoscaler, disruption_budget
from fairlead.publish.workloads.security import pod_security_context, security_context
from fairlead.publish.workloads.service import headless_service, service
from fairlead.publish.workloads.stopping import grace_period, report_stop_signal
from fairlead.publish.workloads.storage import Storage
from fairlead.publish.workloads.variables import PodVariables, VariableTranslator, existing_secret
from fairlead.publish.workloads.wait_containers import api_access, container_name, wait_for_job, wait_for_service
from fairlead.resources.kubernetes import KubernetesEnvironment
from fairlead.resources.postgres import PostgresDatabase

Member: TypeAlias = Workload | PostgresDatabase
_JOBS = ("Job",)
_ONLY_NEW = " With new code it needs a new helm_chart_version: a Job runs again only when its image has another name."


class Workloads:
    """Makes the objects of one chart's workloads.

    Args:
        chart: The chart.
        environment: What it is for.
        members: All that gets pods.
        ending: The names of those that others wait to see complete.
        ports: The ports of all resources.
        maker: Makes environments.
        translator: Knows what values are in the cluster.
        pod_files: Makes the files of containers.
        sources: Reads files of the app's folder.
        report: Where everything is said that stands against it or gets lost.
    """

    def __init__(
        self,
        chart: Chart,
        environment: KubernetesEnvironment,
        members: list[Member],
        run_once_template: set[str],
        ports: Mapping[str, Mapping[str, Port]],
        maker: VariableTranslator,
        translator: Translator,
        pod_files: PodFiles,
        sources: ProjectFiles,
        report: Report,
    ) -> None:
        self._chart = chart
        self._environment = environment
        self._properties = environment.properties
        self._members = {member.name: member for member in members}
        self._ports = ports
        self._maker = maker
        self._translator = translator
        self._files = pod_files
        self._sources = sources
        self._report = report
        workloads = [member for member in members if isinstance(member, Workload)]
        self._storage = Storage(chart, environment, workloads, report)
        self._local_names = LocalNames(chart, [workload.name for workload in workloads], report)
        self._ending = run_once_template
        self._kinds = {member.name: self._kind(member) for member in members}
        self._environments: dict[str, PodVariables] = {}
        self._jobs: dict[str, Text] = {}

    def objects(self) -> list[ChartObject]:
        """The objects of all members, in their order."""
        self._storage.report_contention(self._kinds)
        for member in self._members.values():
            report_unsupported_by_controller(member, self._kinds[member.name], self._report)
            report_restarts(member, self._kinds[member.name], self._ending, self._report)
            if isinstance(member, Workload):
                self._environments[member.name] = self._maker.make(member, self._ports[member.name])
        made = {name: self._objects(self._members[name]) for name in self._in_order()}
        return [found for name in self._members for found in made[name]]

    def _kind(self, member: Member) -> str:
        if isinstance(member, PostgresDatabase):
            return "Job"
        if member.workload_kind is not None:
            return member.workload_kind
        if member.name in self._ending:
            return "Job"
        return "StatefulSet" if self._storage.has_own_volume(member) else "Deployment"

    def _in_order(self) -> Iterable[str]:
        """The names of all members, each Job before those that wait for it and have to know its name."""
        graph = {
            name: [wait.target.name for wait in member.waits if self._kinds.get(wait.target.name) in _JOBS]
            for name, member in self._members.items()
        }
        return TopologicalSorter(graph).static_order()

    def _objects(self, member: Member) -> list[ChartObject]:
        if isinstance(member, PostgresDatabase):
            server = member.server
            self._translator.connections[member.name, server.name, "tcp"] = None
            pod = database_pod(
                self._chart,
                member,
                self._environments[server.name],
                self._ports[server.name]["tcp"],
                self._properties.default_image_pull_policy,
            )
            pod.extra = placement(self._chart, None, self._environment, self._report, server)
            return [ChartObject(member, self._controller(member, pod, Mounts()))]
        return self._objects_of(member)

    def _objects_of(self, workload: Workload) -> list[ChartObject]:
        chart, name, ports = self._chart, object_name(workload.name), self._ports[workload.name]
        environment = self._environments[workload.name]
        self._check(workload, environment)
        per_pod = self._kinds[workload.name] == "StatefulSet"
        own_files = self._files.make(workload, environment.secret)
        self._local_names.note(workload, environment, own_files)
        has_secrets = bool(environment.secret or own_files.secret)
        unless = existing_secret(chart.values, workload) if has_secrets else None
        secrets = {**environment.secret, **own_files.secret}
        if unless is not None:
            chart.values.comment(unless, f"Its keys: {_keys(secrets)}.")
        self._maker.need(workload, own_files.config.values(), None)
        self._maker.need(workload, own_files.secret.values(), unless)
        secret_name = ObjectName("Secret", name)
        mounts = own_files.mounts(name, WithDefault(unless, secret_name) if unless else secret_name)
        mounts.include(self._storage.mounts(workload, name, per_pod=per_pod))
        self._check_mounts(workload, mounts)
        pod = Pod(
            name=name,
            container=self._container(workload, name, environment, mounts),
            volumes=mounts.volumes,
            annotations=checksums(
                chart, workload, environment.config, secrets, {**own_files.config, **own_files.binary}
            ),
            extra={**placement(chart, workload, self._environment, self._report), **grace_period(workload)},
            security_context=pod_security_context(mounts, generated=is_generated(workload, self._sources)),
        )
        jobs = self._add_waits(pod, workload)
        made: list[tuple[dict[str, Any], ChartValue | None]] = [(self._controller(workload, pod, mounts), None)]
        if ports:
            made.append((service(chart, workload, name, ports, self._properties.default_service_type), None))
        if per_pod:
            made.append((headless_service(chart, name, controllers.headless_name(name), ports), None))
        if environment.config:
            made.append((config_map(chart, name, environment), None))
        if own_files.config or own_files.binary:
            made.append((container_files.config_map(chart, name, own_files), None))
        if has_secrets:
            made.append((secret(chart, name, secrets), unless))
        made += [(claim, None) for claim in self._storage.claims(workload, per_pod=per_pod)]
        made += [(body, None) for body in (*self._identity(workload, name, jobs), *self._scaling(workload, name))]
        return [ChartObject(workload, body, condition) for body, condition in made]

    def _identity(self, workload: Workload, name: str, jobs: list[Text]) -> list[dict[str, Any]]:
        """The account of a workload, and what it may look at."""
        chart, account = self._chart, account_of(workload)
        called = account.name if account and account.name else name
        made: list[dict[str, Any]] = []
        if (account is None and jobs) or (account is not None and account.create):
            made.append(service_account(chart, called, account.annotations if account else {}))
        if jobs:
            made += [role(chart, name, jobs), role_binding(chart, name, called)]
        return made

    def _scaling(self, workload: Workload, name: str) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        kind = self._kinds[workload.name]
        if workload.autoscaling is not None:
            if kind in controllers.SCALABLE_KINDS:
                target = suffixed(name) if kind == "StatefulSet" else name
                made.append(autoscaler(self._chart, workload.name, name, kind, target, workload.autoscaling))
                self._check_requests(workload)
            else:
                self._report.error(
                    workload, f"a {kind} can't be scaled", "Take with_autoscaling() away, or ask for a Deployment."
                )
        if workload.disruption_budget is not None and kind in controllers.SCALABLE_KINDS:
            made.append(disruption_budget(self._chart, name, workload.disruption_budget))
        return made

    def _check_requests(self, workload: Workload) -> None:
        """An autoscaler looks at how much is used of what was asked for."""
        scaling, asked = workload.autoscaling, workload.resource_needs.get("requests", {})
        for what, percent in (("cpu", scaling and scaling.cpu), ("memory", scaling and scaling.memory)):
            if percent and what not in asked:
                self._report.note(
                    workload,
                    f"it is to be scaled by its use of {what}, and asks for none",
                    f"Say what it needs: with_resources({what}=…), or set resources.{workload.name} at installation.",
                )

    def _check(self, workload: Workload, environment: PodVariables) -> None:
        ports = self._ports[workload.name]
        self._translator.told_ports |= {(workload.name, endpoint) for endpoint in endpoints_in_command_line(workload)}
        check_ports(workload, ports, self._translator.told_ports, self._report)
        check_environment(workload, environment, self._chart, self._report)
        check_image(workload, self._report)
        report_stop_signal(workload, self._sources, self._report)
        image = image_name(self._chart, workload)
        build = build_of(workload, f"{image.repository}:{image.tag}", self._sources, self._report)
        if build is not None:
            self._chart.builds.append(build)
            self._report.note(
                workload,
                f"the chart runs the image {build.image}, which has to be built",
                "Build it, and push it to your registry: fairlead build --push --registry REGISTRY."
                + (_ONLY_NEW if self._kinds[workload.name] == "Job" else ""),
            )

    def _check_mounts(self, workload: Workload, mounts: Mounts) -> None:
        seen: set[str] = set()
        for mount in mounts.mounts:
            path = mount["mountPath"]
            if path in seen:
                self._report.error(
                    workload, f"two things are mounted at {path}", "Give each a place of its own, or take one away."
                )
            seen.add(path)

    def _container(self, workload: Workload, name: str, environment: PodVariables, mounts: Mounts) -> dict[str, Any]:
        chart, ports = self._chart, self._ports[workload.name]
        command, first_arguments = command_line(workload, ports)
        fields: dict[str, Any] = {
            "name": name,
            **image_fields(chart, workload, self._properties.default_image_pull_policy),
        }
        if command:
            fields["command"] = command
        if arguments := [*first_arguments, *environment.args]:
            fields["args"] = arguments
        if ports:
            fields["ports"] = [
                {"name": port.name, "containerPort": port.number, "protocol": port.protocol}
                for port in distinct(dict(ports))
            ]
        fields |= container_fields(chart, workload, name, environment)
        if self._kinds[workload.name] not in controllers.RUN_ONCE_KINDS:
            fields |= probes(workload, ports, self._report)
        fields["resources"] = chart.values.declare(
            ("resources", workload.name), workload.resource_needs, kind="object", schema=OBJECT_SCHEMA
        )
        if mounts.mounts:
            fields["volumeMounts"] = mounts.mounts
        fields["securityContext"] = security_context(workload, generated=is_generated(workload, self._sources))
        return fields

    def _controller(self, member: Member, pod: Pod, mounts: Mounts) -> dict[str, Any]:
        chart, name, kind = self._chart, pod.name, self._kinds[member.name]
        template = pod.template(chart)
        if kind == "Job":
            made = controllers.job(chart, name, template, self._retries(member))
            self._jobs[member.name] = made["metadata"]["name"]
            return made
        assert isinstance(member, Workload)
        if kind == "CronJob":
            schedule = chart.values.declare(("schedules", member.name), member.schedule or "")
            return controllers.cron_job(chart, name, template, schedule, self._retries(member))
        if kind == "DaemonSet":
            return controllers.daemon_set(chart, name, template)
        replicas = None
        if member.autoscaling is None:  # which would be set back by each upgrade
            replicas = chart.values.declare(
                ("replicas", member.name), member.replicas, kind="integer", schema={"type": "integer", "minimum": 0}
            )
        if kind == "StatefulSet":
            return controllers.stateful_set(chart, name, template, replicas, mounts.claims)
        recreate = self._storage.needs_recreate(member)
        return controllers.deployment(chart, name, template, replicas, recreate=recreate)

    def _retries(self, member: Member) -> int:
        """How often a Job makes a new pod for one that failed; a first start is no restart."""
        if isinstance(member, Workload):
            if member.max_restarts is not None:
                return member.max_restarts
            if member.restart != "no" and member.name in self._ending:
                return COMPLETION_RESTARTS
        return controllers.RETRIES[self._kinds[member.name]]

    def _add_waits(self, pod: Pod, workload: Workload) -> list[Text]:
        """Give a pod the containers that wait; the Jobs that it has to be able to look at."""
        jobs: list[Text] = []
        for wait in self._waits(workload):
            target = wait.target.name
            taken = {pod.name, *(container["name"] for container in pod.waits)}
            name = container_name(object_name(target), taken)
            port = self._reachable(wait)
            if not self._is_asked_for(target):
                continue
            if self._kinds.get(target) in _JOBS:
                self._check_exit_code(workload, wait)
                jobs.append(self._jobs[target])
                pod.waits.append(wait_for_job(self._chart, name, self._jobs[target]))
            elif port is not None:
                self._translator.connections[workload.name, target, port.spec.name] = None
                host = self._translator.addresses.host(wait.target)
                pod.waits.append(wait_for_service(self._chart, name, host, port))
            else:
                self._report_wait(workload, wait)
        if jobs:
            pod.volumes = [*pod.volumes, api_access()]
        account = account_of(workload)
        if account is not None:
            pod.service_account = ObjectName("ServiceAccount", account.name or pod.name)
            pod.mounts_token = True
        elif jobs:
            pod.service_account = ObjectName("ServiceAccount", pod.name)
        return jobs

    def _waits(self, workload: Workload) -> list[Wait]:
        """The first wait for each target that pods can wait for."""
        first: dict[str, Wait] = {}
        for wait in workload.waits:
            first.setdefault(wait.target.name, wait)
        for wait in first.values():
            if wait.target.passive and wait.target.health_checks and wait.kind is WaitKind.READY:
                self._report_wait(workload, wait)
        return [wait for wait in first.values() if not wait.target.passive]

    def _is_asked_for(self, target: str) -> bool:
        """Whether the environment wants pods to wait for a resource of this name."""
        is_job = self._kinds.get(target) in _JOBS
        return self._environment.waits_for_jobs if is_job else self._environment.waits_for_services

    def _reachable(self, wait: Wait) -> Port | None:
        """The port of the Service that tells whether the target of a wait is there."""
        if wait.kind is WaitKind.COMPLETED or self._problem(wait.target) is not None:
            return None
        return next((port for port in self._ports[wait.target.name].values() if port.protocol == "TCP"), None)

    def _problem(self, target: Resource) -> str | None:
        """Why a pod can't wait for a resource, whatever for; None where it can."""
        if target.name in self._members:
            return None
        if target.publish_as in ("dependency", "template"):
            return "is installed together with it"
        if target.passive:
            return "is not part of the chart, and only a run asks whether it is healthy"
        if problem := self._translator.addresses.problem(target):
            return problem.reason
        never = isinstance(target, PostgresDatabase) or (
            isinstance(target, Workload) and (target.workload_kind in _JOBS or target.name in self._ending)
        )
        return "is a Job of another environment, which it can't look at" if never else None

    def _check_exit_code(self, workload: Workload, wait: Wait) -> None:
        if wait.kind is WaitKind.COMPLETED and wait.exit_code:
            self._report.error(
                workload,
                f"it waits for {wait.target.name!r} to end with {wait.exit_code}, and a Job is complete only with 0",
                "Let it end with 0 where app.is_publish_mode.",
                wait.where,
            )

    def _report_wait(self, workload: Workload, wait: Wait) -> None:
        target = wait.target
        if wait.kind is WaitKind.COMPLETED:
            what = f"its wait for the completion of {target.name!r}"
            never = f"is a {self._kinds.get(target.name, 'workload of another environment')}, which never completes"
        else:
            what, never = f"its wait for {target.name!r}", "has no TCP endpoint to ask"
        reason = self._problem(target) or never
        tell = self._report.note if target.publish_choices and is_said(target) else self._report.warn
        tell(
            workload,
            f"{what} is left out: that {reason}",
            "Let the program try again until it is there; a pod that ends is started again.",
            wait.where,
        )


def _keys(secrets: Mapping[str, Text | When]) -> str:
    """The keys of a Secret, for whoever makes one instead."""
    return ", ".join(f"{key} (optional)" if isinstance(entry, When) else key for key, entry in secrets.items())
