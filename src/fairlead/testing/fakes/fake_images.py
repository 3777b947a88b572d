"""Images of the fake engine: coroutines in place of programs, in a registry, in the engine, and in archives."""

from __future__ import annotations

import io
import json
import secrets
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakValueDictionary

from fairlead.engines.containers import BuildRequest, ImageInfo
from fairlead.engines.docker import errors
from fairlead.engines.docker.build import check, explain_build, instructions
from fairlead.engines.docker.images import explain_pull
from fairlead.errors import EngineError
from fairlead.testing.fakes.fake_container import FakeFile, Process, Program

_MANIFEST: Final = "manifest.json"
_INSTRUCTIONS: Final = ("FROM", "RUN", "ARG", "LABEL", "COPY", "ENV", "WORKDIR", "USER", "EXPOSE")


@dataclass(weakref_slot=True, slots=True)
class FakeImage:
    """An image: what the engine shows of it, and the program that its containers run."""

    info: ImageInfo
    program: Program
    labels: Mapping[str, str] = field(default_factory=dict)


# By id: an archive can't hold a coroutine, and may be loaded by another engine of the same test.
_SAVED: Final[WeakValueDictionary[str, FakeImage]] = WeakValueDictionary()


class FakeImages:
    """The images of one engine.

    Attributes:
        registry: Those that can be pulled.
        local: Those that the engine has, by what they are called.
    """

    def __init__(self) -> None:
        self.registry: dict[str, FakeImage] = {}
        self.local: dict[str, FakeImage] = {}

    def find(self, reference: str, platform: str | None = None) -> FakeImage | None:
        """An image that the engine has, for a platform if one is given, or None."""
        image = self.local.get(reference)
        return image if image and (platform is None or image.info.is_for(platform)) else None

    def pull(self, reference: str, platform: str) -> None:
        """Fetch an image from the registry."""
        if reference not in self.registry:
            raise explain_pull(reference, "manifest unknown", platform, False)
        self.local[reference] = self.registry[reference]

    async def build(self, request: BuildRequest, on_output: Callable[[list[bytes]], None]) -> None:
        """Build an image: its FROM gives the program, which also runs what stands behind RUN."""
        check(request)
        written: list[str] = []

        def write(data: bytes, stream: str = "stdout") -> None:
            lines = data.decode().splitlines()
            written.extend(lines)
            on_output([line.encode() for line in lines])

        steps = list(instructions(request.dockerfile_path.read_text()))
        image = None
        for place, (number, text) in enumerate(steps, 1):
            write(f"Step {place}/{len(steps)} : {text}".encode())
            word, _, rest = text.partition(" ")
            if word == "FROM":
                image = self.local.get(rest.partition(" ")[0])
            if word == "FROM" and image is None:
                raise explain_build(request, written, f"No such image: {rest}")
            if word == "RUN" and image is not None:
                files = {f"/run/secrets/{name}": FakeFile(text.encode()) for name, text in request.secrets.items()}
                code = await image.program(Process(("sh", "-c", rest), dict(request.args), files, write)) or 0
                if code:
                    raise explain_build(request, written, f"the command '{rest}' returned a non-zero code: {code}")
            if word not in _INSTRUCTIONS:
                reason = f"dockerfile parse error line {number}: unknown instruction: {word}"
                raise explain_build(request, written, reason)
        if image is None:
            raise explain_build(request, written, "no build stage in current context")
        self.local[request.tag] = FakeImage(image.info, image.program, request.labels)

    def save(self, references: tuple[str, ...]) -> bytes:
        """An archive of images, in the form of ``docker save``; it holds their ids in place of their layers."""
        entries = []
        for reference in references:
            image = self.local.get(reference)
            if image is None:
                what = f"the image {', '.join(references)} can't be saved"
                raise errors.explain(EngineError(f"No such image: {reference}"), what)
            _SAVED[image.info.id] = image
            entries.append({"Config": image.info.id, "RepoTags": [reference], "Layers": []})
        archive, content = io.BytesIO(), json.dumps(entries).encode()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            entry = tarfile.TarInfo(_MANIFEST)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        return archive.getvalue()

    def load(self, archive: bytes) -> list[str]:
        """Take in the images of an archive."""
        loaded = dict(_entries(archive))
        self.local |= loaded
        return list(loaded)


def _entries(archive: bytes) -> Iterator[tuple[str, FakeImage]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            manifest = tar.extractfile(_MANIFEST)
            assert manifest is not None
            entries = json.loads(manifest.read())
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise EngineError(f"the images can't be loaded: {error}.") from error
    for entry in entries:
        image = _SAVED.get(entry["Config"])
        if image is None:
            raise EngineError("the images can't be loaded: no fake engine of this test has saved them.")
        for reference in entry["RepoTags"]:
            yield reference, image


def image_id() -> str:
    """The id of a new image."""
    return f"sha256:{secrets.token_hex(32)}"
