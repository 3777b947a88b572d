"""Images of the engine in the nodes of a cluster: loaded before the cluster is ready, and again when they change.

Images that the same nodes lack travel as one archive, so that what they have in common is sent once; it is a stream
from the engine into ``ctr`` in the nodes, and never a file. What a node has already is not sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

from fairlead.drivers.k3s.images.image_sources import ensure, node_image, present
from fairlead.drivers.k3s.images.image_stream import send
from fairlead.drivers.k3s.images.node_images import ListedImage, Node, NodeImage, full_name, has_image
from fairlead.drivers.k3s.images.outdated_pods import say_outdated
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.nodes.node_arguments import node_name
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.tasks import run_all
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.observation.state import State
from fairlead.resources.k3s.images import LoadedImage
from fairlead.resources.k3s.node import K3sNode
from fairlead.resources.k3s.server import K3sServer


async def load_images(context: DriverContext, engine: ContainerEngine) -> frozenset[str]:
    """Bring the images of ``load_image`` into every node that lacks them; returns when they are there.

    Images that the app builds are built first, whether their containers are started or not. Others are pulled where
    the engine has them not. Agents that are on their way are waited for.

    Args:
        context: The start of the cluster, whose server's container runs.
        engine: The engine that its nodes run in.

    Returns:
        The names that stood for other images before, in nodes that were there.

    Raises:
        StartError: There is no such image, or a node's containerd does not answer.
        EngineError: An image can't be built or pulled, or not be loaded.
    """
    cluster = _cluster_of(context)
    if not cluster.loaded_images:
        return frozenset()
    images = [await ensure(context, engine, loaded) for loaded in cluster.loaded_images]
    agents = [agent.name for agent in cluster.agents if context.snapshot(agent.name) is not None]
    await context.wait_until(partial(_have_settled, context, agents), agents)
    return await _load(context, engine, images)


async def load_named(context: DriverContext, engine: ContainerEngine, references: Iterable[str]) -> frozenset[str]:
    """Bring images into every node that runs and lacks them, as far as the engine has them; which those are.

    Raises:
        EngineError: They can't be loaded.
    """
    images: list[NodeImage] = []
    for reference in references:
        info = await engine.image(reference)
        if info is not None:
            images.append(node_image(LoadedImage(reference, context.resource.where), reference, info))
    await _load(context, engine, images)
    return frozenset(image.name for image in images)


async def keep_images(context: DriverContext, link: ClusterLink, replaced: Collection[str] = ()) -> None:
    """Load images again that the app has built anew, and all into nodes that were created anew; until cancelled.

    Pods go on with the image that they were started with; the log says which do.

    Args:
        context: The start of the cluster.
        link: The cluster.
        replaced: What :func:`load_images` returned.
    """
    cluster = _cluster_of(context)
    if not cluster.loaded_images:
        return
    built = [source.name for loaded in cluster.loaded_images if not isinstance(source := loaded.source, str)]
    ids = [*(node.name for node in _nodes_of(cluster)), *built]
    unsaid = frozenset(replaced)
    while True:
        seen = _view(context, ids)
        try:
            images = [await present(context, link.engine, loaded) for loaded in cluster.loaded_images]
            unsaid |= await _load(context, link.engine, [image for image in images if image is not None])
            await say_outdated(context, link, unsaid)
            unsaid = frozenset()
        except EngineUnavailable:
            pass  # when it is back, it starts the containers anew, which is a change
        except EngineError as error:
            context.log(f"Not all nodes have the images as they are now: {error.explanation}")
        await context.wait_until(partial(_has_changed, context, ids, seen), ids)


async def _load(context: DriverContext, engine: ContainerEngine, images: Sequence[NodeImage]) -> frozenset[str]:
    """Send images to the nodes that run and lack them; which names stood for other ones there."""
    lacking: defaultdict[tuple[NodeImage, ...], list[Node]] = defaultdict(list)
    replaced: set[str] = set()
    for node, listed in await _images_in_nodes(engine, _running_nodes(context, engine)):
        missing = [image for image in dict.fromkeys(images) if not has_image(listed, image)]
        replaced |= {image.name for image in missing if full_name(image.name) in listed}
        for alike in _by_platform(missing):
            lacking[alike].append(node)
    for alike, nodes in lacking.items():
        await _send(context, engine, alike, nodes)
    return frozenset(replaced)


async def _images_in_nodes(
    engine: ContainerEngine, nodes: Sequence[Node]
) -> list[tuple[Node, Mapping[str, ListedImage]]]:
    """What each node has; without those that end meanwhile."""
    while nodes:
        try:
            lists = await run_all("images in nodes", *(node.images() for node in nodes))
            return list(zip(nodes, lists, strict=True))
        except EngineError as error:
            nodes = await _raise_unless_ended(engine, nodes, error)
    return []


async def _send(
    context: DriverContext, engine: ContainerEngine, images: Sequence[NodeImage], nodes: Sequence[Node]
) -> None:
    """Send images to nodes, and to the others again if one of them ends meanwhile."""
    while nodes:
        try:
            return await send(engine, images, nodes, context.log)
        except EngineError as error:
            nodes = await _raise_unless_ended(engine, nodes, error)


async def _raise_unless_ended(engine: ContainerEngine, nodes: Iterable[Node], error: EngineError) -> tuple[Node, ...]:
    """Raise an error, unless it is that one of these nodes has ended; those that run.

    Why it has ended, the node's own driver tells. It gets its images when it is started again.
    """
    if isinstance(error, EngineUnavailable):
        raise error
    runs = {node: await _runs(engine, node) for node in nodes}
    if all(runs.values()):
        raise error
    return tuple(node for node, is_running in runs.items() if is_running)


def _by_platform(images: Iterable[NodeImage]) -> list[tuple[NodeImage, ...]]:
    """Images in groups that are for one platform, as an archive is."""
    groups: defaultdict[str | None, list[NodeImage]] = defaultdict(list)
    for image in images:
        groups[image.platform].append(image)
    return [tuple(group) for group in groups.values()]


async def _runs(engine: ContainerEngine, node: Node) -> bool:
    info = await engine.inspect(node.container)
    return info is not None and info.state == "running"


def _cluster_of(context: DriverContext) -> K3sServer:
    cluster = context.resource
    assert isinstance(cluster, K3sServer)
    return cluster


def _nodes_of(cluster: K3sServer) -> tuple[K3sNode, ...]:
    return (cluster, *cluster.agents)


def _running_nodes(context: DriverContext, engine: ContainerEngine) -> list[Node]:
    """The nodes of the run whose containers run."""
    nodes = []
    for node in _nodes_of(_cluster_of(context)):
        container, snapshot = context.known(node.container_id), context.snapshot(node.name)
        is_up = node is context.resource or (snapshot is not None and snapshot.state is State.RUNNING)
        if container is not None and is_up:
            nodes.append(Node(node_name(node.name), container, engine))
    return nodes


def _have_settled(context: DriverContext, names: Collection[str]) -> bool:
    """Whether each of some agents runs, or won't."""
    snapshots = [context.snapshot(name) for name in names]
    return all(
        each is None or each.state is State.RUNNING or each.state.is_unavailable or each.state is State.NOT_STARTED
        for each in snapshots
    )


def _view(context: DriverContext, ids: Iterable[str]) -> tuple[object, ...]:
    """What of snapshots tells that a node, or the image of a container, is another one."""
    snapshots = [context.snapshot(id) for id in ids]
    return tuple((each.state, each.starts, dict(each.properties).get("container")) for each in snapshots if each)


def _has_changed(context: DriverContext, ids: Iterable[str], seen: tuple[object, ...]) -> bool:
    return _view(context, ids) != seen
