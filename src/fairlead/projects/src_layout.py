"""Projects whose modules are in a folder ``src``: importable without being installed, as their authors expect."""

from __future__ import annotations

from collections.abc import Collection

from fairlead.projects.folder import ProjectFolder


def needs_src(folder: ProjectFolder, module: str | None, installed_modules: Collection[str]) -> bool:
    """Whether ``src`` has to be on PYTHONPATH for a program in a folder.

    Args:
        folder: The app's folder.
        module: The module that is run; None for a script or another program, which may import any.
        installed_modules: The modules that its environment is known to have.
    """
    top = module.partition(".")[0] if module else None
    wanted = folder.src_modules if top is None else folder.src_modules & {top}
    return not wanted <= set(installed_modules)
