"""What can only be checked once the whole definition is known: names, references, endpoints, cycles, ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.model.attribute_checks import check_attributes
from fairlead.model.composition.composition import compose
from fairlead.model.composition.contributions import ReferenceContribution
from fairlead.model.composition.dependencies import find_cycles, given_values_of, reference_values
from fairlead.model.composition.providers import provider_of
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.endpoints.placement import PlacementKind
from fairlead.model.locations import Location, located_at, mistake
from fairlead.model.names import listing, name_problem, nearest, normal_form, with_article
from fairlead.model.parameter import Parameter
from fairlead.model.programs.image import Image
from fairlead.model.programs.inputs import Reference
from fairlead.model.programs.program import Program
from fairlead.model.programs.workload import Workload, refuse_secret_arguments
from fairlead.model.resource import Resource, Wait, endpoint_handles, ports_on_containers
from fairlead.model.wait import WaitKind


def validate(resources: Sequence[Resource], mode: Mode) -> None:
    """Report every mistake that spans resources (collected, or raised, by :func:`mistake`)."""
    _check_names(resources)
    members = {id(resource) for resource in resources}
    by_name = {resource.name: resource for resource in resources}
    for resource in resources:
        with located_at(resource.where):
            _check_targets(resource, members, mode)
            _check_display(resource, members)
            _check_place(resource, by_name)
            check_attributes(resource)
            if isinstance(resource, Workload) and resource.placement.is_container and mode is Mode.RUN:
                refuse_secret_arguments(resource, "container")  # those of a pod refer to variables
    for resource in resources:  # not before all connection strings were asked for, which may ask for an endpoint
        _check_endpoints(resource)
    _check_cycles(resources, mode)
    _check_ports(resources)
    _check_volumes(resources)


def validate_so_far(resources: Sequence[Resource], mode: Mode) -> None:
    """Report the mistakes of a definition that broke off which no further line could mend."""
    _check_names(resources)
    _check_cycles(resources, mode)
    _check_ports(resources)


def _check_names(resources: Sequence[Resource]) -> None:
    seen: dict[str, Resource] = {}
    for resource in resources:
        if name_problem(resource.name):
            continue  # reported where it was made
        form = normal_form(resource.name)
        first = seen.setdefault(form, resource)
        if isinstance(first, Image) and isinstance(resource, Image) and first is not resource:
            _refuse_second_image(first, resource)
        elif first is not resource:
            same = "has the same name" if first.name == resource.name else f"is {first.name!r}, which is the same name"
            mistake(
                f"the {first.kind} at {first.where} {same}",
                resource=resource.name,
                where=resource.where,
                remedy="Give each resource a name of its own; case and '_' or '-' make no difference.",
            )


def _refuse_second_image(first: Image, second: Image) -> None:
    """Report an image that is added twice: an image has one build, whoever runs it."""
    if differences := first.differences(second):
        mistake(
            f"it is built differently at {first.where}, with another {listing(differences)}, and one name stands for "
            "one image",
            resource=second.name,
            where=second.where,
            remedy="Give one of the two another name.",
        )
    else:
        mistake(
            f"the same image was added at {first.where}",
            resource=second.name,
            where=second.where,
            remedy="Add it once, and give what add_image() returned to each of its programs.",
        )


def _check_endpoints(resource: Resource) -> None:
    for handle in endpoint_handles(resource):
        if handle.find() is None:
            guess = nearest(handle.requested or "http", resource.endpoints)
            mistake(
                handle.problem(),
                resource=resource.name,
                where=handle.where,
                remedy=f"Did you mean {guess!r}?"
                if guess
                else "Declare it with with_endpoint() or with_http_endpoint().",
            )


def _check_targets(resource: Resource, members: set[int], mode: Mode) -> None:
    for wait in resource.waits:
        _check_wait(resource, wait, members)
    references = resource.references if isinstance(resource, Workload) else []
    for reference in references:
        _check_reference(resource, reference, members)
    reported = {id(reference.target) for reference in references}
    image = resource.built_image if isinstance(resource, Workload) else None
    if image is not None and id(image) not in members:
        reported.add(id(image))
        _outsider(resource, image, "runs the image", resource.where)
    contributions = _check_composition(resource, mode) if isinstance(resource, Workload) else ()
    for value, where in (*given_values_of(resource), *reference_values(contributions)):
        for leaf in value.leaves():
            owner = provider_of(leaf)
            if owner is not None and id(owner) not in members and id(owner) not in reported:
                reported.add(id(owner))
                _outsider(resource, owner, f"uses {leaf.describe()} of", where)


def _check_wait(resource: Resource, wait: Wait, members: set[int]) -> None:
    if id(wait.target) not in members:
        _outsider(resource, wait.target, "waits for", wait.where)
    elif isinstance(wait.target, Program) and wait.target.is_job:
        mistake(
            f"waits for the job {wait.target.name!r}, which only runs when it is asked for",
            resource=resource.name,
            where=wait.where,
            remedy="Wait for a program that starts with the app: the same without as_job(), by add_container() or its "
            "like.",
        )
    elif wait.target.driver is None:
        mistake(
            f"waits for {wait.target.name!r}, which is a {wait.target.kind} and never starts",
            resource=resource.name,
            where=wait.where,
            remedy="Wait for something that runs.",
        )
    elif wait.kind is WaitKind.COMPLETED and wait.target.passive:
        mistake(
            f"waits for the end of {wait.target.name!r}, and {with_article(wait.target.kind)} never ends",
            resource=resource.name,
            where=wait.where,
            remedy=f"Wait until it is there: wait_for({wait.target.name}).",
        )
    elif wait.kind is WaitKind.COMPLETED and isinstance(wait.target, Program) and wait.target.restart == "always":
        mistake(
            f"waits for the end of {wait.target.name!r}, which is always started again",
            resource=resource.name,
            where=wait.where,
            remedy=f'Start it again only when it fails: {wait.target.name}.with_restart("on-failure").',
        )


def _check_reference(resource: Resource, reference: Reference, members: set[int]) -> None:
    target = reference.target
    if id(target) not in members:
        _outsider(resource, target, "refers to", reference.where)
    elif isinstance(target, Parameter):
        mistake(
            f"refers to the parameter {target.name!r}, which has a value only",
            resource=resource.name,
            where=reference.where,
            remedy="Give it to a variable: with_environment(NAME, parameter).",
        )
    elif _gives_nothing(target) and reference.endpoint is None:
        mistake(
            f"refers to {target.name!r}, which has neither an endpoint nor a connection string",
            resource=resource.name,
            where=reference.where,
            remedy=f"Give {target.name!r} one, for example with_http_endpoint().",
        )


def _gives_nothing(target: Resource) -> bool:
    inherited = type(target).contribute is Resource.contribute
    return inherited and not target.endpoints and target.connection_string is None


def _outsider(resource: Resource, target: Resource, relation: str, where: Location) -> None:
    mistake(
        f"{relation} {target.name!r}, which is not part of this app",
        resource=resource.name,
        where=where,
        remedy=f"Add it: app.add({target.name}).",
    )


def _check_composition(workload: Workload, mode: Mode) -> Sequence[ReferenceContribution]:
    """Report what references, and kinds that fill in variables or arguments, give that no program can be given.

    Returns:
        What its references give.
    """
    composition = compose(workload, mode)
    for found in composition.mistakes:
        mistake(found.message, resource=workload.name, where=found.where, remedy=found.remedy)
    return composition.contributions


def _check_display(resource: Resource, members: set[int]) -> None:
    above, steps = resource.display_parent, 0
    if above is not None and id(above) not in members:
        _outsider(resource, above, "is to be shown below", resource.where)
    while above is not None and above is not resource and steps < len(members):
        above, steps = above.display_parent or above.parent, steps + 1
    if above is resource:
        mistake("is to be shown below itself", resource=resource.name, remedy="Take a with_parent_relationship() out.")


def _check_place(resource: Resource, by_name: Mapping[str, Resource]) -> None:
    """What a kind says of where it runs, which a definition can get wrong by leaving the other resource out."""
    place = resource.placement
    ports = list(ports_on_containers(resource))
    named = [(place.of, place.kind is PlacementKind.PORT)] + [(port.container_of, True) for port in ports]
    for name, is_container in dict.fromkeys(named):
        if name is not None and name not in by_name:
            mistake(
                f"runs in {name!r}, or is reached through it, and there is no such resource",
                resource=resource.name,
                remedy=f"Add {name!r} to the app.",
            )
        elif name is not None and is_container and not by_name[name].placement.is_container:
            mistake(
                f"needs a port on the container of {name!r}, which is {with_article(by_name[name].kind)} and has none",
                resource=resource.name,
                remedy="Name a resource that runs as a container.",
            )
    missing = resource.endpoints.keys() - {port.name for port in ports}
    if place.kind is PlacementKind.PORT and missing:
        mistake(
            f"is reached through {place.of!r}, and asks for no port there for {listing(sorted(missing))}",
            resource=resource.name,
            remedy="Its kind has to yield a NeededPort for each endpoint, in ports_on_containers().",
        )


def _check_cycles(resources: Sequence[Resource], mode: Mode) -> None:
    for cycle in find_cycles(resources, mode):
        steps = [f"{resource.name} {step.reason} {step.target.name} ({step.where})" for resource, step in cycle]
        first, step = cycle[0]
        mistake(
            "nothing in this circle could ever start: " + ", ".join(steps),
            resource=first.name,
            where=step.where,
            remedy="Take one of the waits out.",
        )


def _check_ports(resources: Sequence[Resource]) -> None:
    taken: dict[tuple[str, int], tuple[Resource, EndpointSpec]] = {}
    for resource in resources:
        for spec in resource.endpoints.values():
            port = spec.port or (None if not resource.placement.is_process else spec.target_port)
            if port is None:
                continue
            first, other = taken.setdefault((spec.protocol, port), (resource, spec))
            if other is not spec:
                whose = f"endpoint {other.name!r} has" if first is resource else f"{first.name!r} has"
                mistake(
                    f"endpoint {spec.name!r} wants port {port} of this machine, which {whose}",
                    resource=resource.name,
                    where=spec.where,
                    remedy="Leave the port out to have one chosen.",
                )


def _check_volumes(resources: Sequence[Resource]) -> None:
    """Report volumes that a cluster would share between a process and a container, and a run would not."""
    users: dict[str, Workload] = {}
    workloads = [resource for resource in resources if isinstance(resource, Workload)]
    for workload in workloads:
        if workload.placement.is_process:
            users |= {normal_form(volume.name): workload for volume in workload.volumes if volume.name is not None}
    for workload in workloads:
        for volume in workload.volumes:
            process = users.get(normal_form(volume.name or ""))
            if process is not None and not workload.placement.is_process:
                mistake(
                    f"its volume {volume.name!r} is one of the engine, and for {process.name!r}, which is a process, a "
                    "folder of this machine, so a run would not share it",
                    resource=workload.name,
                    where=volume.where,
                    remedy="Give the two volumes different names, or run both as containers.",
                )
