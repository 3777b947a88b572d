"""Follows changes of files, by what the system tells of its file system.

The system follows a folder, not its name: what was removed and made again, as by a checkout of another branch, is
another folder. So each path is looked at many times a second as well, and followed anew where it is another one.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from fairlead.records import record

STEP_MILLISECONDS = 25
"""How often the changes that the system told of are looked at; they are taken when none came meanwhile."""
BURST_MILLISECONDS = 400
"""How long changes may go on without a pause before they are taken all the same."""
LOOK_MILLISECONDS = 100
"""How often paths are looked at while nothing happens below them."""
LIMIT_REMEDY = "Raise the limit (sysctl fs.inotify.max_user_watches=524288), or watch smaller folders."

_Identity = tuple[int, int, int]
_Changes = set[tuple[Any, str]]


@record
class FileNews:
    """What has happened since the last news.

    Args:
        changed: Files and folders below watched paths that were written, made, removed or renamed.
        appeared: Watched paths that are there, and were not before, or are others of the same name.
        vanished: Watched paths that are no longer there; at first those that are not there yet.
        trouble: Why nothing is followed any more; empty while all is well.
    """

    changed: frozenset[Path] = frozenset()
    appeared: frozenset[Path] = frozenset()
    vanished: frozenset[Path] = frozenset()
    trouble: str = ""


Tell = Callable[[FileNews], None]


class FileWatcher:
    """Follows what happens to files and folders, from a thread of its own.

    Args:
        paths: What to follow, absolute; folders with all that is in them. They need not be there.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._news: deque[FileNews] = deque()
        self._stop = threading.Event()

    async def follow(self) -> AsyncGenerator[FileNews]:
        """The news: at first which paths are there and which are not, then what happens from that moment on."""
        arrived = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(news: FileNews) -> None:
            self._news.append(news)
            with suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(arrived.set)

        threading.Thread(target=self._run, args=(tell,), name="file watcher", daemon=True).start()
        try:
            while True:
                await arrived.wait()
                arrived.clear()
                while self._news:
                    yield self._news.popleft()
        finally:
            self._stop.set()

    def _run(self, tell: Tell) -> None:
        try:
            _Follower(self._paths, tell, self._stop).run()
        except OSError as error:
            tell(FileNews(trouble=_trouble_text(error)))


def _trouble_text(error: OSError) -> str:
    text = str(error)
    return f"{text}. {LIMIT_REMEDY}" if "limit" in text else text


class _Follower:
    """The work of the thread.

    Args:
        paths: What to follow.
        tell: Takes the news.
        stop: Set when it is to end.
    """

    def __init__(self, paths: Iterable[Path], tell: Tell, stop: threading.Event) -> None:
        self._paths = tuple(paths)
        self._tell = tell
        self._stop = stop
        self._known: dict[Path, _Identity | None] = {}
        self._folders: tuple[Path, ...] | None = None
        self._stream: Generator[_Changes, None, None] | None = None

    def run(self) -> None:
        """Follow until it is to end."""
        while not self._stop.is_set():
            self._look()
            changes = self._next()
            if changes:
                self._tell(FileNews(changed=frozenset(Path(path) for _, path in changes)))

    def _next(self) -> _Changes:
        if self._stream is None:
            self._stop.wait(LOOK_MILLISECONDS / 1000)
            return set()
        return next(self._stream, set())

    def _look(self) -> None:
        """Compare the paths with how they were; tell what is another one, and follow the folders that are there."""
        before, self._known = self._known, {path: _identity(path) for path in self._paths}
        folders = tuple(path for path in self._paths if path.is_dir())
        others = {path for path, identity in self._known.items() if path not in before or before[path] != identity}
        if others or folders != self._folders:
            self._follow(folders)
        if not others:
            return
        there = {path for path in others if self._known[path] is not None}
        written = {path for path in there if before.get(path) is not None and path not in folders}
        self._tell(FileNews(frozenset(written), frozenset(there - written), frozenset(others - there)))

    def _follow(self, folders: tuple[Path, ...]) -> None:
        """Follow these folders; what has happened to those before is told, so that nothing is lost in between."""
        from watchfiles import watch

        last, self._stream, self._folders = self._stream, None, folders
        first: _Changes = set()
        if folders:
            stream = watch(
                *folders,
                watch_filter=None,
                step=STEP_MILLISECONDS,
                debounce=BURST_MILLISECONDS,
                rust_timeout=LOOK_MILLISECONDS,
                yield_on_timeout=True,
                stop_event=self._stop,
                raise_interrupt=False,
                ignore_permission_denied=True,
            )
            try:
                first, self._stream = next(stream, set()), stream  # they are followed from now on
            except FileNotFoundError:  # one has gone this moment
                self._folders = None
        if last is not None:
            first |= next(last, set())
            last.close()
        if first:
            self._tell(FileNews(changed=frozenset(Path(path) for _, path in first)))


def _identity(path: Path) -> _Identity | None:
    """What tells a folder from another of its name, and a file from how it was before; None where nothing is there."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a quarter of the time, many times a second
    except OSError:
        return None
    if stat.S_ISDIR(status.st_mode):
        return status.st_dev, status.st_ino, 0
    return status.st_ino, status.st_mtime_ns, status.st_size
