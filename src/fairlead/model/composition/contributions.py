"""What references give to a program: asked of each resource for the consumer that it is, and checked.

``contribute()`` may be a third party's code. What it gives that is of a wrong type is a mistake of the reference, which
is worded here for all who ask: the definition, a run, and publishing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fairlead.model.argument_checks import kind_of
from fairlead.model.endpoints.consumer import Contribution, Mode, Network
from fairlead.model.endpoints.reference import endpoint_variables
from fairlead.model.locations import Location
from fairlead.model.names import variable_name_problem
from fairlead.model.programs.inputs import Reference
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Consumer, Resource
from fairlead.model.volume import BindMount, VolumeMount, file_problem
from fairlead.records import record, replaced


@record
class Mistake:
    """Something that can't be given to a program.

    Args:
        message: What it is, as a sentence without the resource's name.
        remedy: What to do about it.
        where: The line that asked for it.
    """

    message: str
    remedy: str
    where: Location


@record
class ReferenceContribution:
    """What one reference gives.

    Args:
        reference: The reference.
        contribution: What it gives, without the parts that have mistakes.
        mistakes: What can't be given. Values of variables are only looked at when they are composed.
    """

    reference: Reference
    contribution: Contribution
    mistakes: tuple[Mistake, ...] = ()

    def values(self) -> Iterator[object]:
        """The values in it: those of variables, and the contents of files."""
        yield from self.contribution.env.values()
        for file in self.contribution.files:
            yield file.contents


def network_of(resource: Resource) -> Network:
    """The network that a resource is on in a run."""
    return resource.placement.network


def consumer_of(resource: Resource, mode: Mode) -> Consumer:
    """A resource as it asks others for values: from where it runs, or from its pods where it is published."""
    return Consumer(resource, network_of(resource) if mode is Mode.RUN else Network.POD, mode)


def contributions_to(workload: Workload, mode: Mode) -> Iterator[ReferenceContribution]:
    """What each of its references gives to a program."""
    consumer = consumer_of(workload, mode)
    for reference in workload.references:
        yield contribution_of(reference, consumer)


def contribution_of(reference: Reference, consumer: Consumer) -> ReferenceContribution:
    """What one reference gives to its consumer."""
    target = reference.target
    if reference.endpoint is not None:
        name = reference.connection_name or target.name
        return ReferenceContribution(reference, Contribution(env=endpoint_variables(name, [reference.endpoint])))
    try:
        asks = replaced(consumer, connection_name=reference.connection_name, service_account=reference.service_account)
        given: object = target.contribute(asks)
    except Exception as error:  # the code of a kind, which may be anybody's
        message = f"what {target.name!r} gives it raised {type(error).__name__}: {error}"
        mistake = Mistake(message, f"Correct contribute() of {type(target).__name__}.", reference.where)
        return ReferenceContribution(reference, Contribution(), (mistake,))
    if not isinstance(given, Contribution):
        mistake = _mistake(reference, f"{kind_of(given)}, and no Contribution", "return Contribution(env={…})")
        return ReferenceContribution(reference, Contribution(), (mistake,))
    if type(target).contribute is Resource.contribute:  # makes nothing but variables, with names that can be names
        return ReferenceContribution(reference, given)
    return _checked(reference, given)


def _mistake(reference: Reference, found: str, remedy: str) -> Mistake:
    target = reference.target
    message = f"its reference to {target.name!r} gives {found}"
    return Mistake(message, f"Let contribute() of {type(target).__name__} {remedy}.", reference.where)


def _checked(reference: Reference, given: Contribution) -> ReferenceContribution:
    empty = Contribution()
    mistakes: list[Mistake] = []
    for field, (problems_of, remedy) in _CHECKS.items():
        problems = [*problems_of(getattr(given, field))]
        if problems:
            mistakes += [_mistake(reference, f"{problem} in {field}", f"give {remedy}") for problem in problems]
            given = replaced(given, **{field: getattr(empty, field)})
    return ReferenceContribution(reference, given, tuple(mistakes))


def _problems_of_env(env: object) -> Iterator[str]:
    if not isinstance(env, Mapping):
        yield kind_of(env)
        return
    for name in env:
        if variable_name_problem(name):
            yield f"the variable {name!r}" if isinstance(name, str) else f"{kind_of(name)} as the name of a variable"


def _problems_of_mounts(mounts: object) -> Iterator[str]:
    if not isinstance(mounts, (tuple, list)):
        yield kind_of(mounts)
        return
    yield from (kind_of(mount) for mount in mounts if not isinstance(mount, (VolumeMount, BindMount)))


def _problems_of_hosts(hosts: object) -> Iterator[str]:
    if not isinstance(hosts, Mapping):
        yield kind_of(hosts)
        return
    for host, address in hosts.items():
        if not (isinstance(host, str) and isinstance(address, str)):
            yield f"{kind_of(address)} as the address of {host if isinstance(host, str) else kind_of(host)}"


def _problems_of_files(files: object) -> Iterator[str]:
    if not isinstance(files, (tuple, list)):
        yield kind_of(files)
        return
    yield from (problem for file in files if (problem := file_problem(file)) is not None)


_CHECKS: Mapping[str, tuple[Callable[[object], Iterator[str]], str]] = {
    "env": (_problems_of_env, "variables by their names: env={'NAME': value}"),
    "mounts": (_problems_of_mounts, "VolumeMount or BindMount objects: mounts=(VolumeMount(name, target),)"),
    "extra_hosts": (_problems_of_hosts, "addresses by host names: extra_hosts={'host': '10.0.0.1'}"),
    "files": (_problems_of_files, "files with contents or a source: files=(ContainerFile(path, contents),)"),
}
"""For each part of a contribution what finds wrong types in it, and what to give instead."""
