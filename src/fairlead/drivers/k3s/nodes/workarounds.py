"""What a node needs of k3s beyond its options, because of the machine and the engine that it runs on.

Pure decisions on facts: what an engine says (``EngineFacts``) and, where it runs on this machine, what that has
(``HostFacts``). Nothing is changed outside a node's own container. Two things are left to k3s itself: as the first
process of its container it moves what runs there into a control group of its own where those are of version 2, so that
the kubelet can make others beside it; and it judges the limits of connection tracking. So no program may be put in
front of it: neither ``--init`` nor another entrypoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fairlead.drivers.k3s.nodes.node_arguments import node_name
from fairlead.engines.engine_facts import EngineFacts
from fairlead.engines.host_facts import HostFacts
from fairlead.model.names import normal_form
from fairlead.model.volume import ContainerFile
from fairlead.resources.k3s.server import DEFAULT_POD_SUBNET, DEFAULT_SERVICE_SUBNET, K3sServer

RESOLV_CONF: Final = "/etc/rancher/k3s/fairlead-resolv.conf"
CA_BUNDLE: Final = "/etc/rancher/k3s/fairlead-ca.crt"
_MOST_SERVERS = 3
"""More name servers than these a pod can't have (Kubernetes documentation, "DNS for Services and Pods")."""
_MOST_SEARCH = 6
_FALLBACK: Final = ("8.8.8.8", "2001:4860:4860::8888")
"""What k3s itself takes where it finds no server of use (K3s documentation, "Configuring the DNS resolver")."""
_MEMORY_STEP: Final = 256 << 20
_LEAST_FREE: Final = "imagefs.available<1%,nodefs.available<1%"
"""When a node evicts pods. k3s's own 5 % is many gigabytes on a laptop's disk, which is rarely emptier than that."""
_RECLAIMED: Final = "imagefs.available=1%,nodefs.available=1%"
_NO_OVERLAY: Final = ("zfs", "overlay", "overlayfs", "fuse.fuse-overlayfs", "aufs", "ecryptfs")
"""Filesystems that the kernel's overlayfs can't have its upper layer on, as the kernel and engines call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAdditions:
    """What a node's container has beyond what its options say.

    Args:
        arguments: Arguments of ``k3s``, in front of those of the definition, which win.
        environment: Variables, below those of the definition.
        options: Options of ``docker run``.
        files: What it finds in its container.
        volatile: Parts that may change without the node being another one, by their names in the container's hash.
        learns_name_servers: Whether the name servers to ask only show in the container.
        secrets: Texts among these that nobody is to see.
        notes: What was decided that a user may wonder about, and what could not be, as sentences for the log.
    """

    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    files: tuple[ContainerFile, ...] = ()
    volatile: frozenset[str] = frozenset()
    learns_name_servers: bool = False
    secrets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSetting:
    """What a node is among.

    Args:
        arguments: What the definition gives ``k3s`` on this node.
        memory_limit: Bytes that its container may use; None for all.
        names: The names of the app's resources.
        subnets: The ranges of the networks that its container is on.
    """

    arguments: tuple[str, ...] = ()
    memory_limit: int | None = None
    names: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()


def node_workarounds(
    facts: EngineFacts, cluster: K3sServer, host: HostFacts | None, setting: NodeSetting = NodeSetting()
) -> NodeAdditions:
    """What a node of a cluster needs on this engine.

    Args:
        facts: What the engine says.
        cluster: The node's cluster.
        host: What this machine has; None for an engine that does not run on it.
        setting: What the node is among.
    """
    host = host if facts.is_local else None
    parts = (
        _container(facts, host),
        _kubelet(facts, setting),
        _storage(facts, host, setting),
        _name_servers(facts, host),
        _proxies(facts, cluster, host, setting),
    )
    return NodeAdditions(
        arguments=tuple(argument for part in parts for argument in part.arguments),
        environment={name: value for part in parts for name, value in part.environment.items()},
        options=tuple(option for part in parts for option in part.options),
        files=tuple(file for part in parts for file in part.files),
        volatile=frozenset(
            # Another Wi-Fi, or a shell without its proxy, is no reason to make a cluster anew.
            [f"variable {name}" for part in parts for name in part.environment]
            + [f"file {file.path}" for part in parts for file in part.files]
        ),
        learns_name_servers=any(part.learns_name_servers for part in parts),
        secrets=tuple(secret for part in parts for secret in part.secrets),
        notes=tuple(note for part in parts for note in part.notes),
    )


def _container(facts: EngineFacts, host: HostFacts | None) -> NodeAdditions:
    """A container in which a kubelet can work, without being in another kubelet's way.

    Two kubelets in one tree of control groups end each other's pods as orphans, so each node has a tree of its own.
    What k3s keeps in ``/run`` is of no use to its next start.
    """
    options = ["--privileged", "--cgroupns=private", "--tmpfs=/run", "--tmpfs=/var/run"]
    if facts.remaps_users:
        options.append("--userns=host")  # an engine refuses a privileged container with users of its own
    if host is not None and "/dev/mapper" in host.devices and _filesystem(facts, host) in ("btrfs", "xfs", "zfs"):
        options.append("--volume=/dev/mapper:/dev/mapper")  # where the kubelet looks up the disk it is on
    return NodeAdditions(options=tuple(options))


def _kubelet(facts: EngineFacts, setting: NodeSetting) -> NodeAdditions:
    arguments = [f"--kubelet-arg=eviction-hard={_LEAST_FREE}", f"--kubelet-arg=eviction-minimum-reclaim={_RECLAIMED}"]
    if facts.cgroup_version == 1:
        # since Kubernetes 1.35 a kubelet ends at once there (kubernetes/kubernetes#134298)
        arguments.append("--kubelet-arg=fail-cgroupv1=false")
    if facts.is_rootless:
        arguments.append("--kubelet-arg=feature-gates=KubeletInUserNamespace=true")
    if setting.memory_limit is not None and 0 < setting.memory_limit < facts.memory:
        # The kubelet sees all of the machine's memory, and would promise pods what the container can't have. What a
        # machine has differs a little from boot to boot, which must not make it another node.
        reserved = max(facts.memory // _MEMORY_STEP * _MEMORY_STEP - setting.memory_limit, 0)
        arguments.append(f"--kubelet-arg=system-reserved=memory={reserved}")
    return NodeAdditions(arguments=tuple(arguments))


def _storage(facts: EngineFacts, host: HostFacts | None, setting: NodeSetting) -> NodeAdditions:
    filesystem = _filesystem(facts, host)
    if filesystem not in _NO_OVERLAY or _is_given("--snapshotter", setting):
        return NodeAdditions()
    # on ZFS fuse-overlayfs fails as well (kubernetes-sigs/kind#2987)
    has_fuse = host is not None and "/dev/fuse" in host.devices and filesystem != "zfs"
    snapshotter = "fuse-overlayfs" if has_fuse else "native"
    cost = "" if has_fuse else ", which copies each layer and takes more disk"
    note = (
        f"The engine keeps its data on {filesystem}, which can't carry overlayfs: images are unpacked by {snapshotter}"
    )
    return NodeAdditions(arguments=(f"--snapshotter={snapshotter}",), notes=(f"{note}{cost}",))


def _filesystem(facts: EngineFacts, host: HostFacts | None) -> str:
    """What the engine's volumes are on, in the kernel's words where it is known in them."""
    return (host.filesystem if host is not None else "") or facts.filesystem


def _name_servers(facts: EngineFacts, host: HostFacts | None) -> NodeAdditions:
    """Name servers that pods can ask.

    Docker's own one, at 127.0.0.11, is of no use to a pod, whose loopback is another; k3s then takes 8.8.8.8, which
    knows no name of an office's network. What Docker passes questions on to is what its machine asks: this one, or else
    the container shows it once it runs. Podman's server is on the network's gateway, which pods reach.
    """
    if not facts.dns_on_loopback:
        return NodeAdditions()
    servers = host.dns_servers if host is not None else ()
    return NodeAdditions(
        environment={"K3S_RESOLV_CONF": RESOLV_CONF},
        files=(resolv_conf(servers or _FALLBACK, host.dns_search if host is not None and servers else ()),),
        learns_name_servers=not servers,
    )


def resolv_conf(servers: Iterable[str], search: Iterable[str] = ()) -> ContainerFile:
    """The file that tells pods which name servers to ask, beyond those of their cluster."""
    lines = [f"nameserver {server}" for server in tuple(servers)[:_MOST_SERVERS]]
    if domains := tuple(search)[:_MOST_SEARCH]:
        lines.append(f"search {' '.join(domains)}")
    return ContainerFile(RESOLV_CONF, "\n".join((*lines, "")))


def _proxies(facts: EngineFacts, cluster: K3sServer, host: HostFacts | None, setting: NodeSetting) -> NodeAdditions:
    given = {"HTTP_PROXY": facts.http_proxy, "HTTPS_PROXY": facts.https_proxy, "NO_PROXY": facts.no_proxy}
    given = {**given, **host.proxies} if host is not None and host.proxies else given
    urls = {name: given.get(name, "") for name in ("HTTP_PROXY", "HTTPS_PROXY")}
    usable = {name: url for name, url in urls.items() if url and not _is_loopback(url)}
    notes = tuple(
        f"The proxy of {name} listens on this machine's loopback, where nodes can't reach it: they do without. "
        f"Give it an address of the network, or set {name} with with_environment()"
        for name, url in urls.items()
        if url and name not in usable
    )
    environment = dict(usable)
    if usable:
        environment["NO_PROXY"] = ",".join(_without_proxy(cluster, setting, given.get("NO_PROXY", "")))
    certificates = _certificates(host, bool(usable))
    return NodeAdditions(
        environment={**environment, **certificates.environment},
        files=certificates.files,
        secrets=tuple(filter(None, (urlsplit(url).password for url in usable.values()))),
        notes=notes,
    )


def _certificates(host: HostFacts | None, has_proxy: bool) -> NodeAdditions:
    """What this machine trusts, for nodes whose traffic somebody may look into: a proxy, or whom the user says."""
    if host is None or host.ca_bundle is None or not (has_proxy or host.ca_is_chosen):
        return NodeAdditions()
    return NodeAdditions(
        environment={"SSL_CERT_FILE": CA_BUNDLE},
        files=(ContainerFile(CA_BUNDLE, source=str(Path(host.ca_bundle).absolute())),),
    )


def _without_proxy(cluster: K3sServer, setting: NodeSetting, own: str) -> Iterable[str]:
    """What nodes reach without the proxy: the user's exceptions, the cluster, its nodes and the app's resources."""
    nodes = (node_name(node.name) for node in (cluster, *cluster.agents))
    names = (
        *(part.strip() for part in own.split(",") if part.strip()),
        *("localhost", "127.0.0.0/8", "::1"),
        *(cluster.pod_subnet or DEFAULT_POD_SUBNET).split(","),
        *(cluster.service_subnet or DEFAULT_SERVICE_SUBNET).split(","),
        *(".svc", ".cluster.local"),
        *setting.subnets,
        "host.docker.internal",
        *nodes,
        *(normal_form(name) for name in setting.names),
    )
    return dict.fromkeys(names)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    return host == "localhost" or host == "::1" or host.startswith("127.")


def _is_given(flag: str, setting: NodeSetting) -> bool:
    return any(argument.partition("=")[0] == flag for argument in setting.arguments)
