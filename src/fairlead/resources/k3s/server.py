"""The server of a cluster: its options, its agents, and what those who refer to the cluster get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self

from fairlead.model.endpoints.consumer import Contribution, Mode, Network
from fairlead.model.endpoints.endpoint import EndpointSpec, Protocol
from fairlead.model.endpoints.placement import NeededPort
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.names import derived_name, normal_form, variable_form
from fairlead.model.parameter import Generate, Parameter
from fairlead.model.programs.image import Image
from fairlead.model.publishing import LOCAL, PublishLocalAs
from fairlead.model.resource import Consumer
from fairlead.model.values.value import Output
from fairlead.model.volume import ContainerFile
from fairlead.records import replaced
from fairlead.resources.container import Container
from fairlead.resources.k3s.agent import K3sAgent
from fairlead.resources.k3s.arguments import (
    POD_SIZES,
    SERVICE_SIZES,
    address_problems,
    argument_mistake,
    component_mistake,
    size_problem,
    subnet_problem,
    version_problem,
)
from fairlead.resources.k3s.images import ImageName, LoadedImage
from fairlead.resources.k3s.node import K3sNode
from fairlead.resources.k3s.registry import K3sRegistry

DEFAULT_IMAGE = "rancher/k3s:v1.36.0-k3s1"
API_PORT = 6443
DEFAULT_POD_SUBNET = "10.42.0.0/16"
DEFAULT_SERVICE_SUBNET = "10.43.0.0/16"
NODE_PORTS = (30000, 30085)
"""Where node ports are chosen: the part of the range that Kubernetes leaves to those who choose one themselves
(Kubernetes documentation, "Avoiding NodePort collisions")."""
SPARE_PORTS: Mapping[Protocol, int] = {"tcp": 8, "udp": 2}
"""How many node ports are published beside those of the declared endpoints, for endpoints that are declared later."""


class K3sServer(K3sNode):
    """The server of a cluster, with all that the cluster was told.

    Args:
        name: The resource's name, which is also the server node's, and its name on the app's network.
        api_server_port: The port of this machine at which the API answers; by default chosen once and remembered.
        agent_count: How many agents join the server.
        publish_as: What publishing makes of it: ``external`` or ``skip`` say that its absence is meant.
    """

    kind: ClassVar[str] = "K3s server"
    default_icon: ClassVar[str] = "node"
    driver: ClassVar[str | None] = "fairlead.drivers.k3s.cluster:ClusterDriver"
    publish_choices: ClassVar[Sequence[str]] = LOCAL
    accepts_service_account: ClassVar[bool] = True
    has_pods: ClassVar[bool] = True

    def __init__(
        self,
        name: str,
        *,
        api_server_port: int | None = None,
        agent_count: int = 0,
        publish_as: PublishLocalAs | None = None,
    ) -> None:
        super().__init__(name, DEFAULT_IMAGE)
        self.pod_subnet: str | None = None
        self.service_subnet: str | None = None
        self.disabled_components: list[str] = []
        self.server_arguments: list[str] = []
        self.agent_arguments: list[str] = []
        self.agents: list[K3sAgent] = []
        self.registry: K3sRegistry | None = None
        self.helm_image = ImageName("alpine/helm", "3.17.3")
        self.kubectl_image = ImageName("alpine/kubectl", "1.36.0")
        self.loaded_images: list[LoadedImage] = []
        self.keeps_data = False
        self.publish_as = publish_as if self._may_publish_as("add_k3s_cluster", publish_as, LOCAL) else None
        #: What the server knows its nodes by.
        self.token = self.adopt(Parameter(derived_name(self.name, "token"), Generate(32), secret=True))
        port = self._port("api_server_port", api_server_port)
        self._imply_endpoint(EndpointSpec("api", "https", user_location(), port=port, target_port=API_PORT))
        self.with_environment("K3S_TOKEN", self.token)
        self.with_agent_count(agent_count)
        self.excluded_from_manifest = True

    # The cluster

    def with_k3s_version(self, version: str) -> Self:
        """Run another version of k3s on all nodes.

        Args:
            version: A tag of the image, such as ``v1.36.0-k3s1``. For an image of your own use ``with_image``.
        """
        self._declare("with_k3s_version")
        if self._text("with_k3s_version", "version", version):
            problem = version_problem(version)
            if problem is None:
                return self.with_image_tag(version)
            mistake(f"with_k3s_version() got {version!r}, {problem.message}", resource=self.name, remedy=problem.remedy)
        return self

    def with_agent_count(self, count: int) -> Self:
        """Add agents, called ``<cluster>-agent-0`` and so on; several calls add up.

        Args:
            count: How many more; 0 adds none.
        """
        self._declare("with_agent_count")
        if self._number("with_agent_count", "count", count, 0, 50):
            for _ in range(count):
                name = derived_name(self.name, f"agent-{len(self.agents)}")
                self.agents.append(self.adopt(K3sAgent(name, self.name, DEFAULT_IMAGE, self.token)))
        return self

    def with_pod_subnet(self, cidr: str) -> Self:
        """Give pods addresses of another range than 10.42.0.0/16.

        Args:
            cidr: Such as ``10.52.0.0/16``; an IPv4 and an IPv6 range with a comma between them for both.
        """
        self._declare("with_pod_subnet")
        if self._subnet("with_pod_subnet", cidr, POD_SIZES):
            self.pod_subnet = cidr
        return self

    def with_service_subnet(self, cidr: str) -> Self:
        """Give services addresses of another range than 10.43.0.0/16.

        Args:
            cidr: As for :meth:`with_pod_subnet`.
        """
        self._declare("with_service_subnet")
        if self._subnet("with_service_subnet", cidr, SERVICE_SIZES):
            self.service_subnet = cidr
        return self

    def with_disabled_component(self, component: str) -> Self:
        """Leave out a component that k3s brings along; several calls add up.

        Args:
            component: ``coredns``, ``servicelb``, ``traefik``, ``local-storage`` or ``metrics-server``.
        """
        self._declare("with_disabled_component")
        if self._text("with_disabled_component", "component", component):
            problem = component_mistake(component)
            if problem is not None:
                mistake(f"with_disabled_component(): {problem.message}", resource=self.name, remedy=problem.remedy)
            elif component not in self.disabled_components:
                self.disabled_components.append(component)
        return self

    def with_extra_arg(self, argument: str) -> Self:
        """Give the server another argument of ``k3s server``, such as ``--kubelet-arg=max-pods=50``.

        Args:
            argument: Flag and value as one text. Everyone who may use the engine can read it, so it is no place for a
                secret.
        """
        self._declare("with_extra_arg")
        if self._argument("with_extra_arg", argument):
            self.server_arguments.append(argument)
        return self

    def with_agent_arg(self, argument: str) -> Self:
        """Give every agent another argument of ``k3s agent``, such as ``--node-label=disk=fast``.

        Args:
            argument: As for :meth:`with_extra_arg`.
        """
        self._declare("with_agent_arg")
        if self._argument("with_agent_arg", argument):
            self.agent_arguments.append(argument)
        return self

    def with_data_volume(self, name: str | None = None) -> Self:
        """Keep what is in the cluster in volumes, so that it is there again after its containers were created anew.

        Each node has two: one for its data, and one by which the server knows it again.

        Args:
            name: What the server's volume is called; by default the resource's name with ``-data``. The second one
                adds ``-node`` to that, those of agents are called after them.
        """
        self._declare("with_data_volume")
        own_name = self._optional_text("with_data_volume", "name", name)
        self.keeps_data = True
        self.keep_data(own_name or f"{self.name}-data")
        return self

    def with_helm_image(self, tag: str | None = None, image: str | None = None, registry: str | None = None) -> Self:
        """Run Helm from another image than ``alpine/helm:3.17.3``; what is left out stays as it is.

        Args:
            tag: Its tag.
            image: Its repository.
            registry: Its registry.
        """
        self.helm_image = self._tool_image("with_helm_image", self.helm_image, tag, image, registry)
        return self

    def with_kubectl_image(self, tag: str | None = None, image: str | None = None, registry: str | None = None) -> Self:
        """Run kubectl, which builds Kustomize folders, from another image than ``alpine/kubectl:1.36.0``.

        Args:
            tag: Its tag; what is left out stays as it is.
            image: Its repository.
            registry: Its registry.
        """
        self.kubectl_image = self._tool_image("with_kubectl_image", self.kubectl_image, tag, image, registry)
        return self

    def with_registry(self, name: str | None = None, *, port: int | None = None) -> Self:
        """Run a registry that the nodes pull from; its address on this machine is ``registry.endpoint()``.

        Args:
            name: The resource's name; by default ``<cluster>-registry``.
            port: The port of this machine that images are pushed to; by default chosen once and remembered.
        """
        self._declare("with_registry")
        own_name = self._optional_text("with_registry", "name", name)
        if self.registry is None:
            named = own_name or derived_name(self.name, "registry")
            self.registry = self.adopt(K3sRegistry(named, port=self._port("port", port)))
        else:
            mistake("with_registry() was called twice", resource=self.name, remedy="A cluster has one registry.")
        return self

    def load_image(self, image: str | Container | Image) -> Self:
        """Bring an image of the engine into every node, whenever it has changed, before anything is installed.

        Args:
            image: Its name, such as ``api:dev``, or what the app builds: an image of ``add_image``, or a container with
                a Dockerfile.
        """
        self._declare("load_image")
        if isinstance(image, (Container, Image)) or self._text("load_image", "image", image):
            self.loaded_images.append(LoadedImage(image, user_location()))
        return self

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the images that it loads, and the build arguments and secrets of containers whose images it loads."""
        yield from super()._given_values()
        for loaded in self.loaded_images:
            source = loaded.source
            if isinstance(source, Image):
                yield source.reference, loaded.where
            build = source.build if isinstance(source, Container) else None
            for value in build.values() if build is not None else ():
                yield value, loaded.where

    # What others get of it

    @property
    def kubeconfig(self) -> Output:
        """A kubeconfig with all rights, as text, with the address that its reader reaches the API at."""
        return self.output("kubeconfig", secret=True)

    def kubeconfig_of(self, consumer: str, network: Network, service_account: str | None = None) -> Output:
        """The kubeconfig of one consumer: for a process of this machine the path of a file, for a container its text.

        Args:
            consumer: The consumer's name.
            network: The network it is on.
            service_account: ``namespace/name`` of the ServiceAccount whose rights it has; None for all rights.
        """
        return self.output(kubeconfig_output(consumer, service_account), secret=network is not Network.HOST)

    def contribute(self, consumer: Consumer) -> Contribution:
        """``KUBECONFIG`` with the path of a kubeconfig, which a container gets as a copy.

        The same path is in ``<NAME>_KUBECONFIG``, for a consumer of two clusters. In a cluster that is published to, a
        consumer gets a ServiceAccount instead.
        """
        if consumer.mode is Mode.PUBLISH:
            return Contribution()
        kubeconfig = self.kubeconfig_of(consumer.resource.name, consumer.network, consumer.service_account)
        own_variable = f"{variable_form(consumer.connection_name or self.name)}_KUBECONFIG"
        if consumer.network is Network.HOST:
            return Contribution(env={"KUBECONFIG": kubeconfig, own_variable: kubeconfig})
        path = kubeconfig_path(self.name)
        file = ContainerFile(path, contents=kubeconfig, mode=0o600)
        return Contribution(env={"KUBECONFIG": path, own_variable: path}, files=(file,))

    def _published_address(self, endpoint: EndpointSpec) -> tuple[str, int | str] | None:
        """The API of the cluster that the app is published to, as every pod of it knows it."""
        return ("kubernetes.default.svc", 443) if endpoint.name == "api" else None

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        """Spare node ports, for service endpoints that are declared while its container exists."""
        for protocol, count in SPARE_PORTS.items():
            for number in range(count):
                yield NeededPort(
                    self.name, f"spare-{protocol}-{number}", within=NODE_PORTS, protocol=protocol, spare=True
                )

    # When the app is built

    def _finish(self) -> None:
        """Hand on to the agents what the cluster was told in whatever order, and check what only shows then."""
        super()._finish()
        for agent in self.agents:
            agent.built_image = self.built_image
            agent.image, agent.image_tag, agent.image_registry = self.image, self.image_tag, self.image_registry
            agent.pull_policy, agent.platform, agent.lifetime = self.pull_policy, self.platform, self.lifetime
            if self.keeps_data:
                agent.keep_data(f"{agent.name}-data")
        if self.registry is not None:
            self.registry.lifetime = self.lifetime
        pods, services = self.pod_subnet or DEFAULT_POD_SUBNET, self.service_subnet or DEFAULT_SERVICE_SUBNET
        for problem in address_problems(pods, services, 1 + len(self.agents), self.server_arguments):
            mistake(problem.message, resource=self.name, remedy=problem.remedy)

    # Checks

    def _subnet(self, method: str, cidr: object, sizes: tuple[int, int]) -> bool:
        if not self._text(method, "subnet", cidr):
            return False
        problem = subnet_problem(str(cidr)) or size_problem(str(cidr), *sizes)
        if problem is not None:
            mistake(f"{method}() got {cidr!r}, {problem.message}", resource=self.name, remedy=problem.remedy)
        return problem is None

    def _argument(self, method: str, argument: object) -> bool:
        if not self._text(method, "argument", argument):
            return False
        problem = argument_mistake(str(argument))
        if problem is not None:
            mistake(f"{method}(): {problem.message}", resource=self.name, remedy=problem.remedy)
        return problem is None

    def _tool_image(
        self, method: str, known: ImageName, tag: str | None, image: str | None, registry: str | None
    ) -> ImageName:
        self._declare(method)
        given = {"tag": tag, "image": image, "registry": registry}
        texts = {what: self._optional_text(method, what, text) for what, text in given.items()}
        return replaced(known, **{what: text for what, text in texts.items() if text is not None})

    def _may_publish_as(self, method: str, publish_as: object, known: Sequence[str]) -> bool:
        return publish_as is None or self._one_of(method, "publish_as", publish_as, known)


def kubeconfig_output(consumer: str, service_account: str | None = None) -> str:
    """What the output is called that has a consumer's kubeconfig."""
    return f"kubeconfig-of-{consumer}" + (f"-as-{service_account}" if service_account else "")


def kubeconfig_path(cluster: str) -> str:
    """Where a container finds its kubeconfig of a cluster."""
    return f"/var/run/fairlead/{normal_form(cluster)}/kubeconfig"
