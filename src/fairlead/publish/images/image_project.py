"""The folders that a generated image is made from: the program's own, and the one whose lock file it follows."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import StartError
from fairlead.projects.folder import PROBED_PATHS, READ_FILES, ProjectFolder
from fairlead.projects.workspaces import is_workspace_of
from fairlead.publish.cluster_kind import GeneratedDockerfile
from fairlead.publish.images.image_subject import ImageSubject
from fairlead.publish.project.project_files import ProjectFiles, SourceError


@dataclass(frozen=True, slots=True)
class ImageProject:
    """What an image is made from.

    Attributes:
        root: The folder that is sent to the engine, with the lock file.
        folder: The program's folder: the root, or below it.
    """

    root: ProjectFolder
    folder: ProjectFolder

    @property
    def context(self) -> str:
        """The root, relative to the app file's folder."""
        return self.root.path.as_posix()

    @property
    def steps(self) -> str:
        """The way from the root to the program's folder; ``.`` if they are the same."""
        return self.folder.path.relative_to(self.root.path).as_posix()

    @property
    def workdir(self) -> str:
        """The program's folder in the image."""
        return posixpath.normpath(f"/app/{self.steps}")

    def dockerfile(self, subject: ImageSubject, steps: list[str]) -> GeneratedDockerfile:
        """The Dockerfile of these steps, and the folder it is built in."""
        context = subject.folder if self.steps == "." else self.context
        where = "the app file's folder" if context == "." else context
        title = f"# The image of {subject.resource.name}, made by Fairlead. It is built in {where}."
        return GeneratedDockerfile("\n".join([title, *steps, ""]), context)


def image_project(
    subject: ImageSubject,
    sources: ProjectFiles,
    has_lock: Callable[[ProjectFolder], bool],
    projects: tuple[str, ...],
    complete: tuple[str, ...] = (),
) -> ImageProject:
    """Find the folders that an image is made from.

    The lock file of a folder above counts for the members of a workspace, and for folders that are no projects of
    their own. It is looked for up to the nearest folder that has the app file in or below it: what is above that may
    differ from machine to machine.

    Args:
        subject: What the image is for.
        sources: Tells which files there are.
        has_lock: Whether a folder has a lock file of the program's language.
        projects: The files that make a folder a project.
        complete: The files that lock everything by themselves, so that no folder above counts.
    """
    folders = [_read(path, sources) for path in _paths_up(subject.folder)]
    if any(name in folders[0].texts for name in complete):
        return ImageProject(folders[0], folders[0])
    return ImageProject(_root(folders, has_lock, projects), folders[0])


def _root(
    folders: list[ProjectFolder], has_lock: Callable[[ProjectFolder], bool], projects: tuple[str, ...]
) -> ProjectFolder:
    own = folders[0]
    is_project = False
    for folder in folders:
        if has_lock(folder):
            return folder if not is_project or _is_workspace(folder, own) else own
        is_project = is_project or any(name in folder.texts for name in projects)
    return own


def _is_workspace(root: ProjectFolder, folder: ProjectFolder) -> bool:
    try:
        return is_workspace_of(root, folder.path)
    except StartError:
        return False


def _paths_up(cwd: str) -> list[str]:
    """A folder and those above it, up to the first that has the app file's folder, ``.``, in or below it."""
    path = posixpath.normpath(cwd)
    paths = [path]
    while not posixpath.isabs(path) and path.strip("./"):
        path = posixpath.dirname(path) or "."
        paths.append(path)
    return paths


def _read(path: str, sources: ProjectFiles) -> ProjectFolder:
    # Environments are this machine's and in no image, so the paths in them are not looked at.
    paths = [name for name in PROBED_PATHS if "/" not in name and sources.exists(f"{path}/{name}")]
    texts = {}
    for name in READ_FILES:
        if sources.exists(f"{path}/{name}"):
            try:
                texts[name] = sources.file(f"{path}/{name}").decode("utf-8-sig", "replace")
            except SourceError:  # larger than any such file, or not readable
                texts[name] = ""
    return ProjectFolder(Path(path), frozenset(paths), texts)
