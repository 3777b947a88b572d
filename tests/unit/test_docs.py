"""The documentation is true: its examples run, and its reference names every method."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from fairlead import AppBuilder, Apphost, Resource

REPOSITORY = Path(__file__).parents[2]
DEFINITION = REPOSITORY / "docs" / "reference" / "definition.md"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    return [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def examples(page: Path) -> Iterator[CodeType]:
    text = page.read_text()
    for block in FENCE.finditer(text):
        # Blank lines before it, so that a failure shows the line of the page.
        source = "\n" * text[: block.start(1)].count("\n") + block[1]
        code = compile(source, str(page), "exec")
        if re.search(r"^(from|import) (fairlead|apphost)\b", source, re.MULTILINE):
            yield code  # other code is a program of an app, which has to compile


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_examples_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python example must run; each app it defines must build in both modes, each plain test must pass.

    A later example may import from ``apphost`` what an earlier one on its page has defined.
    """
    app_file = ModuleType("apphost")
    for name in ("apphost", "example"):  # the driver of a kind is loaded from the module of its example
        monkeypatch.setitem(sys.modules, name, app_file)
    for code in examples(page):
        names: dict[str, Any] = {"__name__": "example", "__file__": str(page)}
        exec(code, names)
        vars(app_file).update({name: value for name, value in names.items() if name != "__name__"})
        for name, value in names.items():
            if isinstance(value, Apphost):
                assert value.build().resources
                assert value.build("publish").resources
            elif name.startswith("test_") and not inspect.iscoroutinefunction(value) and not _fixtures(value):
                value()


def _fixtures(test: Callable[..., object]) -> bool:
    """Whether a test takes fixtures: those run as files, in ``tests/e2e``."""
    return bool(inspect.signature(test).parameters)


def declaring_methods() -> set[str]:
    kinds: set[type] = {AppBuilder, *Resource.__mro__}
    pending: list[type] = [Resource]
    while pending:
        pending += pending.pop().__subclasses__()
        kinds.update(base for kind in pending for base in kind.__mro__)
    prefixes = ("add_", "with_", "wait_", "on_", "exclude_")
    return {
        name
        for kind in kinds
        if kind.__module__.startswith(("fairlead.app", "fairlead.model", "fairlead.resources"))
        for name, member in vars(kind).items()
        if inspect.isfunction(member) and name.startswith(prefixes)
    }


def test_every_method_is_in_the_reference() -> None:
    """Every add_…, with_…, wait_… and on_… must be in the reference, and nothing that is not there."""
    documented = set(re.findall(r"`((?:add|with|wait|on|exclude)_\w+)\(", DEFINITION.read_text()))

    assert documented == declaring_methods()


def test_keywords_in_the_reference_are_there() -> None:
    """Each keyword of add_… must be in the reference."""
    from fairlead.options import ContainerOptions, ProcessOptions

    text = DEFINITION.read_text()
    keywords = {**ContainerOptions.__annotations__, **ProcessOptions.__annotations__}
    assert [name for name in keywords if f"`{name}=" not in text] == []


def test_links_lead_somewhere() -> None:
    """Every relative link of a page must lead to a file that is there."""
    broken = [
        f"{page.relative_to(REPOSITORY)}: {target}"
        for page in [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert broken == []


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in addresses: lower case, hyphens for spaces, no other marks."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_to_headings_lead_somewhere() -> None:
    """Every link into a page, or within one, must name a heading that is there."""
    broken = [
        f"{page.relative_to(REPOSITORY)}: {file}#{anchor}"
        for page in pages()
        for file, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text())
        if "://" not in file and anchor not in anchors(page.parent / file if file else page)
    ]

    assert broken == []
