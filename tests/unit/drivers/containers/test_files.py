"""Files of a container: where they can be copied to, and which folders come along."""

from __future__ import annotations

import io
import tarfile

import pytest

from fairlead.drivers.containers.files import (
    FileContent,
    archive,
    by_place,
    check_targets,
    file_volumes,
    missing_folders,
)
from fairlead.engines.containers import ContainerSpec, Mount
from fairlead.errors import StartError
from fairlead.testing.fakes.fake_container import Process
from fairlead.testing.fakes.fake_engine import FakeEngine


def file(path: str) -> FileContent:
    return FileContent(path, b"x", 0o644)


def container(*options: str, mounts: tuple[Mount, ...] = ()) -> ContainerSpec:
    return ContainerSpec(name="box", image="fake:1", mounts=mounts, options=options)


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (container("--tmpfs=/run"), "/run is a tmpfs"),
        (container("--tmpfs=/run/:size=1m"), "/run is a tmpfs"),
        (container("--mount=type=tmpfs,target=/run"), "/run is a tmpfs"),
        (container(mounts=(Mount("bind", "/home/me/run", "/run"),)), "/run is /home/me/run of this machine"),
        (container(mounts=(Mount("bind", "/home/me/x", "/run/x/file"),)), "/run/x/file is /home/me/x"),
        (container("--volume=/home/me/run:/run:ro"), "/run is /home/me/run of this machine"),
        (container(mounts=(Mount("volume", "data", "/run", read_only=True),)), "at /run is mounted read-only"),
        (container("--volume=data:/run:ro,z"), "at /run is mounted read-only"),
        (container("--volume=data:/run", "--tmpfs=/run/x"), "/run/x is a tmpfs"),
    ],
)
def test_a_file_that_would_not_arrive_is_refused(spec: ContainerSpec, problem: str) -> None:
    """A file below a tmpfs, a folder of this machine or a read-only volume must be refused by name, with a remedy."""
    with pytest.raises(StartError) as refused:
        check_targets([file("/etc/fine"), file("/run/x/file")], spec)

    assert "/run/x/file can't be copied" in refused.value.message
    assert problem in refused.value.message
    assert "with_container_files()" in str(refused.value.remedy)


@pytest.mark.parametrize(
    "spec",
    [
        container("--tmpfs=/run/xy", "--tmpfs=/var"),
        container("--volume=data:/run"),
        container("--tmpfs=/run", mounts=(Mount("volume", "data", "/run/x"),)),
        container(mounts=(Mount("volume", None, "/run"),)),
    ],
)
def test_a_file_that_arrives_is_not(spec: ContainerSpec) -> None:
    """What is mounted elsewhere, or what is a volume in between, must be in no file's way."""
    check_targets([file("/run/x/file")], spec)


async def test_new_folders_belong_to_who_owns_the_file() -> None:
    """The folders that a container lacks must come along with the file's owner; those it has must be left alone."""

    async def idle(process: Process) -> None:
        return None

    engine = FakeEngine()
    engine.add_image("fake:1", idle)
    made = await engine.create(container())
    await engine.put_archive(made, archive([file("/opt/there")], 0, 0))
    files = [file("/opt/a/b/one"), file("/opt/a/two"), file("/three")]

    folders = await missing_folders(engine, made, files)
    with tarfile.open(fileobj=io.BytesIO(archive(files, 1000, 7, folders))) as tar:
        packed = {entry.name: (entry.uid, entry.gid, entry.isdir()) for entry in tar}

    assert folders == ["/opt/a", "/opt/a/b"]
    assert packed == {
        "opt/a": (1000, 7, True),
        "opt/a/b": (1000, 7, True),
        "opt/a/b/one": (1000, 7, False),
        "opt/a/two": (1000, 7, False),
        "three": (1000, 7, False),
    }


@pytest.mark.parametrize(
    ("spec", "volumes"),
    [
        (container(), ()),
        (container("--tmpfs=/run"), ("/run/x",)),
        (container("--tmpfs=/run/x"), ("/run/x/deep",)),
        (container("--tmpfs=/run", "--volume=data:/run/x"), ()),
        (container("--read-only"), ("/etc", "/run/x")),
        (container("--read-only", "--volume=data:/run"), ("/etc",)),
        (container("--read-only", mounts=(Mount("bind", "/home/me/run", "/run"),)), ("/etc",)),
    ],
)
def test_files_get_volumes_where_engines_write_nothing(spec: ContainerSpec, volumes: tuple[str, ...]) -> None:
    """A read-only root, and a folder in memory, must have a volume in the folder of each file, and no other place."""
    files = [file("/etc/fine"), file("/run/x/file"), file("/run/x/deep/file"), file("/file")]

    assert file_volumes(files, spec) == volumes
    places = by_place(files, volumes)
    assert [one.path for one in places.get("/run/x", [])] == (
        ["/run/x/file", "/run/x/deep/file"] if "/run/x" in volumes else []
    )


def test_an_archive_for_a_volume_begins_there() -> None:
    """The files and folders of a volume must be named from it."""
    content = archive([file("/run/x/deep/file")], 5, 6, ["/run/x/deep"], "/run/x")

    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert [(entry.name, entry.uid, entry.gid) for entry in tar] == [("deep", 5, 6), ("deep/file", 5, 6)]
