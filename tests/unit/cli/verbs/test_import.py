"""`fairlead import`: files in, an app file out, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.command_line import call

COMPOSE = """\
services:
  web:
    image: nginx:${TAG:-1.22-bookworm}
    ports: ["8080:80"]
    enviroment: {A: b}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a compose file, one that overrides it, and values of variables."""
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "compose.override.yaml").write_text("services: {web: {command: [serve]}}\n")
    (tmp_path / "prod.yaml").write_text("services: {web: {command: [deploy]}}\n")
    (tmp_path / "other.env").write_text("TAG=1.23\n")
    return tmp_path


def test_files_of_a_folder_become_its_app(project: Path) -> None:
    """Without a name the usual files must be taken; what is lost must be said, and the app must publish."""
    written = call(project, "import")

    assert written.returncode == 0, written.stderr
    text = (project / "apphost.py").read_text()
    assert 'with_args("serve")' in text
    assert "services.web.enviroment (compose.yaml:5)" in written.stdout
    assert "did you mean 'environment'?" in written.stdout.replace("\n    ", " ")
    assert "# - services.web.enviroment" in text
    assert call(project, "publish").returncode == 0


def test_files_environment_and_output_can_be_named(project: Path) -> None:
    """Files that override others, values of variables and the place of the app file must be the user's to choose."""
    (project / "deploy").mkdir()
    arguments = ("compose.yaml", "-f", "prod.yaml", "--env-file", "other.env", "-o", "deploy/shop.py")

    written = call(project, "import", *arguments)

    assert written.returncode == 0, written.stderr
    text = (project / "deploy" / "shop.py").read_text()
    assert 'TAG = "1.23"' in text
    assert 'with_args("deploy")' in text
    assert not (project / "apphost.py").exists()


def test_what_the_environment_file_says_to_compose_counts(project: Path) -> None:
    """Files, profiles and the name that .env gives to Compose must be those of the import."""
    (project / ".env").write_text(
        "COMPOSE_FILE=compose.yaml:prod.yaml\nCOMPOSE_PROFILES=a,b\nCOMPOSE_PROJECT_NAME=harbour\n"
    )
    (project / "prod.yaml").write_text(
        "services: {web: {command: ['${COMPOSE_PROJECT_NAME}'], profiles: [b]}, two: {image: x, profiles: [c]}}"
    )

    written = call(project, "import")

    assert written.returncode == 0, written.stderr
    text = (project / "apphost.py").read_text()
    assert "def harbour(app: AppBuilder)" in text
    assert 'app.add_parameter("compose-project-name", "harbour")' in text
    assert 'with_group("c")' in text
    assert 'with_group("b")' not in text


def test_app_file_is_not_overwritten(project: Path) -> None:
    """An app file that is there must stay, unless the user says otherwise."""
    (project / "apphost.py").write_text("mine")

    refused = call(project, "import")

    assert refused.returncode == 2
    assert "apphost.py is there already" in refused.stderr
    assert (project / "apphost.py").read_text() == "mine"
    assert call(project, "import", "--force").returncode == 0
    assert "add_container" in (project / "apphost.py").read_text()


def test_folder_without_a_compose_file_is_told(tmp_path: Path) -> None:
    """Where there is nothing to import, it must be said how to name it."""
    refused = call(tmp_path, "import")

    assert refused.returncode == 2
    assert "fairlead import FILE" in refused.stderr


def test_mistakes_are_shown_with_their_lines(project: Path) -> None:
    """Mistakes of a compose file must be shown together, with their lines, and nothing must be written."""
    (project / "compose.yaml").write_text("services:\n  web:\n    image: x\n    ports: 80\n    depends_on: [db]\n")

    refused = call(project, "import", "compose.yaml")

    assert refused.returncode == 3
    assert "the compose file has 2 mistakes" in refused.stderr
    assert "compose.yaml:4: services.web.ports is a number" in refused.stderr
    assert "compose.yaml:5:" in refused.stderr
    assert not (project / "apphost.py").exists()


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A compose file that can't be read must be named."""
    refused = call(tmp_path, "import", "gone.yaml")

    assert refused.returncode == 3
    assert "gone.yaml can't be read: No such file or directory" in refused.stderr
