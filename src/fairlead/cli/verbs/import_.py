"""``fairlead import``: write the app file for compose files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from fairlead.cli.interrupts import quiet_interrupts
from fairlead.cli.terminal import display_path, say, style
from fairlead.errors import UsageError

if TYPE_CHECKING:
    from fairlead.compose.importing import Imported

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_APPHOST = "apphost.py"
_WIDTH = 110


class ProjectFiles:
    """The files of a folder, by paths relative to it.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes:
        """The contents of a file."""
        return (self._folder / path).read_bytes()

    def is_file(self, path: str) -> bool:
        """Whether a path is a file."""
        return (self._folder / path).is_file()

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder."""
        return (self._folder / path).is_dir()

    def files_below(self, path: str, most: int) -> list[str]:
        """Paths of the files below a folder, in order; of a very full one, the first ``most``."""
        found = (str(PurePosixPath(path) / file) for file in _walk(self._folder / path))
        return list(islice(found, most))


def _walk(folder: Path) -> Sequence[str]:
    """The files below a folder, relative to it; those of a folder that can't be read are not there."""
    found: list[str] = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        found += [(Path(parent) / name).relative_to(folder).as_posix() for name in sorted(names)]
        if len(found) > 1000:
            break
    return found


@click.command("import")
@click.argument("compose", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--file",
    "overrides",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Compose file that overrides those before it. May be repeated.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The app file. Default: apphost.py beside FILE.",
)
@click.option(
    "--env-file",
    "env_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File with values of variables. Default: .env beside FILE. May be repeated.",
)
@click.option(
    "--profile", "profiles", metavar="NAME", multiple=True, help="Profile whose services are always part of the app."
)
@click.option("--force", is_flag=True, help="Replace the file that is there.")
def import_(
    compose: Path | None,
    overrides: tuple[Path, ...],
    output: Path | None,
    env_files: tuple[Path, ...],
    profiles: tuple[str, ...],
    force: bool,
) -> int:
    """Write the app file for a compose FILE, and say what it does not carry.

    Further files, each of which overrides those before it, are given with -f. Without FILE it is the compose.yaml
    here, with its compose.override.yaml.
    """
    paths = _paths(compose, overrides, env_files)
    folder = (output.parent if output is not None else paths[0].parent).resolve()
    target = output or paths[0].parent / _APPHOST
    if target.exists() and not force:
        raise UsageError(f"{display_path(target)} is there already", remedy="Give another file with -o, or --force.")
    given = list(env_files) or [path for path in [paths[0].parent / ".env"] if path.is_file()]
    with quiet_interrupts():
        from fairlead.compose.importing import import_compose
    imported = import_compose(
        [_relative(path, folder) for path in paths],
        ProjectFiles(folder),
        name=folder.name,
        env_files=[_relative(path, folder) for path in given],
        profiles=profiles,
    )
    try:
        target.write_text(imported.text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{display_path(target)} can't be written: {error.strerror}") from error
    _tell(imported, target)
    return 0


def _paths(compose: Path | None, overrides: Sequence[Path], env_files: Sequence[Path]) -> list[Path]:
    """The compose files in the order in which they override each other.

    Raises:
        UsageError: None was named, and none is here.
    """
    if compose is not None or overrides:
        return [*([compose] if compose is not None else []), *overrides]
    if named := _named_by_environment(env_files or [Path(".env")]):
        return named
    found = next((Path(name) for name in _NAMES if Path(name).is_file()), None)
    if found is None:
        raise UsageError("there is no compose.yaml here", remedy="Name the file: fairlead import FILE.")
    override = found.with_name(f"{found.stem}.override{found.suffix}")
    return [found, override] if override.is_file() else [found]


def _named_by_environment(env_files: Sequence[Path]) -> list[Path]:
    """The files that ``COMPOSE_FILE`` of an environment file names."""
    from fairlead.compose.reading.loading import read_variables

    given = [path.as_posix() for path in env_files if path.is_file()]
    variables = read_variables(given, ProjectFiles(Path()))
    separator = variables.get("COMPOSE_PATH_SEPARATOR", os.pathsep)
    return [Path(name) for name in variables.get("COMPOSE_FILE", "").split(separator) if name]


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder)).as_posix()


def _tell(imported: Imported, target: Path) -> None:
    from fairlead.compose.app_file import remark_lines

    say(f"{style(display_path(target), bold=True)} is written.")
    lost = [remark for remark in imported.remarks if remark.fate == "lost"]
    changed = [remark for remark in imported.remarks if remark.fate == "changed"]
    if lost:
        say(style("It does not carry:", fg="yellow"))
        for line in remark_lines(lost, _WIDTH - 2):
            say(f"  {line}")
    if changed:
        say("It says in another way:")
        for line in remark_lines(changed, _WIDTH - 2):
            say(f"  {line}")
    if imported.remarks:
        say("All of this stands at the foot of the file.")
    say("Look around: fairlead describe, fairlead run, fairlead publish.")
