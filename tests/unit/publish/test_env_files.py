"""Environment files are published by their names, with required values, and never by what this machine holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.definitions import build

from fairlead import AppBuilder, Mode, PublishError
from fairlead.publish.publisher import Rendered, render

SECRET = "hunter2"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def api(folder: Path, path: str = "api.env", *, strict: bool = False, **options: Any) -> Rendered:
    """What is published of an app whose container has an environment file."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_env_file(path, **options)

    return render(build(define, Mode.PUBLISH, folder), strict=strict)


def values(rendered: Rendered) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(rendered.files["values.yaml"])
    return found


def problem(folder: Path, path: str = "api.env", **options: Any) -> str:
    with pytest.raises(PublishError) as caught:
        api(folder, path, **options)
    (error,) = caught.value.errors
    assert error.resource == "api" and error.line and error.remedy
    return error.message


def test_names_are_published_and_values_required(tmp_path: Path) -> None:
    """Every variable must be in a Secret, its value be asked for, and none of the file's be anywhere."""
    write(tmp_path, **{"api.env": f"TOKEN={SECRET}\nLEVEL=${{HOME}}\nBARE\n"})

    rendered = api(tmp_path)

    assert values(rendered)["secrets"] == {"api": {"TOKEN": "", "LEVEL": "", "BARE": ""}}
    assert not [path for path, text in rendered.files.items() if SECRET in text]
    assert "TOKEN" in rendered.files["templates/required-values.yaml"]
    secret = rendered.files["templates/api/secret.yaml"]
    assert [name for name in ("TOKEN", "LEVEL", "BARE") if f"{name}:" in secret] == ["TOKEN", "LEVEL", "BARE"]


def test_values_are_published_when_asked_for(tmp_path: Path) -> None:
    """With ``values`` each must be a default of the chart, filled in from the file alone; what has none is required."""
    write(tmp_path, **{"api.env": "HOST=db\nURL=http://${HOST}/\nBARE\n"})

    rendered = api(tmp_path, publish="values")

    assert values(rendered)["config"] == {"api": {"HOST": "db", "URL": "http://db/"}}
    assert values(rendered)["secrets"] == {"api": {"BARE": ""}}


def test_a_secret_among_values_is_said(tmp_path: Path) -> None:
    """A value that may be secret must not be published without a warning, nor with ``--strict``."""
    write(tmp_path, **{"api.env": f"LEVEL=info\nAPI_TOKEN={SECRET}\n"})

    (warning,) = api(tmp_path, publish="values").warnings
    assert warning.message == "'API_TOKEN' of api.env may be secret, and everyone may read a ConfigMap"
    with pytest.raises(PublishError):
        api(tmp_path, publish="values", strict=True)


def test_everything_else_wins_over_a_file(tmp_path: Path) -> None:
    """Own variables, ports and references must win, and leave no trace of the file's; a later file wins over others."""
    write(tmp_path, one="OWN=1\nPORT=1\nCACHE_HOST=1\nA=1\nB=1\n", two="A=2\n")

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        container = app.add_container("api", "a:1", env={"OWN": "x"}).with_reference(cache)
        container.with_endpoint("http", target_port=8000, env="PORT")
        container.with_env_file("one").with_env_file("two", publish="values")

    found = values(render(build(define, Mode.PUBLISH, tmp_path)))

    assert found["secrets"] == {"api": {"B": ""}}
    assert found["config"] == {"api": {"OWN": "x", "A": "2"}}


def test_a_file_of_the_machine_has_the_names_of_its_template(tmp_path: Path) -> None:
    """Of a file that Git ignores, or that is not there, the one beside it for newcomers must give the names."""
    write(tmp_path, **{".gitignore": ".env\n", ".env.example": "TOKEN=\nLEVEL=info\n"})
    missing = api(tmp_path, ".env")
    write(tmp_path, **{".env": f"TOKEN={SECRET}\nMINE=1\n"})

    there = api(tmp_path, ".env")

    assert there.files == missing.files
    assert values(there)["secrets"] == {"api": {"TOKEN": "", "LEVEL": ""}}
    assert "the names of .env are those in .env.example" in [note.message for note in there.notes]


def test_what_can_not_be_published_is_an_error(tmp_path: Path) -> None:
    """A missing file, one of this machine only, and one that needs the environment must be errors."""
    folder = tmp_path / "app"
    folder.mkdir()
    write(tmp_path, outside="A=1")
    write(folder, **{".gitignore": ".env\n", ".env": "A=1", "bad": "foo bar\n", "home": "A=${HOME}\n"})

    assert "there is no such file" in problem(folder, "nowhere")
    assert "Git ignores it" in problem(folder, ".env")
    assert "Git ignores it" in problem(folder, ".env", publish="values")
    assert "outside the app file's folder" in problem(folder, "../outside")
    assert "of bad line 1 is not understood" in problem(folder, "bad")
    assert "it needs values of the environment: 'HOME'" in problem(folder, "home", publish="values")
    assert "there is no such file" in problem(folder, "nowhere", publish="values")
