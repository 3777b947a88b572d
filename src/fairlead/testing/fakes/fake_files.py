"""Files of the fake engine's containers, as tar archives."""

from __future__ import annotations

import io
import tarfile
from collections.abc import MutableMapping

from fairlead.engines.docker import errors
from fairlead.errors import EngineError
from fairlead.testing.fakes.fake_container import FakeFile

Files = MutableMapping[str, FakeFile]


def unpack(files: Files, archive: bytes, path: str) -> None:
    """Add the files of an archive below a path."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for entry in tar:
            if content := tar.extractfile(entry):
                name = f"{path.rstrip('/')}/{entry.name.removeprefix('./')}"
                files[name] = FakeFile(content.read(), entry.uid, entry.gid, entry.mode)


def has_path(files: Files, path: str) -> bool:
    """Whether there is a file of that path, or one below it."""
    return any(f"{name}/".startswith(f"{path.rstrip('/')}/") for name in files)


def pack(files: Files, path: str) -> bytes:
    """An archive of a file, or of all below a folder."""
    path = path.rstrip("/")
    chosen = {name: file for name, file in files.items() if name == path or name.startswith(f"{path}/")}
    if not chosen:
        refusal = EngineError(f"Could not find the file {path}")
        raise errors.explain(refusal, f"{path} can't be copied out of the container")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, file in chosen.items():
            entry = tarfile.TarInfo(name.removeprefix(path.rpartition("/")[0]).lstrip("/"))
            entry.size, entry.uid, entry.gid, entry.mode = len(file.content), file.user, file.group, file.mode
            tar.addfile(entry, io.BytesIO(file.content))
    return archive.getvalue()
