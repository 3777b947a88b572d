"""Which folder is the root of a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.projects import project_folder

from fairlead.projects.workspaces import is_workspace_of


def uv(members: str, exclude: str = "") -> tuple[str, str]:
    return "pyproject.toml", f"[tool.uv.workspace]\nmembers = {members}\n{exclude and f'exclude = {exclude}'}"


@pytest.mark.parametrize(
    ("file", "member", "expected"),
    [
        (uv('["packages/*"]'), "packages/api", True),
        (uv('["packages/*"]'), "packages/api/src/deep", True),
        (uv('["packages/*"]'), "packages", False),
        (uv('["packages/*"]'), "other/api", False),
        (uv('["./api/"]'), "api", True),
        (uv('["**/api"]'), "a/b/api", True),
        (uv('["packages/*"]', '["packages/old"]'), "packages/old", False),
        (("pyproject.toml", "[tool.uv]\n"), "api", False),
        (("pyproject.toml", "not toml"), "api", False),
        (("package.json", '{"workspaces": ["packages/*"]}'), "packages/web", True),
        (("package.json", '{"workspaces": {"packages": ["web"]}}'), "web", True),
        (("package.json", '{"workspaces": ["web", "!web"]}'), "web", False),
        (("package.json", "{}"), "web", False),
        (("pnpm-workspace.yaml", "packages:\n  - 'apps/*'\n  - '!apps/old'\n"), "apps/web", True),
        (("pnpm-workspace.yaml", "packages:\n  - 'apps/*'\n  - '!apps/old'\n"), "apps/old", False),
        (("pnpm-workspace.yaml", "packages: ["), "apps/web", False),
        (("pnpm-workspace.yaml", ""), "apps/web", False),
    ],
)
def test_members(file: tuple[str, str], member: str, expected: bool) -> None:
    """A folder, or one inside it, must be a member where a pattern says so and none excludes it."""
    root = project_folder("/repo", texts={file[0]: file[1]})
    assert is_workspace_of(root, Path("/repo", member)) == expected


def test_a_folder_elsewhere_is_no_member() -> None:
    """What is not below the root must not be its member."""
    assert not is_workspace_of(project_folder("/repo", texts=dict([uv('["*"]')])), Path("/other/api"))
