"""No two modules of the package import each other, however long the way round and wherever the import stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"


def test_no_import_circles() -> None:
    """No circle of imports may be in the package, counting imports in functions and under TYPE_CHECKING too."""
    assert [steps for _, steps in circles(import_graph(SOURCE))] == []


@pytest.mark.parametrize(
    "back",
    [
        "from shop.model.value import Value",
        "import shop.model.value",
        "from ..model import value",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.model.value import Value",
        "def price():\n    from shop.model.value import Value\n    return Value",
        "try:\n    pass\nexcept OSError:\n    from shop.model.value import Value",
        "try:\n    pass\nfinally:\n    with x:\n        import shop.model.value",
        "match x:\n    case 1:\n        import shop.model.value",
        "for y in x:\n    pass\nelse:\n    import shop.model.value",
    ],
)
def test_a_circle_is_found(tmp_path: Path, back: str) -> None:
    """A circle must be listed step by step, whichever way its last import is written."""
    write(tmp_path, "shop/model/value.py", "from shop.model.names import NAMES")
    write(tmp_path, "shop/model/names.py", "import re\nfrom shop.app import App")
    write(tmp_path, "shop/app.py", "from shop.cart import cart")
    write(tmp_path, "shop/cart/__init__.py", back)
    write(tmp_path, "shop/above.py", "from shop import app")

    ((modules, steps),) = circles(import_graph(tmp_path))

    assert modules == {"shop.app", "shop.cart", "shop.model.names", "shop.model.value"}
    assert steps == "shop.app -> shop.cart -> shop.model.value -> shop.model.names -> shop.app"


def write(folder: Path, path: str, text: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def import_graph(source: Path) -> dict[str, set[str]]:
    """For each module below a folder the others that it imports."""
    modules = {dotted(path.relative_to(source)): path for path in sorted(source.rglob("*.py"))}
    return {name: {*imported(name, path, modules)} - {name} for name, path in modules.items()}


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imported(module: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in statements(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:  # a name may be a module of its own
                target = f"{base}.{alias.name}"
                yield from [target] if target in modules else [base] if base in modules else []


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements in a statement, however deep, and the branches that hold them; expressions hold none."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, field, ()):
            yield inner
            yield from statements(inner)


def circles(graph: Mapping[str, set[str]]) -> list[tuple[set[str], str]]:
    """The circles of a graph: for each the modules that can be reached from each other, and a shortest way round."""
    reached = {module: reachable(graph, module) for module in graph}
    found: list[tuple[set[str], str]] = []
    for module in sorted(graph):
        if module in reached[module] and not any(module in modules for modules, _ in found):
            modules = {other for other in reached[module] if module in reached[other]}
            found.append((modules, " -> ".join(way_round(graph, module))))
    return found


def reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    pending = [start]
    while pending:
        new = graph[pending.pop()] - found
        found |= new
        pending += new
    return found


def way_round(graph: Mapping[str, set[str]], start: str) -> list[str]:
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:  # breadth first: the first way that comes back is a shortest one
        for target in sorted(graph[way[-1]] - seen):
            if target == start:
                return [*way, start]
            seen.add(target)
            ways.append([*way, target])
    return []
