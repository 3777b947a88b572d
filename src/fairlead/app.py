"""The definition API: the builder that an app is described to.

Evaluating a definition touches nothing: no file, no socket, no engine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, TypeVar, Unpack, overload

from fairlead.model.app import App
from fairlead.model.argument_checks import kind_of
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.frozen import freeze
from fairlead.model.lifetime import PullPolicy, PullPolicyText
from fairlead.model.locations import located_at, mistake
from fairlead.model.parameter import Generate, Parameter
from fairlead.model.programs.image import Build, Image
from fairlead.model.programs.inputs import Argument
from fairlead.model.programs.program import JobProgram
from fairlead.model.programs.workload import Workload
from fairlead.model.publishing import PublishLocalAs
from fairlead.model.resource import ActionCallback, Resource, finish
from fairlead.model.user_functions import Hook
from fairlead.model.validation import validate, validate_so_far
from fairlead.model.values.plain_value import PlainValue
from fairlead.model.values.value import Value, ValueLike
from fairlead.options import ContainerOptions, Options, ProcessOptions, ServerOptions, apply_options
from fairlead.resources import postgres, redis
from fairlead.resources.container import Container
from fairlead.resources.executable import Executable
from fairlead.resources.kubernetes import KubernetesEnvironment
from fairlead.resources.postgres import Postgres
from fairlead.resources.redis import Redis

if TYPE_CHECKING:
    from fairlead.resources.connection_string import ConnectionString
    from fairlead.resources.external import ExternalService
    from fairlead.resources.k3s import K3sCluster
    from fairlead.resources.node import NodeApp, ViteApp
    from fairlead.resources.python import PythonApp, UvicornApp

R = TypeVar("R", bound=Resource)
#: The modules of the kinds that many apps have none of, by the methods that add them.
_LOADED_WHEN_NAMED = {
    "add_connection_string": "connection_string",
    "add_external_service": "external",
    "add_k3s_cluster": "k3s",
    "add_node_app": "node",
    "add_python_app": "python",
    "add_uvicorn_app": "python",
    "add_vite_app": "node",
}


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
        self._groups: tuple[str, ...] = ()
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
            if self._groups:
                resource.with_group(*self._groups)
        return resource

    @contextmanager
    def group(self, *names: str) -> Iterator[None]:
        """Put all that is added inside the block into groups, as ``with_group`` does.

        Args:
            *names: The groups. A block inside another one adds its groups to those.
        """
        if not names:
            mistake("group() needs a group", resource=self.name, remedy='Name one: with app.group("tools"):')
        before = self._groups
        self._groups = (*before, *names)
        try:
            yield
        finally:
            self._groups = before

    def add_image(
        self,
        name: str,
        context: str | os.PathLike[str],
        dockerfile: str | None = None,
        *,
        target: str | None = None,
        build_args: Mapping[str, ValueLike] | None = None,
        build_secrets: Mapping[str, ValueLike] | None = None,
        base_image: str | None = None,
        platform: str | None = None,
        pull_policy: PullPolicy | PullPolicyText | None = None,
    ) -> Image:
        """Add an image that is built once, for all programs that are given it.

        Args:
            name: The resource's name, and in a chart that of the image.
            context: Folder that is sent to the engine, relative to the app file's folder.
            dockerfile: The Dockerfile, relative to the context; by default the folder's ``Dockerfile``, or one that
                Fairlead makes for a Python or Node project that has none.
            target: The stage to build; by default the last.
            build_args: Build arguments.
            build_secrets: What ``RUN --mount=type=secret,id=…`` finds in ``/run/secrets`` while it is built, by id.
            base_image: The same as ``with_base_image``.
            platform: The same as ``with_platform``.
            pull_policy: The same as ``with_pull_policy``.
        """
        image = Image(name, context, dockerfile, target=target, build_args=build_args, build_secrets=build_secrets)
        if base_image is not None:
            image.with_base_image(base_image)
        if platform is not None:
            image.with_platform(platform)
        if pull_policy is not None:
            image.with_pull_policy(pull_policy)
        return self.add(image)

    def add_container(self, name: str, image: str | Image, **options: Unpack[ContainerOptions]) -> Container:
        """Add a container.

        Args:
            name: The resource's name, which is also its name on the app's network.
            image: ``[registry/]repository[:tag][@digest]``, or what :meth:`add_image` returned.
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
        from fairlead.resources.python import PythonApp

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
        from fairlead.resources.python import UvicornApp

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
        from fairlead.resources.node import NodeApp

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
        from fairlead.resources.node import ViteApp

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
        from fairlead.resources.connection_string import ConnectionString

        return self.add(ConnectionString(name, value))

    def add_external_service(self, name: str, url: str | Value) -> ExternalService:
        """Add a service that runs outside of the app.

        Args:
            name: The resource's name.
            url: Its address, such as ``https://api.example.com``; may be a parameter.
        """
        from fairlead.resources.external import ExternalService

        return self.add(ExternalService(name, url))

    @overload
    def add_job(
        self, name: str, program: str | Image, *, command: str | None = None, **options: Unpack[ContainerOptions]
    ) -> Container: ...
    @overload
    def add_job(
        self,
        name: str,
        program: Workload,
        *,
        command: str | None = None,
        script: str | None = None,
        module: str | None = None,
        **options: Unpack[Options],
    ) -> Workload: ...

    def add_job(
        self,
        name: str,
        program: str | Image | Workload,
        *,
        command: str | None = None,
        script: str | None = None,
        module: str | None = None,
        **options: Unpack[ContainerOptions],
    ) -> Workload:
        """Add a program that runs once each time that the user asks for it, as ``fairlead run-job`` does.

        A job of another program gets what that one is given: variables, references, files, volumes and image; and it
        waits for what that one waits for.

        Args:
            name: The resource's name.
            program: An image, also one of :meth:`add_image`; or a resource, whose program it is with other arguments.
            command: What to run in place of its own program: of a container its ENTRYPOINT, of a Python app the program
                of one of its packages, such as ``alembic``, of a Node app a script of ``package.json``.
            script: The same as a file of its folder.
            module: The same as a Python module.
            **options: See :class:`ContainerOptions`; ``args`` are the job's, without those of the other resource.
        """
        instead = JobProgram(command, script, module)
        if isinstance(program, Workload):
            from fairlead.model.programs.jobs import job_of  # for apps that have such jobs

            return apply_options(self.add(job_of(program, name, instead)), options)
        job = self.add_container(name, program, **options).as_job()
        instead.refuse(name, job.kind, "script", "module")
        return job if command is None else job.with_entrypoint(command)

    def add_postgres(
        self,
        name: str,
        *,
        image: str | Image = postgres.IMAGE,
        user: str | Parameter = "postgres",
        password: Parameter | None = None,
        **options: Unpack[ServerOptions],
    ) -> Postgres:
        """Add a PostgreSQL server; its databases come with ``add_database``.

        Args:
            name: The resource's name.
            image: The image to run, by its name or as :meth:`add_image` returned it.
            user: The superuser's name.
            password: Its password; by default a generated and stored parameter ``<name>-password``.
            **options: See :class:`ServerOptions`.
        """
        return apply_options(self.add(Postgres(name, image=image, user=user, password=password)), options)

    def add_redis(
        self,
        name: str,
        *,
        image: str | Image = redis.IMAGE,
        password: Parameter | None = None,
        **options: Unpack[ServerOptions],
    ) -> Redis:
        """Add a Redis server.

        Args:
            name: The resource's name.
            image: The image to run, by its name or as :meth:`add_image` returned it.
            password: The password that clients have to give; by default none.
            **options: See :class:`ServerOptions`.
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
        from fairlead.resources.k3s import K3sCluster

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
        jobs = [resource for resource in resources if isinstance(resource, Workload) and resource.job_of is not None]
        for job in jobs:
            from fairlead.model.programs.jobs import complete_job

            complete_job(job)
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


def load_kinds(code: CodeType) -> None:
    """Load the kinds that the code of a definition names, as evaluating it loads nothing.

    Those that only a function elsewhere names are loaded when it adds one.

    Args:
        code: The code of the function that describes an app.
    """
    for method in _LOADED_WHEN_NAMED.keys() & set(code.co_names):
        import_module(f"fairlead.resources.{_LOADED_WHEN_NAMED[method]}")
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            load_kinds(constant)
