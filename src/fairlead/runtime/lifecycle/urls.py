"""The links that are shown for a resource."""

from __future__ import annotations

from fairlead.model.resource import Resource
from fairlead.model.snapshot import MASKED, Url
from fairlead.runtime.lifecycle.context import host_consumer
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.values.program_inputs import is_secret
from fairlead.runtime.values.resolver import WaitForOutput


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
