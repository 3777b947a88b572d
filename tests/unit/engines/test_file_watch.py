"""What is told of files that change; the files are real, and so is the system's word about them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from tests.support.stage import PATIENCE

from fairlead.engines.file_watch import FileNews, FileWatcher


async def _next(news: AsyncGenerator[FileNews]) -> FileNews:
    async with asyncio.timeout(PATIENCE):
        return await anext(news)


async def _changed(news: AsyncGenerator[FileNews], path: Path) -> None:
    """Wait until the change of a path is told."""
    while path not in (await _next(news)).changed:
        pass


async def test_changes_below_a_folder_are_told(tmp_path: Path) -> None:
    """What is written, renamed or removed must be told, in folders that are made later too."""
    async with aclosing(FileWatcher([tmp_path]).follow()) as news:
        assert await _next(news) == FileNews(appeared=frozenset({tmp_path}))
        (tmp_path / "a.txt").write_text("1")
        await _changed(news, tmp_path / "a.txt")
        (tmp_path / "sub").mkdir()
        await _changed(news, tmp_path / "sub")
        (tmp_path / "a.txt").rename(tmp_path / "sub" / "b.txt")
        await _changed(news, tmp_path / "sub" / "b.txt")
        (tmp_path / "sub" / "b.txt").unlink()
        await _changed(news, tmp_path / "sub" / "b.txt")


async def test_a_file_is_followed_by_its_name(tmp_path: Path) -> None:
    """A watched file that an editor replaces by another must be told of each time."""
    file = tmp_path / "conf.yaml"
    file.write_text("1")
    async with aclosing(FileWatcher([file]).follow()) as news:
        assert await _next(news) == FileNews(appeared=frozenset({file}))
        for text in ("two", "three"):
            (tmp_path / "new").write_text(text)
            (tmp_path / "new").rename(file)
            await _changed(news, file)


async def test_a_folder_that_vanishes_is_followed_again_when_it_is_back(tmp_path: Path) -> None:
    """A folder that is removed and made again is another one, which must be followed like the first."""
    folder, other = tmp_path / "src", tmp_path / "other"
    other.mkdir()
    async with aclosing(FileWatcher([folder, other]).follow()) as news:
        assert await _next(news) == FileNews(appeared=frozenset({other}), vanished=frozenset({folder}))
        for _ in range(2):
            folder.mkdir()
            while folder not in (await _next(news)).appeared:
                pass
            (folder / "a.txt").write_text("1")
            await _changed(news, folder / "a.txt")
            shutil.rmtree(folder)
            while folder not in (await _next(news)).vanished:
                pass
        (other / "b.txt").write_text("1")
        await _changed(news, other / "b.txt")
