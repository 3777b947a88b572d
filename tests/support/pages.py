"""The code blocks of a page of documentation, and the files that it tells the reader to save."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The last line of a paragraph that names files and ends with a colon, and the block below it.
_FILE = re.compile(
    r"^([^\n]*`[\w/]+\.(?:py|yaml)`[^`\n]*):\n\n```(?:python|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_NAME = re.compile(r"`([\w/]+\.(?:py|yaml))`")
_ABOVE, _BELOW = "above all others of ", "to the end of "


def python_blocks(page: str) -> list[str]:
    """The Python blocks of a page, in order."""
    return _PYTHON.findall((REPOSITORY / page).read_text())


def files(page: str, before: str | None = None) -> list[tuple[str, str]]:
    """The files that a page asks for, in order, as path and contents; a path may come again with other contents.

    Args:
        page: The path of the page in the repository.
        before: Leave out what comes from this heading on.
    """
    text = (REPOSITORY / page).read_text()
    if before is not None:
        assert before in text
        text = text.partition(before)[0]
    saved: dict[str, str] = {}
    steps: list[tuple[str, str]] = []
    for sentence, block in _FILE.findall(text):
        for name, contents in _changes(sentence, block, saved):
            saved[name] = contents
            steps.append((name, contents))
    return steps


def _changes(sentence: str, block: str, saved: dict[str, str]) -> list[tuple[str, str]]:
    """What a sentence makes of a block: lines above or below those of files, or a whole file."""
    if _ABOVE in sentence:
        return [(name, f"{block}\n{saved[name]}") for name in _NAME.findall(sentence.partition(_ABOVE)[2])]
    if _BELOW in sentence:
        return [(name, f"{saved[name]}\n\n{block}") for name in _NAME.findall(sentence.partition(_BELOW)[2])]
    return [(_NAME.findall(sentence)[-1], block)]
