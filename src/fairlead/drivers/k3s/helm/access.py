"""Opens the Helm of a release: in a container of the app's network, or that of this machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from fairlead.drivers.containers.naming import labels, object_name
from fairlead.drivers.k3s.helm.credentials import (
    HelmFiles,
    HelmNeeds,
    files_for_container,
    read_helm_files,
    repositories_file,
    unnamed_repositories,
)
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.process import inherited_environment
from fairlead.engines.helm import Helm
from fairlead.engines.helm.command_lines import is_plain_http, registry_host
from fairlead.engines.helm.container import HOME, open_container_helm
from fairlead.engines.helm.host import open_host_helm
from fairlead.engines.host_facts import observe_host
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.consumer import Network
from fairlead.model.lifetime import Lifetime
from fairlead.model.names import normal_form

CA_BUNDLE: Final = "ca.crt"


class HelmAccess:
    """How the releases of a run get at a Helm; tests share one of their own.

    Args:
        open: Opens one for a block.
        read_files: Reads what the user has told Helm.
    """

    def __init__(
        self,
        open: Callable[[DriverContext, ClusterLink, HelmNeeds], AbstractAsyncContextManager[Helm]],
        read_files: Callable[[], HelmFiles],
    ) -> None:
        self.open = open
        self.read_files = read_files

    @classmethod
    async def make(cls) -> HelmAccess:
        """The real one."""
        return cls(open_helm, read_helm_files)

    async def close(self) -> None:
        """Each Helm is closed by the block that has opened it."""


@asynccontextmanager
async def open_helm(context: DriverContext, link: ClusterLink, needs: HelmNeeds) -> AsyncIterator[Helm]:
    """A Helm for a cluster, during a block.

    Raises:
        EngineError: The image can't be had, or the engine refuses.
        StartError: A registry is on this machine's loopback, where a container can't reach it.
    """
    if needs.on_host:
        guard = await context.guard()
        assert isinstance(guard, Guard)
        config = json.dumps(link.kubeconfigs[Network.HOST]).encode()
        environment = inherited_environment()
        repositories = host_repositories(read_helm_files(environment), needs)
        async with open_host_helm(
            kubeconfig=config, environment=environment, guard=guard, repositories=repositories
        ) as helm:
            yield helm
        return
    _require_reachable(needs)
    if await link.engine.image(needs.image) is None:
        await link.engine.pull(needs.image, context.log)
    kubeconfig = link.kubeconfigs[Network.CONTAINER]
    files = await files_for_container(read_helm_files(), needs, HOME)
    environment, certificates = surroundings(context, server_of(kubeconfig))
    async with open_container_helm(
        link.engine,
        name=object_name(context.app_id, f"{context.resource.name}-helm"),
        image=needs.image,
        kubeconfig=json.dumps(kubeconfig).encode(),
        network=link.network or None,
        labels=labels(context.app_id, context.run_id, Lifetime.SESSION, context.resource.name),
        environment=environment,
        files={**files, **certificates},
    ) as helm:
        yield helm


def host_repositories(files: HelmFiles, needs: HelmNeeds) -> bytes | None:
    """The repositories of a Helm of this machine where it does not know all that it needs; None where it does."""
    unnamed = unnamed_repositories(files, needs)
    return repositories_file([*files.repositories, *unnamed]) if unnamed else None


def server_of(kubeconfig: Mapping[str, object]) -> str:
    """The host name of the API in a kubeconfig; empty if there is none."""
    clusters = kubeconfig.get("clusters")
    if not isinstance(clusters, list) or not clusters:
        return ""
    return urlsplit(str(clusters[0]["cluster"].get("server", ""))).hostname or ""


def surroundings(context: DriverContext, server: str) -> tuple[dict[str, str], dict[str, bytes]]:
    """The variables and files by which a Helm in a container reaches repositories as programs of this machine do.

    Args:
        context: The start of the release.
        server: The host name of the cluster's API, which is reached without a proxy.
    """
    host = observe_host()
    proxies = {name: url for name, url in host.proxies.items() if name != "NO_PROXY" and not _is_loopback(url)}
    variables = dict(proxies)
    for url in proxies.values():
        if password := urlsplit(url).password:
            context.mask(password)
    if proxies:
        names = [server, *(normal_form(resource.name) for resource in context.app), "localhost", "127.0.0.1"]
        own = [part.strip() for part in host.proxies.get("NO_PROXY", "").split(",")]
        variables["NO_PROXY"] = ",".join(dict.fromkeys(filter(None, (*own, *names))))
    for name, url in host.proxies.items():
        if name != "NO_PROXY" and name not in proxies:
            context.log(f"Helm does without the proxy of {name}: {url} is this machine's loopback, not the container's")
    if host.ca_bundle is None or not (proxies or host.ca_is_chosen):
        return variables, {}
    try:
        certificates = host.ca_bundle.read_bytes()
    except OSError as error:
        context.log(f"The certificates in {host.ca_bundle} can't be read: {error.strerror or error}")
        return variables, {}
    return {**variables, "SSL_CERT_FILE": f"{HOME}/{CA_BUNDLE}"}, {CA_BUNDLE: certificates}


def _is_loopback(url: str) -> bool:
    host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _require_reachable(needs: HelmNeeds) -> None:
    for address in needs.addresses:
        is_here = is_plain_http(address) and _is_loopback(f"//{registry_host(address)}")
        if is_here or (address.startswith(("http://", "https://")) and _is_loopback(address)):
            raise StartError(
                f"{address} is this machine's loopback, which Helm can't reach from its container",
                remedy='Use the name of the app\'s own registry or server, or with_helm_runner("host").',
            )
