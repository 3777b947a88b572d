"""What the import contracts in pyproject.toml cannot say."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
PACKAGE = SOURCE / "fairlead"
PURE_ROOMS = ("errors.py", "container_options.py", "projects", "model", "resources", "app.py", "publish")
MAY_BE_BARE = re.compile(r"import\s.*\bfairlead\b(?!\.)|from\s+(fairlead|\.+)\s+import")
SLOW_OR_IMPURE = ("aiohttp", "asyncio", "lightkube", "psutil", "rich")


def test_no_module_imports_the_bare_package() -> None:
    """A module inside the package must import the module it needs: the bare package drags everything public in."""
    offenders = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != PACKAGE / "__init__.py"
        for line in bare_imports(path)
    ]

    assert offenders == []


def test_the_definition_loads_no_client_library() -> None:
    """Importing all that defines and publishes an app must load no event loop, client or terminal library."""
    assert not set(SLOW_OR_IMPURE) & loaded_with(*pure_modules())


def test_processes_start_without_http() -> None:
    """What runs and checks processes must load no HTTP library: that takes longer than all else until they are up."""
    running = ("fairlead.cli.session", "fairlead.cli.screens.lines", "fairlead.runtime.host")
    drivers = (f"fairlead.drivers.{kind}" for kind in ("process", "python", "node", "parameter", "external"))

    assert not {"aiohttp", "http.client", "rich"} & loaded_with(*running, *drivers)


def test_the_receiver_loads_nothing_before_a_request() -> None:
    """A run whose resources send no telemetry must not pay for protobuf and HTTP/2."""
    assert not {"google.protobuf", "opentelemetry", "h2"} & loaded_with("fairlead.dashboard.server")


def loaded_with(*modules: str) -> set[str]:
    """All modules that a fresh interpreter has loaded when it has imported these."""
    program = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program, *modules], capture_output=True, text=True, check=True)
    return set(json.loads(ended.stdout))


def pure_modules() -> list[str]:
    files = [
        file for room in PURE_ROOMS for file in [PACKAGE / room, *(PACKAGE / room).rglob("*.py")] if file.is_file()
    ]
    return ["fairlead", *(dotted(file) for file in files)]


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def bare_imports(path: Path) -> Iterator[int]:
    text = path.read_text()
    if not MAY_BE_BARE.search(text):
        return  # looking into a tree takes a hundred times as long
    depth = len(path.parent.relative_to(SOURCE).parts)  # `from . import x` reaches the package itself from depth 1
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import) and any(alias.name == "fairlead" for alias in node.names):
            yield node.lineno
        elif isinstance(node, ast.ImportFrom):
            relative = node.level == depth and not node.module
            if relative or (node.level == 0 and node.module == "fairlead"):
                yield node.lineno
