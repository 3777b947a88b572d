"""A node of the fake engine whose containerd takes in images and names them; for the rest it does nothing."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile

from fairlead.testing.fakes.fake_container import FakeFile, Process

_STORE = "/containerd.json"
_HEADER = "REF TYPE DIGEST SIZE PLATFORMS LABELS"
_CTR = ("ctr", "--namespace", "k8s.io", "images")


async def node(process: Process) -> int:
    """The program of the image of k3s: the node itself, and ``ctr`` in it."""
    return await _run(process, "")


async def full_node(process: Process) -> int:
    """The same on a full disk: nothing can be imported."""
    return await _run(process, "write /x: no space left on device")


async def _run(process: Process, problem: str) -> int:
    if process.args[:4] == _CTR:
        return await _images(process, process.args[4:], problem)
    process.traps_term = True
    await process.term.wait()
    return 0


async def _images(process: Process, args: tuple[str, ...], problem: str) -> int:
    store: dict[str, tuple[str, dict[str, str]]] = {}
    if _STORE in process.files:
        store = json.loads(process.files[_STORE].content)
    match args:
        case ("list",):
            process.print(_HEADER)
            for name, (digest, labels) in store.items():
                texts = ",".join(f"{label}={text}" for label, text in labels.items()) or "-"
                process.print(f"{name} application/vnd.docker.distribution.manifest.v2+json {digest} 4.1 MiB - {texts}")
        case ("import", "-"):
            archive = await process.stdin.read_all()
            if problem:
                process.print(problem, "stderr")
                return 1
            store |= {f"docker.io/library/{name}": (f"digest-of-{id}", {}) for name, id in _names(archive).items()}
        case ("tag", "--force", source, name):
            store[name] = (store[source][0], {})
        case ("label", name, *labels):
            store[name][1].update(dict(label.partition("=")[::2] for label in labels))
        case _:
            process.print(f"unknown command {args}", "stderr")
            return 1
    process.files[_STORE] = FakeFile(json.dumps(store).encode())
    await asyncio.sleep(0)
    return 0


def _names(archive: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        return {name: entry["Config"] for entry in json.loads(manifest.read()) for name in entry["RepoTags"]}
