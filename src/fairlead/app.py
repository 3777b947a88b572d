"""The definition API: the function that describes an app, and the builder it describes it to.

Evaluating a definition touches nothing: no file, no socket, no engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, unwrap
from pathlib import Path
from signal import Signals
from typing import Any, TypedDict, TypeVar, Unpack

from fairlead.errors import DefinitionError, ModelError
from fairlead.model.app import App
from fairlead.model.argument_checks import kind_of
from fairlead.model.consumer import Mode, ModeText
from fairlead.model.lifetime import Lifetime, LifetimeText
from fairlead.model.locations import collecting, error_location, located_at, mistake, user_location
from fairlead.model.names import NAME_REMEDY, listing, name_problem, nearest, with_article
from fairlead.model.parameter import Generate, Parameter
from fairlead.model.plain_value import PlainValue
from fairlead.model.program import RestartPolicy
from fairlead.model.resource import ActionCallback, Endpoint, Resource, finish, freeze
from fairlead.model.user_functions import Hook
from fairlead.model.validation import validate, validate_so_far
from fairlead.model.value import DeferredValueError, Value, ValueLike
from fairlead.model.workload import Argument, EnvironmentEntry, Workload
from fairlead.resources import postgres, redis
from fairlead.resources.connection_string import ConnectionString
from fairlead.resources.container import Build, Container
from fairlead.resources.executable import Executable, Stdin
from fairlead.resources.external import ExternalService
from fairlead.resources.k3s import K3sCluster
from fairlead.resources.k3s.publish_as import PublishLocalAs
from fairlead.resources.kubernetes import KubernetesEnvironment
from fairlead.resources.node import NodeApp, ViteApp
from fairlead.resources.postgres import Postgres
from fairlead.resources.python import PythonApp, UvicornApp
from fairlead.resources.redis import Redis

R = TypeVar("R", bound=Resource)
W = TypeVar("W", bound=Workload)


class Options(TypedDict, total=False):
    """Keywords of ``add_…`` for what a ``with_…`` or ``wait_…`` call would say; each is the same as that call.

    ``ports`` maps names of endpoints to target ports. A list stands for several calls. ``args`` are the first
    arguments; ``with_args`` appends to them. ``max_restarts`` goes with ``restart``.
    """

    env: Mapping[str, EnvironmentEntry]
    env_file: str | os.PathLike[str]
    args: Sequence[Argument]
    ports: Mapping[str, int]
    references: Resource | Endpoint | Iterable[Resource | Endpoint]
    wait_for: Resource | Iterable[Resource]
    wait_for_completion: Resource | Iterable[Resource]
    replicas: int
    explicit_start: bool
    restart: RestartPolicy
    max_restarts: int
    stop_signal: str | Signals
    stop_timeout: float


class ProcessOptions(Options, total=False):
    """The keywords of what runs as a process."""

    stdin: Stdin


class ContainerOptions(Options, total=False):
    """The keywords of containers; ``volumes`` maps names of volumes to absolute paths in the container."""

    volumes: Mapping[str, str]
    lifetime: Lifetime | LifetimeText
    platform: str


def apply_options(resource: W, options: Mapping[str, Any]) -> W:
    """Make the calls that the keywords of an ``add_…`` stand for.

    Args:
        resource: What was added.
        options: :class:`ContainerOptions` of a container, :class:`ProcessOptions` of a process.
    """
    known = _options_of(resource).__annotations__
    if not options.keys().isdisjoint(_RESTART):
        _apply_restart(resource, options)
    for name, given in options.items():
        if name in _RESTART:
            continue
        if name in known:
            _apply_option(resource, name, given)
        else:
            guess = nearest(name, known)
            mistake(
                f"there is no option {name!r} for {with_article(resource.kind)}",
                resource=resource.name,
                remedy=f"Did you mean {guess!r}?" if guess else f"It has {listing(known)}.",
            )
    return resource


def _options_of(resource: Workload) -> type[Options]:
    """The class with the keywords of a resource."""
    if isinstance(resource, Container):
        return ContainerOptions
    return ProcessOptions if isinstance(resource, Executable) else Options


def _apply_option(resource: Workload, name: str, given: Any) -> None:
    """Make the calls for one keyword."""
    if name in _PER_ENTRY:
        for key, value in _mapping(resource, name, given).items():
            _PER_ENTRY[name](resource, key, value)
    elif name in _PER_ITEM:
        for item in _one_or_many(resource, name, given):
            _PER_ITEM[name](resource, item)
    else:
        _ONCE[name](resource, given)


def _apply_restart(resource: Workload, options: Mapping[str, Any]) -> None:
    """Make the one call that two keywords stand for."""
    if "restart" in options:
        resource.with_restart(options["restart"], max_restarts=options.get("max_restarts"))
    else:
        mistake("max_restarts= needs restart=", resource=resource.name, remedy='Add restart="on-failure".')


def _explicit_start(resource: Workload, given: Any) -> None:
    if given is True:
        resource.with_explicit_start()
    elif given is not False:
        mistake(
            f"explicit_start= needs True or False, not {kind_of(given)}",
            resource=resource.name,
            remedy="Write True, or leave it out.",
        )


_RESTART = ("restart", "max_restarts")
# What each other keyword of the option classes stands for: a call per entry of a mapping, per item of a list, or one.
_PER_ENTRY: dict[str, Callable[[Any, Any, Any], object]] = {
    "env": lambda resource, name, value: resource.with_environment(name, value),
    "ports": lambda resource, name, port: resource.with_endpoint(name, target_port=port),
    "volumes": lambda resource, name, target: resource.with_volume(name, target),
}
_PER_ITEM: dict[str, Callable[[Any, Any], object]] = {
    "references": lambda resource, other: resource.with_reference(other),
    "wait_for": lambda resource, other: resource.wait_for(other),
    "wait_for_completion": lambda resource, other: resource.wait_for_completion(other),
}
_ONCE: dict[str, Callable[[Any, Any], object]] = {
    "env_file": lambda resource, path: resource.with_env_file(path),
    "args": lambda resource, args: resource.with_args(*_sequence(resource, "args", args)),
    "replicas": lambda resource, count: resource.with_replicas(count),
    "explicit_start": _explicit_start,
    "stop_signal": lambda resource, signal: resource.with_stop_signal(signal),
    "stop_timeout": lambda resource, seconds: resource.with_stop_timeout(seconds),
    "stdin": lambda resource, stdin: resource.with_stdin(stdin),
    "lifetime": lambda resource, lifetime: resource.with_lifetime(lifetime),
    "platform": lambda resource, platform: resource.with_platform(platform),
}


def _mapping(resource: Resource, option: str, given: Any) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    mistake(f"{option}= needs a mapping, not {kind_of(given)}", resource=resource.name, remedy="Write {name: …}.")
    return {}


def _sequence(resource: Resource, option: str, given: Any) -> Iterable[Any]:
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        return given
    mistake(f"{option}= needs a list, not {kind_of(given)}", resource=resource.name, remedy="Write […].")
    return ()


def _one_or_many(resource: Resource, option: str, given: Any) -> Iterable[Any]:
    return [given] if isinstance(given, (Resource, Endpoint)) else _sequence(resource, option, given)


class AppBuilder:
    """What a definition is described to; ``@apphost`` hands one to the function.

    Args:
        name: The app's name.
        file: The app file; relative paths start at its folder.
        mode: What the definition is evaluated for.
    """

    def __init__(self, name: str, file: str | os.PathLike[str], mode: Mode = Mode.RUN) -> None:
        self.name = name
        self.file = Path(file)
        self.mode = mode
        self._resources: dict[int, Resource] = {}
        self._before_start_hooks: list[Hook] = []
        self._built = False

    @property
    def directory(self) -> Path:
        """The folder of the app file."""
        return self.file.parent

    @property
    def is_run_mode(self) -> bool:
        """Whether the app is going to run on this machine."""
        return self.mode is Mode.RUN

    @property
    def is_publish_mode(self) -> bool:
        """Whether the app is going to be published."""
        return self.mode is Mode.PUBLISH

    def add(self, resource: R) -> R:
        """Add a resource of any kind, and with it the resources it has adopted.

        Args:
            resource: An instance of a kind, Fairlead's own or one from another package.
        """
        if not isinstance(resource, Resource):
            mistake(
                f"add() needs a resource, not {kind_of(resource)}",
                resource=self.name,
                remedy="Pass an instance of a subclass of fairlead.Resource.",
            )
        elif not hasattr(resource, "where"):
            mistake(
                f"the constructor of {type(resource).__name__} does not call the one of fairlead.Resource",
                resource=self.name,
                remedy="Begin it with super().__init__(name).",
            )
        elif self._built:
            mistake(
                "it was added to an app that is built already",
                resource=resource.name,
                remedy="Add it in the function that defines the app.",
            )
        elif id(resource) in self._resources:
            mistake("it was added twice", resource=resource.name, remedy="Add it once.")
        else:
            self._resources[id(resource)] = resource
        return resource

    def add_container(self, name: str, image: str, **options: Unpack[ContainerOptions]) -> Container:
        """Add a container.

        Args:
            name: The resource's name, which is also its name on the app's network.
            image: ``[registry/]repository[:tag][@digest]``.
            **options: See :class:`ContainerOptions`.
        """
        return apply_options(self.add(Container(name, image)), options)

    def add_dockerfile(
        self,
        name: str,
        context: str | os.PathLike[str],
        dockerfile: str = "Dockerfile",
        *,
        target: str | None = None,
        build_args: Mapping[str, ValueLike] | None = None,
        build_secrets: Mapping[str, ValueLike] | None = None,
        **options: Unpack[ContainerOptions],
    ) -> Container:
        """Add a container whose image is built.

        Args:
            name: The resource's name, which is also its name on the app's network.
            context: Folder that is sent to the engine, relative to the app file's folder.
            dockerfile: The Dockerfile, relative to the context.
            target: The stage to build; by default the last.
            build_args: Build arguments.
            build_secrets: What ``RUN --mount=type=secret,id=…`` finds in ``/run/secrets`` while it is built, by id.
            **options: See :class:`ContainerOptions`.
        """
        folder = os.fspath(context) if isinstance(context, os.PathLike) else context
        build = Build(folder, dockerfile, target, build_args, build_secrets)
        return apply_options(self.add(Container(name, build=build)), options)

    def add_executable(
        self,
        name: str,
        command: str,
        cwd: str | os.PathLike[str] = ".",
        *arguments: Argument,
        **options: Unpack[ProcessOptions],
    ) -> Executable:
        """Add a program of this machine.

        Args:
            name: The resource's name.
            command: What to run, found on PATH, or a path relative to ``cwd`` when it holds a slash.
            cwd: The folder to run it in, relative to the app file's folder.
            *arguments: Its arguments.
            **options: See :class:`ProcessOptions`.
        """
        return apply_options(self.add(Executable(name, command, cwd, *arguments)), options)

    def add_python_app(
        self,
        name: str,
        directory: str | os.PathLike[str],
        *,
        script: str | None = None,
        module: str | None = None,
        command: str | None = None,
        **options: Unpack[ProcessOptions],
    ) -> PythonApp:
        """Add a Python program; it runs in its folder's virtual environment, or by the package manager used there.

        Args:
            name: The resource's name.
            directory: Its folder, relative to the app file's.
            script: The file to run, relative to the folder.
            module: The module to run, as ``python -m`` does.
            command: The program to run that one of its packages brings, such as ``celery``, without arguments.
            **options: See :class:`ProcessOptions`.
        """
        app = PythonApp(name, directory, script=script, module=module, command=command)
        return apply_options(self.add(app), options)

    def add_uvicorn_app(
        self,
        name: str,
        directory: str | os.PathLike[str],
        app: str,
        *,
        reload: bool = False,
        **options: Unpack[ProcessOptions],
    ) -> UvicornApp:
        """Add an ASGI app that uvicorn serves, with an HTTP endpoint.

        Args:
            name: The resource's name.
            directory: Its folder, relative to the app file's.
            app: The app as ``module:attribute``.
            reload: Whether uvicorn loads it again when a file changes, in run mode.
            **options: See :class:`ProcessOptions`.
        """
        return apply_options(self.add(UvicornApp(name, directory, app, reload=reload)), options)

    def add_node_app(
        self,
        name: str,
        directory: str | os.PathLike[str],
        script: str | None = None,
        *,
        run: str | None = None,
        **options: Unpack[ProcessOptions],
    ) -> NodeApp:
        """Add a Node program.

        Args:
            name: The resource's name.
            directory: Its folder, relative to the app file's.
            script: The file to run, relative to the folder.
            run: The script of ``package.json`` to run instead, by the folder's package manager.
            **options: See :class:`ProcessOptions`.
        """
        return apply_options(self.add(NodeApp(name, directory, script, run=run)), options)

    def add_vite_app(
        self, name: str, directory: str | os.PathLike[str], *, run: str = "dev", **options: Unpack[ProcessOptions]
    ) -> ViteApp:
        """Add a front end that Vite serves, with an HTTP endpoint.

        Args:
            name: The resource's name.
            directory: Its folder, relative to the app file's.
            run: The script of ``package.json`` that starts Vite.
            **options: See :class:`ProcessOptions`.
        """
        return apply_options(self.add(ViteApp(name, directory, run=run)), options)

    def add_parameter(
        self,
        name: str,
        default: PlainValue | Generate | None = None,
        *,
        secret: bool = False,
        description: str = "",
        publish_default: bool = True,
    ) -> Parameter:
        """Add a value that comes from outside.

        It is looked for on the command line (``--parameter NAME=VALUE``), in ``FAIRLEAD_PARAMETER_<NAME>``, among the
        stored secrets, and in ``[tool.fairlead.parameters]``; then its default counts; then it is asked for.

        Args:
            name: Follows the rules of resource names.
            default: The value when nothing else gives one, as text, a number, a truth value (``true``, ``false``) or
                other plain data; ``Generate()`` makes one up and stores it.
            secret: Whether it must never be shown.
            description: What it is for, shown where it is asked for.
            publish_default: Whether the default goes into what is published. A secret's default never does, except the
                empty text, which says that the secret may be left out.
        """
        return self.add(
            Parameter(name, default, secret=secret, description=description, publish_default=publish_default)
        )

    def add_connection_string(self, name: str, value: Value | None = None) -> ConnectionString:
        """Add a connection string to something that the definition does not run.

        Args:
            name: Consumers see it as ``ConnectionStrings__<name>``.
            value: The string, composed by ``ref``; by default it is a secret parameter.
        """
        return self.add(ConnectionString(name, value))

    def add_external_service(self, name: str, url: str | Value) -> ExternalService:
        """Add a service that runs outside of the app.

        Args:
            name: The resource's name.
            url: Its address, such as ``https://api.example.com``; may be a parameter.
        """
        return self.add(ExternalService(name, url))

    def add_postgres(
        self,
        name: str,
        *,
        image: str = postgres.IMAGE,
        user: str | Parameter = "postgres",
        password: Parameter | None = None,
        **options: Unpack[ContainerOptions],
    ) -> Postgres:
        """Add a PostgreSQL server; its databases come with ``add_database``.

        Args:
            name: The resource's name.
            image: The image to run.
            user: The superuser's name.
            password: Its password; by default a generated and stored parameter ``<name>-password``.
            **options: See :class:`ContainerOptions`.
        """
        return apply_options(self.add(Postgres(name, image=image, user=user, password=password)), options)

    def add_redis(
        self,
        name: str,
        *,
        image: str = redis.IMAGE,
        password: Parameter | None = None,
        **options: Unpack[ContainerOptions],
    ) -> Redis:
        """Add a Redis server.

        Args:
            name: The resource's name.
            image: The image to run.
            password: The password that clients have to give; by default none.
            **options: See :class:`ContainerOptions`.
        """
        return apply_options(self.add(Redis(name, image=image, password=password)), options)

    def add_kubernetes_environment(self, name: str) -> KubernetesEnvironment:
        """Add a cluster that the app is published to; in a run it does nothing.

        Args:
            name: The resource's name.
        """
        return self.add(KubernetesEnvironment(name))

    def add_k3s_cluster(
        self,
        name: str,
        api_server_port: int | None = None,
        agent_count: int = 0,
        *,
        publish_as: PublishLocalAs | None = None,
        **options: Unpack[ContainerOptions],
    ) -> K3sCluster:
        """Add a Kubernetes cluster of k3s, for development on this machine.

        Args:
            name: The resource's name, which is also the server node's, and its name on the app's network.
            api_server_port: The port of this machine at which the API answers; by default chosen once and remembered.
            agent_count: How many agents join the server.
            publish_as: What publishing makes of it: ``external`` or ``skip`` say that its absence is meant; by default
                there is a warning.
            **options: See :class:`ContainerOptions`.
        """
        cluster = K3sCluster(name, api_server_port=api_server_port, agent_count=agent_count, publish_as=publish_as)
        return apply_options(self.add(cluster), options)

    def on_before_start(self, hook: ActionCallback) -> AppBuilder:
        """Call a function once, before anything starts; when it raises, nothing does."""
        if callable(hook):
            self._before_start_hooks.append(hook)
        else:
            mistake(
                f"on_before_start() needs a function, not {kind_of(hook)}",
                resource=self.name,
                remedy="Pass the function itself, without calling it.",
            )
        return self

    def _finish(self) -> App:
        """Complete and check what was described (mistakes are collected, or raised, where they were made)."""
        self._built = True
        resources = tuple(_with_children(self._resources.values()))
        for resource in resources:
            with located_at(resource.where):
                finish(resource)
        validate(resources, self.mode)
        for resource in resources:
            freeze(resource)
        return App(self.name, self.file, self.mode, resources, tuple(self._before_start_hooks))

    def _check_so_far(self) -> None:
        """Report, of a description that broke off, the mistakes that nothing further could have mended."""
        with suppress(Exception):  # what broke it off is reported, and may come again when it is asked for
            validate_so_far(tuple(_with_children(self._resources.values())), self.mode)


def _with_children(resources: Iterable[Resource]) -> Iterable[Resource]:
    """Resources, each followed by those it has adopted; each once, also when a child was added by itself too."""
    seen: set[int] = set()
    pending = list(resources)[::-1]
    while pending:
        resource = pending.pop()
        if id(resource) not in seen:
            seen.add(id(resource))
            yield resource
            pending += resource.children[::-1]


#: Stands for the app file where there is none.
_INTERACTIVE = "<interactive>"


class Definition:
    """The function that describes an app, with the app's name and file. The verbs are in :mod:`fairlead.verbs`.

    Args:
        function: Gets an :class:`AppBuilder`; called anew for each run, publish and test.
        name: The app's name; by default the function's.
        file: The app file; by default the one that holds the function. A function of a notebook, or one that was typed
            in, is in no file: its folders start at the working folder, which tells the app from others, too.
    """

    def __init__(
        self,
        function: Callable[[AppBuilder], None],
        name: str | None = None,
        file: str | os.PathLike[str] | None = None,
    ) -> None:
        self.function = function
        inner = unwrap(function) if callable(function) else None
        code = getattr(inner, "__code__", None)
        if code is None or code.co_flags & (CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR):
            place = user_location()
            raise ModelError(
                f"an app is defined by a plain function, not by {function!r}",
                file=place.file,
                line=place.line,
                remedy="Write @apphost above def shop(app: AppBuilder) -> None; only callbacks may be async.",
            )
        self.name: str = getattr(function, "__name__", code.co_name) if name is None else name
        self._source: str = code.co_filename
        is_in_file = "__file__" in getattr(inner, "__globals__", ())
        self.file = Path(os.path.realpath(file or (self._source if is_in_file else _INTERACTIVE)))
        self.__doc__ = function.__doc__

    def build(self, mode: Mode | ModeText = Mode.RUN) -> App:
        """Evaluate the definition.

        Args:
            mode: What for: ``"run"`` or ``"publish"``.

        Raises:
            DefinitionError: It has mistakes; all of them are in its ``errors``. An exception that ended the definition
                is the last of them, and the cause of the error.
        """
        builder = AppBuilder(self.name, self.file, Mode(mode))
        with collecting(self.name, self._source) as errors:
            if problem := name_problem(self.name):
                mistake(problem, remedy=f'{NAME_REMEDY} Or give the app one: @apphost(name="shop").')
            try:
                self.function(builder)
                app = builder._finish()
            except (Exception, SystemExit) as error:  # what it said before it broke off is still reported
                errors.extend(_as_mistakes(error, self.name))
                builder._check_so_far()
                raise DefinitionError(errors) from error
        if errors:
            raise DefinitionError(errors, app)
        return app


def _as_mistakes(error: Exception | SystemExit, app_name: str) -> Sequence[ModelError]:
    """An exception that ended a definition, as mistakes with a place."""
    if isinstance(error, DefinitionError):
        return error.errors
    place = error.where if isinstance(error, DeferredValueError) else error_location(error)
    if isinstance(error, ModelError):  # a third-party kind may raise one without knowing the place
        file, line = (error.file, error.line) if error.file else (place.file, place.line)
        return [
            ModelError(error.message, resource=error.resource or app_name, file=file, line=line, remedy=error.remedy)
        ]
    if isinstance(error, DeferredValueError):
        text, remedy = error.message, "The definition stopped there."
    elif isinstance(error, SystemExit):
        code = "" if error.code is None else repr(error.code)
        text = f"the definition called sys.exit({code})"
        remedy = "Raise an error that says what is wrong; the definition stopped there."
    else:
        text = f"the definition raised {type(error).__name__}: {error}"
        remedy = "Correct that line; the definition stopped there."
    return [ModelError(text, resource=app_name, file=place.file, line=place.line, remedy=remedy)]
