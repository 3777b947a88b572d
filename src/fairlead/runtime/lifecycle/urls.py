"""The links and the addresses that are shown for a resource."""

from __future__ import annotations

from fairlead.engines.sockets import LOCAL_HOST
from fairlead.model.endpoints.consumer import Network
from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.observation.snapshot import MASKED, EndpointView, Url
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.context import host_consumer
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.values.program_inputs import is_secret
from fairlead.runtime.values.resolver import WaitForOutput


def endpoints_of(run: Run, resource: Resource) -> tuple[EndpointView, ...]:
    """The addresses of its endpoints, as this machine and as the containers of the app see them.

    Args:
        run: The run.
        resource: The resource.
    """
    has_containers = any(start.placement.is_container for start in run.plan.starts)
    networks = (Network.HOST, Network.CONTAINER) if has_containers else (Network.HOST,)
    return tuple(
        EndpointView(
            spec.name,
            _address_text(spec, *run.addresses.address(resource, spec, network)),
            "host" if network is Network.HOST else "container",
            _note(spec, network),
        )
        for network in networks
        for spec in resource.endpoints.values()
    )


def _address_text(spec: EndpointSpec, host: str, port: int) -> str:
    return f"{spec.scheme}://{host}:{port}" if spec.is_http else f"{host}:{port}"


def _note(spec: EndpointSpec, network: Network) -> str:
    notes = ["UDP"] if spec.protocol == "udp" else []
    notes += ["for other machines too"] if spec.external and network is Network.HOST else []
    return ", ".join(notes)


def replica_urls(run: Run, resource: Resource, number: int) -> tuple[Url, ...]:
    """Where one of several replicas of a process is reached by itself, past the balancer.

    Args:
        run: The run.
        resource: The resource.
        number: The number of the replica, from 0.
    """
    return tuple(
        Url(spec.name, f"{spec.scheme}://{LOCAL_HOST}:{run.addresses.target_port(resource, spec, number)}")
        for spec in resource.endpoints.values()
        if spec.protocol == "tcp"
    )


async def urls_of(run: Run, resource: Resource, wait: WaitForOutput) -> tuple[Url, ...]:
    """The addresses of its endpoints as this machine sees them, then the links of ``with_url``.

    Args:
        run: The run.
        resource: The resource.
        wait: Waits for a value that is not known any more, because its provider has started again.
    """
    consumer = host_consumer(resource)
    urls = [
        Url(name, await run.resolver.text(resource.endpoint(name).url, consumer))
        for name, spec in resource.endpoints.items()
        if spec.protocol == "tcp"
    ]
    for url, display in resource.urls:
        text = MASKED if is_secret(url) else await run.resolver.text(url, consumer, wait=wait)
        urls.append(Url(display or "link", text))
    return tuple(urls)
