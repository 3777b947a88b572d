"""The images in a node's containerd, by the ``ctr`` that k3s brings along (K3s documentation, "CLI Tools").

Which image of the engine a name stands for is noted in labels of the name itself: so the note goes when the kubelet
removes the image, and stays with the node's data volume when the container goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field

from fairlead.engines.containers import ContainerEngine
from fairlead.errors import EngineError, StartError

IMAGE_LABEL = "dev.fairlead.image"
"""The engine's id of the image that a name was given to by Fairlead."""
DIGEST_LABEL = "dev.fairlead.digest"
"""What the name stood for then: something else may have given it to another image since."""
PATIENCE = 120.0
"""Seconds in which a node's containerd has to answer; on a quiet machine it takes two."""
_CTR = ("ctr", "--namespace", "k8s.io")
_PAUSE = 0.25
_SHARE = 2.0
"""The pause after a question to a containerd that is coming up, as a multiple of the time that the question took."""
_TAIL = 400


@dataclass(frozen=True, slots=True)
class NodeImage:
    """An image that a node is to have.

    Args:
        name: What pods call it.
        reference: What the engine calls it.
        id: The engine's id of it.
        platform: What it is for, such as ``linux/amd64``; None if the engine does not say.
    """

    name: str
    reference: str
    id: str
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class ListedImage:
    """A name in a node's containerd.

    Args:
        digest: What it stands for.
        labels: Its labels.
    """

    digest: str
    labels: Mapping[str, str]

    @property
    def engine_id(self) -> str | None:
        """The engine's id of the image, if Fairlead has loaded it and the name stands for it still."""
        return self.labels.get(IMAGE_LABEL) if self.labels.get(DIGEST_LABEL) == self.digest else None


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a cluster.

    Args:
        name: Its name.
        container: The id of its container.
        engine: The engine that this runs in.
    """

    name: str
    container: str
    engine: ContainerEngine = field(repr=False, compare=False)

    async def images(self) -> dict[str, ListedImage]:
        """The images that it has, by their full names; waits until its containerd answers.

        Raises:
            StartError: That does not.
            EngineError: The container does not run.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE
        while True:
            began = clock()
            code, output = await self.engine.exec(self.container, (*_CTR, "images", "list"))
            text = output.decode("utf-8", "replace")
            if code == 0:
                return listed_images(text)
            if clock() > deadline:
                raise StartError(
                    f"the containerd of the node {self.name} does not answer: {text.strip()[-_TAIL:]}",
                    remedy="The log of the node says more.",
                )
            await asyncio.sleep(max(_PAUSE, _SHARE * (clock() - began)))

    async def load(self, archive: AsyncIterator[bytes], images: Iterable[NodeImage]) -> None:
        """Import an archive, and give its images their names and notes.

        Args:
            archive: As ``docker save`` writes it, for one platform.
            images: What is in it.

        Raises:
            EngineError: It can't be imported.
        """
        argv = (*_CTR, "images", "import", "-")
        async with self.engine.open_command(self.container, argv, stdin=archive) as command:
            output = b"".join([chunk.data async for chunk in command.chunks()])
            self._check(await command.wait(), output)
        listed = await self.images()
        for image in images:
            await self._name(image, listed)

    async def _name(self, image: NodeImage, listed: Mapping[str, ListedImage]) -> None:
        name = full_name(image.name)
        source = next((known for known in archive_names(image.reference, self.engine.name) if known in listed), None)
        if source is None:
            raise EngineError(f"the node {self.name} has no image {image.reference} after it was loaded.")
        if source != name:
            await self._ctr("images", "tag", "--force", source, name)
        notes = {IMAGE_LABEL: image.id, DIGEST_LABEL: listed[source].digest}
        await self._ctr("images", "label", name, *(f"{label}={text}" for label, text in notes.items()))

    async def _ctr(self, *arguments: str) -> None:
        self._check(*await self.engine.exec(self.container, (*_CTR, *arguments)))

    def _check(self, code: int, output: bytes) -> None:
        if code == 0:
            return
        said = output.decode("utf-8", "replace").strip()[-_TAIL:] or f"ctr ended with {code}"
        engine = self.engine.name
        remedy = f"Make room on the disk of {engine}: {engine} system prune." if "no space left" in said else None
        raise EngineError(f"images can't be loaded into the node {self.name}: {said}.", remedy=remedy)


def has_image(listed: Mapping[str, ListedImage], image: NodeImage) -> bool:
    """Whether a node has an image under its name already, loaded by Fairlead or by other means.

    The kubelet lists an image also by the digest of its configuration, which many engines take for its id.

    Args:
        listed: What the node has.
        image: The image.
    """
    known, same = listed.get(full_name(image.name)), listed.get(image.id)
    if known is None:
        return False
    return known.engine_id == image.id or (same is not None and same.digest == known.digest)


def listed_images(text: str) -> dict[str, ListedImage]:
    """The names in what ``ctr images list`` writes."""
    # REF                            TYPE         DIGEST      SIZE     PLATFORMS   LABELS
    # docker.io/library/busybox:1.35 application… sha256:1fb… 75.2 MiB linux/amd64 a=1,io.cri-containerd.image=managed
    rows = (line.split() for line in text.splitlines()[1:])
    return {row[0]: ListedImage(row[2], _labels(row[-1])) for row in rows if len(row) > 3}


def _labels(text: str) -> dict[str, str]:
    return dict(label.partition("=")[::2] for label in text.split(",") if "=" in label)


def full_name(reference: str) -> str:
    """The name of an image with its registry and tag, as containerd has it: ``docker.io/library/api:dev``."""
    first, slash, rest = reference.partition("/")
    if not slash:
        name = f"docker.io/library/{reference}"
    elif "." in first or ":" in first or first == "localhost":
        name = f"docker.io/library/{rest}" if first == "docker.io" and "/" not in rest else reference
    else:
        name = f"docker.io/{reference}"
    last = name.rpartition("/")[2]
    return name if ":" in last or "@" in last else f"{name}:latest"


def archive_names(reference: str, engine: str) -> tuple[str, ...]:
    """What an image may be called in an archive of an engine; Podman puts its own in front of what it has built."""
    name = full_name(reference)
    has_registry = not name.startswith("docker.io/") or reference.startswith("docker.io/")
    return (name,) if engine != "podman" or has_registry else (full_name(f"localhost/{reference}"), name)
