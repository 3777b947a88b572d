"""K3s clusters: a server with its agents, and what is declared in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from fairlead.model.publishing import PublishLocalAs, PublishManifestAs, PublishReleaseAs
from fairlead.resources.k3s.helm_release import HelmRelease
from fairlead.resources.k3s.manifest import KubernetesManifest, ManifestSource
from fairlead.resources.k3s.server import K3sServer
from fairlead.resources.k3s.service_endpoint import ServiceEndpoint


class K3sCluster(K3sServer):
    """A Kubernetes cluster of k3s, for development on this machine. It is its own server; agents are its children.

    Args:
        name: The resource's name, which is also the server node's, and its name on the app's network.
        api_server_port: The port of this machine at which the API answers; by default chosen once and remembered.
        agent_count: How many agents join the server.
        publish_as: What publishing makes of it: ``external`` or ``skip`` say that its absence is meant.
    """

    kind: ClassVar[str] = "K3s cluster"
    default_icon: ClassVar[str] = "cluster"

    def add_helm_release(
        self,
        name: str,
        chart: str | os.PathLike[str],
        repo: str | None = None,
        version: str | None = None,
        namespace: str = "default",
        *,
        release_name: str | None = None,
        create_namespace: bool = True,
        wait: bool = True,
        timeout: float = 600,
        values: Mapping[str, Any] | None = None,
        values_files: Iterable[str | os.PathLike[str]] = (),
        publish_as: PublishReleaseAs | None = None,
    ) -> HelmRelease:
        """Install a chart in the cluster once that is ready.

        Args:
            name: The resource's name.
            chart: The chart's name in the repository, ``oci://…``, or a folder or archive relative to the app file's
                folder: ``./chart``.
            repo: The repository's address.
            version: The chart's version; by default the newest.
            namespace: Where it is installed.
            release_name: What Helm calls it; by default the resource's name.
            create_namespace: Whether to create the namespace if it is missing.
            wait: Whether it is finished only when its workloads are up.
            timeout: Seconds that it may take.
            values: Its values; leaves may be deferred, such as ``cache.endpoint("tcp").host``.
            values_files: Files with values, relative to the app file's folder; later ones win, and ``values`` over
                them.
            publish_as: What publishing makes of it: ``dependency`` of the app's chart, ``external`` (it is there by
                other means) or ``skip``; by default it is left out with a warning.
        """
        release = HelmRelease(
            name,
            self,
            chart,
            repo=repo,
            version=version,
            namespace=namespace,
            release_name=release_name,
            create_namespace=create_namespace,
            wait=wait,
            timeout=timeout,
            values=values,
            publish_as=publish_as,
        )
        release.take_values_files(values_files)
        return self.adopt(release)

    def add_k8s_manifest(
        self,
        name: str,
        source: ManifestSource,
        *,
        namespace: str | None = None,
        wait: bool = True,
        timeout: float = 600,
        publish_as: PublishManifestAs | None = None,
    ) -> KubernetesManifest:
        """Apply objects to the cluster once that is ready.

        Args:
            name: The resource's name.
            source: A file or folder of YAML or JSON, or a folder with a Kustomization, relative to the app file's
                folder and read when it starts; or objects as mappings, whose leaves may be deferred.
            namespace: For objects that name none; by default ``default``.
            wait: Whether it is finished only when its workloads are up.
            timeout: Seconds that it may take.
            publish_as: What publishing makes of it: ``template`` of the app's chart, ``external`` (it is there by other
                means) or ``skip``; by default it is left out with a warning.
        """
        return self.adopt(
            KubernetesManifest(
                name, self, source, namespace=namespace, wait=wait, timeout=timeout, publish_as=publish_as
            )
        )

    def add_service_endpoint(
        self,
        name: str,
        service: str,
        port: int | str,
        namespace: str = "default",
        scheme: str | None = None,
        external: bool = False,
        *,
        host_port: int | None = None,
        publish_as: PublishLocalAs | None = None,
    ) -> ServiceEndpoint:
        """Reach a Service of the cluster from this machine and from the app's containers.

        Args:
            name: The resource's name.
            service: The Service's name.
            port: Its port, or the name of that.
            namespace: Its namespace.
            scheme: What is spoken there: ``http``, ``https``, ``tcp``, ``udp``, or any other that a client understands;
                by default ``https`` for 443 and 8443, else ``http``.
            external: Whether it is reachable from other machines too.
            host_port: The port of this machine; by default chosen once and remembered.
            publish_as: What publishing makes of it: ``external`` or ``skip`` say that its absence is meant.
        """
        return self.adopt(
            ServiceEndpoint(
                name,
                self,
                service,
                port,
                namespace=namespace,
                scheme=scheme,
                external=external,
                host_port=host_port,
                publish_as=publish_as,
            )
        )
