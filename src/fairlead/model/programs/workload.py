"""Resources that run a program: what containers, executables and Python or Node apps have in common."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Self, TypeGuard, get_args

from fairlead.model.argument_checks import kind_of
from fairlead.model.health import HttpCheck
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.names import is_connection_name, is_label, is_subdomain
from fairlead.model.programs.command_checks import CommandChecked
from fairlead.model.programs.image import Image
from fairlead.model.programs.inputs import Argument, ArgumentEntry, EnvironmentEntry, Reference, Variable
from fairlead.model.programs.listening import ListeningProgram
from fairlead.model.programs.program import JobProgram
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.values.env_file import EnvFile, PublishedPart
from fairlead.model.values.value import Value
from fairlead.model.volume import ContainerFile, file_problem
from fairlead.model.watch import Watch, Watchable


class Workload(CommandChecked, ListeningProgram, Watchable):
    """A resource that runs a program with an environment, arguments and endpoints."""

    kind: ClassVar[str] = "Workload"
    #: A command that ends with 0 inside its container once it is ready; a cluster asks it where the definition has no
    #: health check. (In a run the kind's driver is asked.)
    ready_command: ClassVar[tuple[str, ...]] = ()
    #: Seconds that a cluster waits for the answer of ``ready_command``.
    ready_timeout: ClassVar[int] = 2
    #: The Linux capabilities that its image needs in a cluster, which drops all others; None where nothing is known.
    capabilities: ClassVar[tuple[str, ...] | None] = None
    #: The user that its image becomes, as which a cluster runs it where nothing may begin as root; None where nothing
    #: is known.
    image_user: ClassVar[int | None] = None
    #: The same for an image whose tag says that it is built on Alpine; None for no other.
    alpine_user: ClassVar[int | None] = None
    #: The folders of its image that only root can write to, and that its program writes to.
    scratch_folders: ClassVar[tuple[str, ...]] = ()
    #: Whether each of its pods has data of its own, so that callers would get now one pod's data, now another's.
    keeps_own_data: ClassVar[bool] = False
    #: Whether its program keeps its data under its host name, so that its pods need names that last (a StatefulSet).
    stable_host_name: ClassVar[bool] = False
    #: Whether programs of this kind may send telemetry; those that never do are not told where to.
    sends_telemetry: ClassVar[bool] = True
    #: Variables beyond those of all languages by which the OpenTelemetry libraries of its language send telemetry.
    exporter_environment: ClassVar[Mapping[str, str]] = {}

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.environment: list[Variable] = []
        self.env_files: list[EnvFile] = []
        self.arguments: list[ArgumentEntry] = []
        self.entrypoint: list[str] | None = None
        self.references: list[Reference] = []
        self.replicas = 1
        self.container_files: list[ContainerFile] = []
        self.image: str | None = None
        #: The image of the app that it shares with other programs.
        self.built_image: Image | None = None
        #: Whether a run tells it where to send telemetry; None leaves it to the kind.
        self.otlp_exporter: bool | None = None
        self.watches: list[Watch] = []
        #: The program that this one is run as another time, as a job; None for a program of its own.
        self.job_of: Workload | None = None
        # What a job was before the definition said more of it.
        self._defaults: Mapping[str, object] = {}

    def _new_job(self, name: str, program: JobProgram) -> Workload:
        """Make a program of the same kind and image for a job, without anything else that this one was told.

        Args:
            name: The name of the job.
            program: What to run in place of its own program.
        """
        mistake(
            f"a program of the kind {self.kind!r} can't be run as a job",
            resource=name,
            remedy="Add it as a program of its own: add_container(…).as_job().",
        )
        return Workload(name)

    # Environment and arguments

    def with_environment(self, name: str, value: EnvironmentEntry) -> Self:
        """Set an environment variable; a later call for the same name wins, and wins over references.

        Args:
            name: The variable.
            value: Text, a number, a truth value, a deferred value, or a function (``def`` or ``async def``, of no
                argument or of a ``CallbackContext``) that returns one and is called once per start.
        """
        self._declare("with_environment")
        named = self._variable("with_environment", name)
        if named and self._entry("with_environment", f"the value of {name}", value):
            self.environment.append(Variable(name, value, user_location()))
        return self

    def with_env_file(self, path: str | os.PathLike[str], *, publish: PublishedPart = "names") -> Self:
        """Give it the variables of an environment file; everything else that gives it a variable wins over them.

        A run reads the file when the resource starts. Its syntax is that of python-dotenv.

        Args:
            path: The file, relative to the app file's folder; the later of several files wins.
            publish: What is published: ``names``, so that their values are required when the chart is installed, or
                ``values`` of a file that holds no secrets.
        """
        self._declare("with_env_file")
        path = os.fspath(path) if isinstance(path, os.PathLike) else path
        named = self._text("with_env_file", "path", path)
        if self._one_of("with_env_file", "publish", publish, get_args(PublishedPart)) and named:
            self.env_files.append(EnvFile(path, publish, user_location()))
        return self

    def with_args(self, *args: Argument) -> Self:
        """Append arguments. They replace the CMD of an image.

        Args:
            *args: Text, numbers, deferred values, or functions that return one argument or a list of them.
        """
        self._declare("with_args")
        for number, value in enumerate(args, 1):
            if self._entry("with_args", f"argument {number}", value):
                self.arguments.append(ArgumentEntry(value, user_location()))
        return self

    def _entry(self, method: str, what: str, value: object) -> bool:
        """Whether something is a value or a function that can give one."""
        return self._arity(method, value) if callable(value) else self._value(method, what, value)

    def with_entrypoint(self, *command: str) -> Self:
        """Replace the ENTRYPOINT of the image (for an executable: the command).

        Args:
            *command: The program and its first arguments; deferred values belong into ``with_args``.
        """
        self._declare("with_entrypoint")
        if not command:
            mistake("with_entrypoint() needs a command", resource=self.name, remedy="Name the program to run.")
        elif all([self._text("with_entrypoint", "the command", part) for part in command]):
            self.entrypoint = list(command)
        return self

    def with_reference(
        self,
        other: Resource | Endpoint,
        connection_name: str | None = None,
        *,
        optional: bool = False,
        service_account: str | None = None,
    ) -> Self:
        """Give it the addresses and the connection string of another resource, as environment variables.

        A reference adds no wait. The names of the variables are those of Aspire.

        Args:
            other: A resource, or one endpoint of it.
            connection_name: The name to use in the variables instead of the resource's.
            optional: Leave the connection string out, instead of failing, when it has no value; and all variables
                where the other is in groups that nobody asked for.
            service_account: For a cluster: ``namespace/name`` of the ServiceAccount whose rights it gets, instead of
                all rights.
        """
        self._declare("with_reference")
        name = self._optional_text("with_reference", "connection_name", connection_name)
        if name is not None and not is_connection_name(name):
            mistake(
                f"with_reference() got {name!r} as connection_name, which is to be a part of names of variables",
                resource=self.name,
                remedy="Use letters, digits, '.', '-' and '_'.",
            )
            name = None
        may_lack = self._flag("with_reference", "optional", optional)
        if isinstance(other, Endpoint):
            self.references.append(Reference(other.resource, user_location(), name, may_lack, other))
        elif isinstance(other, Resource):
            account = self._service_account(other, service_account)
            self.references.append(Reference(other, user_location(), name, may_lack, service_account=account))
        else:
            mistake(
                f"with_reference() needs a resource or an endpoint, not {kind_of(other)}",
                resource=self.name,
                remedy="Pass what an add_…() returned; for a plain address use add_external_service().",
            )
        return self

    def _service_account(self, other: Resource, name: object) -> str | None:
        """The ServiceAccount that it is to act as in another resource; None for none, or a wrong one."""
        if name is None:
            return None
        if not other.accepts_service_account:
            mistake(
                f"with_reference() got service_account= for {other.name!r}, which is no cluster",
                resource=self.name,
                remedy="Leave it out.",
            )
        elif self._text("with_reference", "service_account", name):
            parts = str(name).split("/")
            if len(parts) == 2 and is_label(parts[0]) and is_subdomain(parts[1]):
                return str(name)
            mistake(
                f"with_reference() got {name!r} as service_account",
                resource=self.name,
                remedy="Write it as 'namespace/name'.",
            )
        return None

    # Health and scale

    def with_http_health_check(self, path: str = "/", status: int = 200, endpoint: str | None = None) -> Self:
        """Healthy when a GET answers with a status. Published as the readiness probe.

        Args:
            path: Starts with ``/``.
            status: The status that means healthy.
            endpoint: Name of the endpoint; by default the only one, or ``http``.
        """
        self._declare("with_http_health_check")
        valid = self._path("with_http_health_check", "path", path)
        if self._number("with_http_health_check", "status", status, 100, 599) and valid:
            self.health_checks.append(HttpCheck(path, status, self.endpoint(endpoint)))
        return self

    def with_replicas(self, count: int) -> Self:
        """Run several of it behind one address.

        Args:
            count: 1 or more.
        """
        self._declare("with_replicas")
        if self._number("with_replicas", "count", count, 1):
            self.replicas = count
        return self

    def with_container_files(
        self, target: str, entries: Mapping[str, str | bytes | Value] | Iterable[ContainerFile]
    ) -> Self:
        """Put files into its container before it starts (published as a ConfigMap or Secret).

        Args:
            target: Absolute folder in the container.
            entries: Contents by relative path, or :class:`ContainerFile` objects with paths relative to the target.
        """
        self._declare("with_container_files")
        if not self._path("with_container_files", "target", target):
            return self
        if isinstance(entries, Mapping):
            entries = [ContainerFile(path, contents) for path, contents in entries.items()]
        elif isinstance(entries, (str, bytes)) or not isinstance(entries, Iterable):
            entries = [entries]
        for file in entries:
            if self._is_file(file):
                path = f"{target.rstrip('/')}/{file.path.lstrip('/')}"
                self.container_files.append(ContainerFile(path, file.contents, file.source, file.mode))
        return self

    def _is_file(self, file: object) -> TypeGuard[ContainerFile]:
        found = file_problem(file)
        if found is not None:
            mistake(
                f"with_container_files() got {found}",
                resource=self.name,
                remedy="Give {'name': 'text'}, or ContainerFile(path, contents) or ContainerFile(path, source=…), each "
                "with a mode of up to 0o777.",
            )
        return found is None

    def with_image(self, image: str | Image) -> Self:
        """The image it is made from (for a process: the image that a published app uses for it).

        Args:
            image: ``[registry/]repository[:tag][@digest]``, or what ``add_image`` returned: an image of the app, which
                several programs can share.
        """
        self._declare("with_image")
        self._take_image("with_image", image)
        return self

    def _take_image(self, method: str, image: object) -> None:
        """Take an image of either kind instead of the one before."""
        if isinstance(image, Image):
            self.image, self.built_image = None, image
        elif self._text(method, "image", image):
            self.image, self.built_image = str(image).strip(), None

    def with_otlp_exporter(self, enabled: bool = True) -> Self:
        """Say whether a run tells it where to send telemetry, by the variables of OpenTelemetry; charts never do.

        Processes and containers are told by default; servers such as Postgres and Redis, and containers that outlive
        a run, are not. Where it has such variables of its own, these count.

        Args:
            enabled: Whether it is told.
        """
        self._declare("with_otlp_exporter")
        self.otlp_exporter = self._flag("with_otlp_exporter", "enabled", enabled)
        return self

    @property
    def exports_telemetry(self) -> bool:
        """Whether a run tells it where to send telemetry."""
        return self.sends_telemetry if self.otlp_exporter is None else self.otlp_exporter

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the values of its variables, arguments and files; not what callbacks will return."""
        yield from super()._given_values()
        for variable in self.environment:
            yield variable.value, variable.where
        for argument in self.arguments:
            yield argument.value, argument.where
        for file in self.container_files:
            yield file.contents, self.where


def refuse_secret_arguments(workload: Workload, program: str) -> None:
    """Report secrets among the arguments of a program.

    Args:
        workload: The program.
        program: What everyone can see the arguments of, such as ``process``.
    """
    for argument in workload.arguments:
        if isinstance(argument.value, Value) and argument.value.secret:
            mistake(
                f"{argument.value.describe()} is secret, and the arguments of a {program} can be seen by everyone",
                resource=workload.name,
                where=argument.where,
                remedy="Give it with with_environment(), or in a file.",
            )
