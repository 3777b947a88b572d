"""The model as a document: what the definition says of each resource, which a run does not change.

Values that are known only later stand there as the definition spells them, in braces; secret ones are masked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fairlead.dashboard.documents.links import ModelLink, links_of
from fairlead.model.command import CommandInput
from fairlead.model.lifetime import Lifetime
from fairlead.model.observation.snapshot import MASKED
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.model.values.plain_value import is_plain_value
from fairlead.model.values.value import Value, to_text
from fairlead.resources.container import Container
from fairlead.runtime.lifecycle.run import Run


@dataclass(frozen=True, slots=True)
class ModelVariable:
    """An environment variable; ``value`` is the definition's."""

    name: str
    value: str
    secret: bool


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """An endpoint; a port is null where the run chooses it."""

    name: str
    scheme: str
    protocol: str
    port: int | None
    target_port: int | None
    env: str | None
    external: bool


@dataclass(frozen=True, slots=True)
class ModelVolume:
    """A volume (``source`` is its name, if it has one) or a bind mount (``source`` is a path of this machine)."""

    kind: Literal["volume", "bind"]
    source: str | None
    target: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class ModelWait:
    """A wait for another resource; ``exit_code`` counts for completion only."""

    resource: str
    kind: Literal["ready", "started", "completed"]
    exit_code: int


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A reference to another resource, or to one of its endpoints."""

    resource: str
    endpoint: str | None
    connection_name: str | None
    optional: bool


@dataclass(frozen=True, slots=True)
class ModelCommand:
    """A command of the definition."""

    name: str
    display: str
    confirm: str | None
    inputs: tuple[CommandInput, ...]


@dataclass(frozen=True, slots=True)
class ModelLocation:
    """A line of the app file."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class ModelResource:
    """One resource of the definition.

    Args:
        in_run: Whether this run has it.
        made_from: Its image, program, chart or address, in a few words.
        kept: Whether it outlives the run.
    """

    name: str
    type: str
    location: ModelLocation
    parent: str | None
    in_run: bool
    explicit_start: bool
    icon: str | None
    replicas: int
    made_from: str
    kept: bool
    image: str | None
    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: tuple[ModelVariable, ...]
    endpoints: tuple[ModelEndpoint, ...]
    volumes: tuple[ModelVolume, ...]
    waits: tuple[ModelWait, ...]
    references: tuple[ModelReference, ...]
    health_checks: tuple[str, ...]
    commands: tuple[ModelCommand, ...]


@dataclass(frozen=True, slots=True)
class ModelDocument:
    """The definition of an app; ``links`` are the lines of its graph."""

    name: str
    file: str
    resources: tuple[ModelResource, ...]
    links: tuple[ModelLink, ...]


def model_document(run: Run) -> dict[str, Any]:
    """Return the definition of a run as plain data."""
    started = {plan.name for plan in run.plan.starts}
    writer = _Writer(run.logs.masked)
    resources = tuple(writer.resource(resource, resource.name in started) for resource in run.app)
    return asdict(ModelDocument(run.app.name, str(run.app.file), resources, links_of(run.app)))


class _Writer:
    """Puts what a definition says into words.

    Args:
        masked: Takes known secrets out of a text.
    """

    def __init__(self, masked: Callable[[str], str]) -> None:
        self._masked = masked

    def resource(self, resource: Resource, in_run: bool) -> ModelResource:
        parent = resource.parent or resource.display_parent
        program = resource if isinstance(resource, Workload) else None
        return ModelResource(
            name=resource.name,
            type=resource.kind,
            location=ModelLocation(resource.where.file, resource.where.line),
            parent=parent.name if parent else None,
            in_run=in_run,
            explicit_start=resource.explicit_start,
            icon=resource.icon,
            replicas=program.replicas if program else 1,
            made_from=resource.made_from,
            kept=isinstance(resource, Container) and resource.lifetime is Lifetime.PERSISTENT,
            image=getattr(resource, "image_reference", None) or (program.image if program else None),
            entrypoint=tuple(map(self._masked, program.entrypoint or ())) if program else (),
            arguments=tuple(self._value(entry.value) for entry in program.arguments) if program else (),
            environment=self._environment(program) if program else (),
            endpoints=_endpoints(resource),
            volumes=_volumes(resource),
            waits=tuple(ModelWait(wait.target.name, wait.kind.value, wait.exit_code) for wait in resource.waits),
            references=_references(program) if program else (),
            health_checks=tuple(check.name for check in resource.health_checks),
            commands=tuple(
                ModelCommand(command.name, command.display, command.confirm, command.inputs)
                for command in resource.commands.values()
            ),
        )

    def _environment(self, program: Workload) -> tuple[ModelVariable, ...]:
        return tuple(
            ModelVariable(
                variable.name,
                self._value(variable.value),
                isinstance(variable.value, Value) and variable.value.secret,
            )
            for variable in {variable.name: variable for variable in program.environment}.values()
        )

    def _value(self, value: object) -> str:
        if isinstance(value, Value):
            return MASKED if value.secret else self._masked("".join(map(_part, value.parts())))
        if callable(value):
            return f"{{{getattr(value, '__name__', 'a function')}()}}"
        return self._masked(to_text(value)) if is_plain_value(value) else ""


def _part(part: str | Value) -> str:
    return part if isinstance(part, str) else f"{{{part.describe()}}}"


def _endpoints(resource: Resource) -> tuple[ModelEndpoint, ...]:
    return tuple(
        ModelEndpoint(spec.name, spec.scheme, spec.protocol, spec.port, spec.target_port, spec.env, bool(spec.external))
        for spec in resource.endpoints.values()
    )


def _volumes(resource: Resource) -> tuple[ModelVolume, ...]:
    volumes = resource.volumes if isinstance(resource, Workload) else ()
    mounts = resource.bind_mounts if isinstance(resource, Container) else ()
    return (
        *(ModelVolume("volume", volume.name, volume.target, volume.read_only) for volume in volumes),
        *(ModelVolume("bind", mount.source, mount.target, mount.read_only) for mount in mounts),
    )


def _references(program: Workload) -> tuple[ModelReference, ...]:
    return tuple(
        ModelReference(
            reference.target.name,
            reference.endpoint.spec.name if reference.endpoint is not None else None,
            reference.connection_name,
            reference.optional,
        )
        for reference in program.references
    )
