"""Files into and out of a container, and commands inside it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

from fairlead.engines.docker import errors
from fairlead.engines.docker.api import Api, Refused, segment
from fairlead.errors import EngineError


async def put_archive(api: Api, container: str, archive: bytes, path: str) -> None:
    """Unpack a tar archive; owners and modes are those of its entries."""
    try:
        place, data = f"containers/{segment(container)}/archive", without_padding(archive)
        await api.call("PUT", place, params={"path": path}, data=data)
    except Refused as refused:
        raise errors.explain(refused, f"files can't be copied to {path}") from refused


async def has_path(api: Api, container: str, path: str) -> bool:
    """Whether there is a file or folder of that path."""
    try:
        async with api.stream("HEAD", f"containers/{segment(container)}/archive", params={"path": path}):
            return True
    except Refused as refused:
        if refused.status != 404:
            raise errors.explain(refused, f"{path} can't be looked for in the container") from refused
        return False


def without_padding(archive: bytes) -> bytes:
    """A tar archive without what follows the two blocks of zeros at its end.

    Podman stops reading there, and when that is before the rest has come it takes it for an error.
    """
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.getmembers()
        return archive[: tar.offset + 2 * tarfile.BLOCKSIZE]


async def get_archive(api: Api, container: str, path: str) -> bytes:
    """Fetch a file or folder."""
    try:
        where = f"containers/{segment(container)}/archive"
        async with api.stream("GET", where, params={"path": path}) as answer:
            return await answer.read()
    except Refused as refused:
        raise errors.explain(refused, f"{path} can't be copied out of the container") from refused


async def execute(
    api: Api, container: str, argv: tuple[str, ...], env: Mapping[str, str], user: str | None
) -> tuple[int, bytes]:
    """Run a command to its end."""
    body = {
        "Cmd": list(argv),
        "Env": [f"{name}={value}" for name, value in env.items()],
        "AttachStdout": True,
        "AttachStderr": True,
        **({"User": user} if user else {}),
    }
    try:
        identity = (await api.call("POST", f"containers/{segment(container)}/exec", body=body))["Id"]
        start = {"Detach": False, "Tty": False}
        async with api.stream("POST", f"exec/{identity}/start", body=start) as answer:
            output = _without_headers(await answer.read())
        ended = await api.call("GET", f"exec/{identity}/json")
    except Refused as refused:
        raise errors.explain(refused, f"'{argv[0]}' can't be run in the container") from refused
    if ended.get("ExitCode") is None:
        raise EngineError(f"'{argv[0]}' was cut off: the connection to it ended before it did.")
    return int(ended["ExitCode"]), output


def _without_headers(data: bytes) -> bytes:
    pieces, position = [], 0
    while position + 8 <= len(data):
        end = position + 8 + int.from_bytes(data[position + 4 : position + 8], "big")
        pieces.append(data[position + 8 : end])
        position = end
    return b"".join(pieces)
