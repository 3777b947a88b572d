"""The code blocks of a page of documentation, and the files that it tells the reader to save."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A paragraph that ends with the path of a file and a colon, and the block below it.
_FILE = re.compile(r"`([\w/]+\.py)`[^`\n]*:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def python_blocks(page: str) -> list[str]:
    """The Python blocks of a page, in order."""
    return _PYTHON.findall((REPOSITORY / page).read_text())


def files(page: str) -> list[tuple[str, str]]:
    """The files that a page asks for, in order, as path and contents; a path may come again with other contents."""
    return _FILE.findall((REPOSITORY / page).read_text())
