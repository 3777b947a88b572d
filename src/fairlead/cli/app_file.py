"""Which app a verb is about: finding the app file, and loading the app that it defines."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

from fairlead.cli.interrupts import quiet_interrupts
from fairlead.cli.terminal import display_path
from fairlead.errors import FairleadError, UsageError
from fairlead.runtime.store.project_settings import find_settings

if TYPE_CHECKING:
    from fairlead.definition import Definition
    from fairlead.runtime.reload.result import ReadAnew

DEFAULT_NAME = "apphost.py"
_EXAMPLE = """\
Describe an app in it:
  from fairlead import AppBuilder, apphost

  @apphost
  def shop(app: AppBuilder) -> None:
      app.add_python_app("api", "./api", script="main.py").with_http_endpoint()"""

# Set while an app file is loaded: one that calls main() without asking for __main__ would run us inside ourselves.
_loading: list[Path] = []


class AppFileError(FairleadError):
    """The app file can't be found out about: it can't be read or compiled, raises, or does not hold one app."""

    exit_code = 3


def find_app_file(given: Path | None = None) -> Path:
    """The app file: the one given, else the nearest of those that a ``pyproject.toml`` names and ``apphost.py`` files.

    Args:
        given: A file, or a folder with an ``apphost.py``.

    Raises:
        UsageError: There is none, here or above.
    """
    if given is not None:
        return _existing(given, "--apphost")
    try:
        here = Path.cwd()
    except OSError as error:
        raise UsageError("the current folder is gone", remedy="Change to another, or give --apphost PATH.") from error
    settings = find_settings(here)
    named = settings.file.parent if settings.file is not None and settings.apphost else None
    for folder in (here, *here.parents):
        if named is not None and folder == named and settings.apphost:
            return _existing(folder / settings.apphost, f"[tool.fairlead] apphost in {settings.file}")
        if (folder / DEFAULT_NAME).is_file():
            return _real(folder / DEFAULT_NAME)
    raise UsageError(
        f"there is no {DEFAULT_NAME} here ({here}) or above",
        remedy="Change to your app's folder, give --apphost PATH, or begin an app with `fairlead new`.",
    )


def _existing(path: Path, source: str) -> Path:
    if path.is_dir():
        path = path / DEFAULT_NAME
    if not path.is_file():
        raise UsageError(
            f"{source}: {display_path(path)} is not a file" if path.exists() else f"{source}: no {display_path(path)}"
        )
    return _real(path)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def load_app_file(file: Path) -> Definition:
    """Load the one app that a file defines; its folder comes first on ``sys.path``, as for ``python apphost.py``.

    Raises:
        AppFileError: The file can't be read or compiled, raises, or does not define exactly one app.
    """
    return _the_only_one(file, _definitions_in(file))


def _definitions_in(file: Path) -> list[tuple[str, Definition]]:
    """The apps that a file defines, by the names that it gives them."""
    with quiet_interrupts():
        from fairlead.definition import Definition  # here, because finding a running app needs no model

    if str(file.parent) not in sys.path[:1]:
        sys.path.insert(0, str(file.parent))
    module = _execute(file, _compile(file))
    apps_by_id = {id(value): (name, value) for name, value in vars(module).items() if isinstance(value, Definition)}
    return [(name, value) for name, value in apps_by_id.values() if value.file == file] or list(apps_by_id.values())


def _the_only_one(file: Path, definitions: list[tuple[str, Definition]]) -> Definition:
    if not definitions:
        raise AppFileError(f"{display_path(file)} defines no app", remedy=_EXAMPLE)
    if len(definitions) > 1:
        names = ", ".join(name for name, _ in definitions)
        raise AppFileError(
            f"{display_path(file)} defines {len(definitions)} apps: {names}",
            remedy="Keep one in each file, or make the others by a function that is called.",
        )
    return definitions[0][1]


def load_anew(file: Path, name: str) -> ReadAnew:
    """Load an app file again, with the modules of its project, and evaluate what it defines by now.

    Args:
        file: The app file.
        name: The app that is looked for, if the file defines several.

    Returns:
        The app, and what puts the modules back that were loaded before.

    Raises:
        AppFileError: The file can't be loaded, or does not define the app.
        DefinitionError: The definition has mistakes.
    """
    from fairlead.runtime.reload.definition_files import local_modules
    from fairlead.runtime.reload.result import ReadAnew

    before = dict(local_modules(file.parent))

    def put_back() -> None:
        for loaded, _ in list(local_modules(file.parent)):
            del sys.modules[loaded]
        sys.modules.update(before)

    for loaded in before:
        del sys.modules[loaded]
    importlib.invalidate_caches()
    try:
        definitions = _definitions_in(file)
        named = [each for each in definitions if each[1].name == name]
        return ReadAnew(_the_only_one(file, named or definitions).build("run"), put_back)
    except BaseException:
        put_back()
        raise


def _compile(file: Path) -> CodeType:
    try:
        return compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise AppFileError(f"{display_path(file)}:{error.lineno}: {error.msg}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AppFileError(f"{display_path(file)} can't be read: {reason}") from error


def _execute(file: Path, code: CodeType) -> ModuleType:
    """Run the file as a module, without leaving compiled files beside it."""
    name = file.stem if file.stem not in sys.modules else f"fairlead_app_{file.stem}"
    module = ModuleType(name)
    module.__file__ = str(file)
    sys.modules[name] = module
    _loading.append(file)
    try:
        exec(code, vars(module))  # noqa: S102 - it is the user's own program
    except SystemExit as error:
        raise AppFileError(
            f"{display_path(file)} ends the program while it is loaded",
            remedy='Put what it does below `if __name__ == "__main__":`.',
        ) from error
    except FairleadError:  # it says itself what is wrong, and where
        raise
    except SyntaxError as error:
        raise AppFileError(f"{display_path(error.filename or file)}:{error.lineno}: {error.msg}") from error
    except Exception as error:
        raise AppFileError(f"{display_path(file)} can't be loaded") from error
    finally:
        _loading.remove(file)
    return module


def refuse_running_loop(definition: Definition) -> None:
    """See to it that no command line is started inside an event loop, as in a cell of a notebook.

    Raises:
        UsageError: A loop runs in this thread.
    """
    asyncio = sys.modules.get("asyncio")  # where it was not imported, no loop runs
    if asyncio is None or asyncio._get_running_loop() is None:
        return
    name = definition.name
    raise UsageError(
        f"{name}.main() was called where an event loop runs already, as it does in a notebook",
        remedy=f"Here, `async with {name}.start() as app:` runs the app and `{name}.publish()` publishes it. The verbs "
        "of the command line are for a terminal: `fairlead run`.",
    )


def refuse_nested_main() -> None:
    """See to it that an app file does not start its own command line while it is loaded.

    Raises:
        AppFileError: One is being loaded.
    """
    if _loading:
        raise AppFileError(
            f"{display_path(_loading[-1])} calls main() whenever it is loaded",
            remedy='Put that line below `if __name__ == "__main__":`.',
        )
