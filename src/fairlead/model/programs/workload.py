"""Resources that run a program: what containers, executables and Python or Node apps have in common."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, NamedTuple, Self, TypeAlias, TypeGuard, get_args

from fairlead.model.argument_checks import kind_of
from fairlead.model.endpoints.endpoint import EndpointSpec, Protocol
from fairlead.model.health import HttpCheck
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.names import is_connection_name, is_label, is_scheme, is_subdomain, normal_form, with_article
from fairlead.model.programs.callback import ArgumentsCallback, EnvironmentCallback
from fairlead.model.programs.command_checks import CommandChecked
from fairlead.model.programs.image import Image
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.values.env_file import EnvFile, PublishedPart
from fairlead.model.values.value import Value, ValueLike
from fairlead.model.volume import ContainerFile, file_problem
from fairlead.model.watch import Watch, Watchable
from fairlead.records import record, replaced

EnvironmentEntry: TypeAlias = ValueLike | EnvironmentCallback
Argument: TypeAlias = ValueLike | ArgumentsCallback


class Variable(NamedTuple):
    """One environment variable as the definition gave it; ``value`` may be a callback."""

    name: str
    value: EnvironmentEntry
    where: Location


@record
class ArgumentEntry:
    """One argument as the definition gave it; a callback gives one or several."""

    value: Argument
    where: Location


@record
class Reference:
    """One ``with_reference``. ``endpoint`` is set when only that endpoint is referred to."""

    target: Resource
    where: Location
    connection_name: str | None = None
    optional: bool = False
    endpoint: Endpoint | None = None
    service_account: str | None = None


class JobProgram(NamedTuple):
    """What a job runs in place of its program's own command; nothing of it for the same command.

    Args:
        command: A program: of a container or an executable its whole command, of a Python app one of its packages'.
        script: A file of its folder.
        module: A module, as ``python -m`` runs it.
    """

    command: str | None = None
    script: str | None = None
    module: str | None = None

    def refuse(self, name: str, kind: str, *words: str) -> None:
        """Report the ways to name a program that a kind does not know.

        Args:
            name: The job.
            kind: The kind of its program.
            *words: The ways that it does not know.
        """
        for word in words:
            if getattr(self, word) is not None:
                mistake(
                    f"{word}= can't be given to a job of {with_article(kind)}",
                    resource=name,
                    remedy="Name its program by command=, and give the rest as args=[…].",
                )


class Workload(CommandChecked, Watchable):
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
    #: Environment variable that tells the port of the first HTTP endpoint that names none.
    default_port_variable: ClassVar[str | None] = None
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
        self._implied_endpoints: set[str] = set()
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

    # Endpoints

    def with_endpoint(
        self,
        name: str = "tcp",
        *,
        port: int | None = None,
        target_port: int | None = None,
        scheme: str | None = None,
        protocol: Protocol = "tcp",
        env: str | None = None,
        external: bool = False,
    ) -> Self:
        """Declare where it listens. Naming an endpoint that the kind brings along adjusts that one.

        Args:
            name: Unique on the resource.
            port: The port on the host that callers use; by default chosen once and remembered.
            target_port: The port that the program listens on; by default chosen, and handed over in ``env``.
            scheme: By default the name for ``http`` and ``https``, else the protocol.
            protocol: ``tcp`` or ``udp``.
            env: Environment variable that gets the port to listen on.
            external: Whether it is meant for callers outside the app.
        """
        self._declare("with_endpoint")
        if not self._name("with_endpoint", name):
            return self
        known = self.endpoints.get(name)
        if known is not None and name not in self._implied_endpoints:
            mistake(
                f"endpoint {name!r} is declared already, at {known.where}",
                resource=self.name,
                remedy="Give the second one a name of its own: name=….",
            )
            return self
        twin = next((spec for other, spec in self.endpoints.items() if normal_form(other) == normal_form(name)), known)
        if twin is not known:
            assert twin is not None
            mistake(
                f"endpoint {name!r} has the same name as {twin.name!r}, at {twin.where}",
                resource=self.name,
                remedy="Give each a name of its own; case and '_' or '-' make no difference.",
            )
            return self
        if not self._one_of("with_endpoint", "protocol", protocol, ("tcp", "udp")):
            protocol = "tcp"
        if scheme is not None and not self._scheme(scheme):
            scheme = None
        usual = known.scheme if known else name if name in ("http", "https") else protocol
        self.endpoints[name] = EndpointSpec(
            name,
            scheme or usual,
            user_location(),
            self._port("port", port) or (known.port if known else None),
            self._port("target_port", target_port) or (known.target_port if known else None),
            protocol,
            self._port_variable(env) or (known.env if known else None),
            self._flag("with_endpoint", "external", external) or (known.external if known else False),
        )
        self._implied_endpoints.discard(name)
        return self

    def with_http_endpoint(
        self, *, port: int | None = None, target_port: int | None = None, name: str = "http", env: str | None = None
    ) -> Self:
        """Declare where it answers HTTP.

        Args:
            port: The port on the host that callers use; by default chosen once and remembered.
            target_port: The port that the program listens on; by default chosen, and handed over in ``env``.
            name: Unique on the resource.
            env: Environment variable that gets the port to listen on; a process gets that of
                its first one in ``PORT`` by default.
        """
        return self.with_endpoint(name, port=port, target_port=target_port, scheme="http", env=env)

    def with_external_http_endpoints(self) -> Self:
        """Mark all its HTTP endpoints as meant for callers outside the app."""
        self._declare("with_external_http_endpoints")
        self.external_http = True
        return self

    def _imply_endpoint(self, spec: EndpointSpec) -> None:
        """Declare an endpoint that the kind brings along and that the definition may adjust."""
        self.endpoints[spec.name] = spec
        self._implied_endpoints.add(spec.name)

    def _scheme(self, scheme: object) -> bool:
        """Whether something is a scheme of a URL."""
        if isinstance(scheme, str) and is_scheme(scheme):
            return True
        mistake(
            f"scheme={scheme!r} is no scheme of a URL" if isinstance(scheme, str) else f"scheme is {kind_of(scheme)}",
            resource=self.name,
            remedy="Use letters, digits, '+', '-' and '.', with a letter in front, as in 'https'.",
        )
        return False

    def _port_variable(self, name: object) -> str | None:
        return name if name is not None and self._variable("with_endpoint", name) and isinstance(name, str) else None

    def _port(self, what: str, port: object) -> int | None:
        if port is None or (isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535):
            return port
        mistake(
            f"{what}={port!r} is not a port" if isinstance(port, int) else f"{what} is not a port but {kind_of(port)}",
            resource=self.name,
            remedy="Give a number from 1 to 65535, or leave it out to have one chosen.",
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

    def _finish(self) -> None:
        """Settle what concerns several endpoints: which are external, and which variable tells a port."""
        super()._finish()
        if self.external_http:
            for name, spec in self.endpoints.items():
                self.endpoints[name] = replaced(spec, external=spec.external or spec.is_http)
        told: dict[str, EndpointSpec] = {}
        for spec in self.endpoints.values():
            if spec.env and told.setdefault(spec.env, spec) is not spec:
                mistake(
                    f"endpoints {told[spec.env].name!r} and {spec.name!r} both give their port in {spec.env}",
                    resource=self.name,
                    where=spec.where,
                    remedy="Give each a variable of its own: env=….",
                )
        if self.default_port_variable is not None and self.default_port_variable not in told:
            untold = [spec for spec in self.endpoints.values() if spec.is_http and spec.env is None]
            for spec in sorted(untold, key=lambda spec: spec.target_port is not None)[:1]:
                self.endpoints[spec.name] = replaced(spec, env=self.default_port_variable)


def refuse_options_of_image(workload: Workload, image: Image, said: Iterable[str]) -> None:
    """Report what a program says of its image that has to be said of the image, since other programs share it.

    Args:
        workload: The program.
        image: Its image.
        said: The calls or options that say so.
    """
    for option in said:
        mistake(
            f"{option} is about its image, which {image.name!r} builds for all of its programs",
            resource=workload.name,
            remedy=f"Say it of {image.name!r}, where an image has such a call, or add another image for this program.",
        )


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
