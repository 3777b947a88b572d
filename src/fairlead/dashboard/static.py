"""The page: the files that ``web/`` is built into, public as they hold nothing of the app.

They are few and small, so they are read once and kept, compressed too. Every address that is neither a file nor under
``/api/`` is answered with the page itself, which knows what to show there.
"""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "page"
_INDEX = "index.html"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NOT_BUILT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Fairlead</title>
<h1>The page is not built</h1>
<p>This Fairlead was installed from its sources, which do not hold the built page.</p>
<p>In a clone run <code>make setup</code>, or install Fairlead from a wheel. The command line has all that the page
shows: <code>fairlead resources</code>, <code>fairlead logs -f</code>.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the page as it is sent; ``lasting`` is one whose name changes with its content."""

    content: bytes
    compressed: bytes | None
    content_type: str
    lasting: bool


class Page:
    """The built page.

    Args:
        folder: Where it was built.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._files: Mapping[str, _File] | None = None

    async def answer(self, raw: web.Request) -> web.Response:
        """Answer with a file, or with the page for an address within it."""
        if self._files is None:
            self._files = await asyncio.to_thread(_read, self._folder)
        file = self._files.get(raw.path.lstrip("/")) or self._files.get(_INDEX)
        if file is None:
            return web.Response(text=_NOT_BUILT, status=503, content_type="text/html", headers=_HEADERS)
        kept = "public, max-age=31536000, immutable" if file.lasting else "no-cache"
        headers = {**_HEADERS, "Cache-Control": kept, "Content-Type": file.content_type, "Vary": "Accept-Encoding"}
        if file.compressed is not None and "gzip" in raw.headers.get("Accept-Encoding", ""):
            return web.Response(body=file.compressed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=file.content, headers=headers)


def _read(folder: Path) -> dict[str, _File]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): _file(path) for path in paths}


def _file(path: Path) -> _File:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in ("application/javascript", "application/json", "image/svg+xml")
    compressed = gzip.compress(content, 9, mtime=0) if is_text else None
    return _File(
        content,
        compressed if compressed is not None and len(compressed) < len(content) else None,
        f"{kind}; charset=utf-8" if is_text else kind,
        path.parent.name == "assets",
    )
