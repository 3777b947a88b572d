"""Bind mounts show one machine; what is published of them must be the same on all, and give no secret away."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.definitions import build

from fairlead import AppBuilder, ContainerFile, Mode, PublishError
from fairlead.publish.publisher import Rendered, render
from fairlead.publish.translation.secret_files import PATTERNS

PEM = "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n"
SECRET = "hunter2"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def mounted(folder: Path, source: str, target: str = "/x", **options: Any) -> Rendered:
    """What is published of an app with one bind mount."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_bind_mount(source, target, **options)

    return render(build(define, Mode.PUBLISH, folder))


def problem(folder: Path, source: str, **options: Any) -> str:
    with pytest.raises(PublishError) as caught:
        mounted(folder, source, **options)
    (error,) = caught.value.errors
    assert error.resource == "api" and error.line
    for way in ("with_container_files()", "with_volume()", '"config"', '"secret"', '"skip"'):
        assert way in str(error.remedy)
    return error.message


def copied(rendered: Rendered) -> dict[str, str]:
    """The texts in the ConfigMap of files."""
    text = rendered.files.get("templates/api/configmap-api-files.yaml") or rendered.files.get(
        "templates/api/configmap.yaml", "data: {}"
    )
    _, _, data = f"\n{text}".partition("\ndata:")  # what is above has lines of templates
    found: dict[str, str] = yaml.safe_load(f"data:{data}".replace("{{", "<").replace("}}", ">"))["data"]
    return found


def required(rendered: Rendered) -> set[str]:
    """The secrets of values.yaml."""
    return set(yaml.safe_load(rendered.files["values.yaml"]).get("secrets", {}))


def test_text_of_the_project_is_copied(tmp_path: Path) -> None:
    """A read-only file, and a read-only folder, of text must become a copy."""
    write(tmp_path, {"app.ini": "a = 1\n", "conf/one": "1", "conf/deep/two": "2"})

    assert copied(mounted(tmp_path, "app.ini", read_only=True)) == {"x": "a = 1\n"}
    assert copied(mounted(tmp_path, "conf", read_only=True)) == {"one": "1", "two": "2"}
    assert copied(mounted(tmp_path, str(tmp_path / "app.ini"), read_only=True)) == {"x": "a = 1\n"}


@pytest.mark.parametrize("name", [".env", ".env.local", "prod.env", "tls.key", "ca.pem", "store.p12", "TLS.KEY"])
@pytest.mark.parametrize("exists", [True, False], ids=["there", "missing"])
def test_what_looks_secret_becomes_a_required_value(tmp_path: Path, name: str, exists: bool) -> None:
    """A file that looks secret must never be copied, and be asked for whether or not this machine has it."""
    if exists:
        write(tmp_path, {f"certs/{name}": f"KEY={SECRET}", ".gitignore": ".env\n"})

    rendered = mounted(tmp_path, f"certs/{name}", read_only=True)

    assert required(rendered) == {f"api-{name}"}
    assert not [path for path, text in rendered.files.items() if SECRET in text]
    assert [note.message for note in rendered.notes if "not copied" in note.message] == [
        f"certs/{name} is not copied, because it looks secret"
    ]


def test_a_private_key_is_secret_whatever_its_file_is_called(tmp_path: Path) -> None:
    """A PEM private key must be found inside a file, by itself and in a folder."""
    write(tmp_path, {"conf/plain": "text", "conf/id_rsa": f"comment\n{PEM}", ".git/HEAD": ""})

    for source in ("conf/id_rsa", "conf"):
        rendered = mounted(tmp_path, source, read_only=True)
        assert required(rendered) == {"api-id_rsa"}
        assert not [path for path, text in rendered.files.items() if "c2VjcmV0" in text]


def test_the_name_in_the_container_counts_too(tmp_path: Path) -> None:
    """A file that the container knows under a secret name must not be copied either."""
    write(tmp_path, {"development": f"KEY={SECRET}"})

    assert required(mounted(tmp_path, "development", "/app/.env", read_only=True)) == {"api-development"}


def test_a_writable_mount_is_refused(tmp_path: Path) -> None:
    """What a program can write to must be an error, whether there is anything in it already or not."""
    before = problem(tmp_path, "redis")
    write(tmp_path, {"redis/dump.rdb": b"REDIS\x00\xff"})

    assert (
        problem(tmp_path, "redis")
        == before
        == ("the bind mount of redis at /x: the program can write to it, and what it writes would be lost in a cluster")
    )
    assert "say read_only=True" in problem(tmp_path, ".env")


def test_data_is_refused(tmp_path: Path) -> None:
    """What is not text, or more than 256 KiB together, must be an error."""
    write(
        tmp_path, {"binary": b"\x00\xff", "folder/a": "a" * 200_000, "folder/b": "b" * 100_000, "half": "a" * 200_000}
    )

    assert problem(tmp_path, "binary", read_only=True).endswith(": it is not text")
    assert problem(tmp_path, "folder", read_only=True).endswith("hold more than 262,144 bytes together")

    def two(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1").with_bind_mount("half", "/a", read_only=True)
        api.with_bind_mount("half", "/b", read_only=True)

    with pytest.raises(PublishError, match="hold more than 262,144 bytes together"):
        render(build(two, Mode.PUBLISH, tmp_path))


def test_what_is_not_of_the_project_is_refused(tmp_path: Path) -> None:
    """A file outside the app's folder, by whatever road, or one that Git ignores, must be an error."""
    write(tmp_path, {"outside": "x", "app/.git/HEAD": "", "app/.gitignore": "local\n", "app/local/a": "x"})
    (tmp_path / "app" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "app" / "conf").mkdir()
    (tmp_path / "app" / "conf" / "link").symlink_to(tmp_path / "outside")
    app = tmp_path / "app"

    for source in ("../outside", "/etc/hosts", "~/notes", "link", "conf", "/var/run/docker.sock"):
        assert "it is outside the app file's folder" in problem(app, source, read_only=True)
    for source in ("local", "local/a"):
        assert "Git ignores it" in problem(app, source, read_only=True)


def test_links_are_no_way_past_git(tmp_path: Path) -> None:
    """Neither a link to an ignored file nor a link to the project may publish what Git ignores."""
    write(tmp_path, {"app/.git/HEAD": "", "app/.gitignore": "local\n", "app/local": "x", "app/conf/a": "a"})
    app, other = tmp_path / "app", tmp_path / "other"
    (app / "link").symlink_to("local")
    other.symlink_to(app)

    assert "Git ignores it" in problem(app, "link", read_only=True)
    assert "Git ignores it" in problem(app, str(other / "local"), read_only=True)
    assert copied(mounted(app, str(other / "conf"), read_only=True)) == {"a": "a"}


def test_what_git_ignores_stays_in_its_folder(tmp_path: Path) -> None:
    """Ignored files of a folder must be left out with a note, and one that has no others must be an error."""
    write(tmp_path, {".gitignore": "*.log\ncache/\n", "conf/a": "a", "conf/x.log": "x", "conf/cache/b": "b"})
    write(tmp_path, {"logs/x.log": "x"})

    rendered = mounted(tmp_path, "conf", read_only=True)

    assert copied(rendered) == {"a": "a"}
    (note,) = [note.message for note in rendered.notes if "Git ignores" in note.message]
    assert note.startswith("cache/, x.log in conf, mounted at /x, stay on this machine")
    assert "Git ignores all its files" in problem(tmp_path, "logs", read_only=True)


def test_running_and_publishing_before_changes_nothing(tmp_path: Path) -> None:
    """What programs and Fairlead leave in a folder must not be in a chart."""
    write(tmp_path, {"conf/a.py": "a"})
    before = mounted(tmp_path, "conf", read_only=True)
    write(tmp_path, {"conf/__pycache__/a.pyc": b"\x00\xff", "conf/.DS_Store": b"\x00", "conf/.git/HEAD": "x"})
    write(tmp_path, {"conf/out/.fairlead-files": "", "conf/out/Chart.yaml": "x"})

    assert mounted(tmp_path, "conf", read_only=True).files == before.files


def test_a_copy_may_be_asked_for(tmp_path: Path) -> None:
    """``config`` must copy what is writable, ignored, binary or elsewhere, and still no secret."""
    write(
        tmp_path, {"outside": "x", "app/.gitignore": "*\n", "app/conf/a": "a", "app/b": b"\x00\xff", "app/ca.pem": "A"}
    )
    write(tmp_path, {"app/bad.pem": PEM, "app/mixed/.env": SECRET, "app/mixed/a": "a"})
    app = tmp_path / "app"

    assert copied(mounted(app, "../outside", publish_mount="config")) == {"x": "x"}
    assert copied(mounted(app, "conf", publish_mount="config")) == {"a": "a"}
    assert copied(mounted(app, "ca.pem", publish_mount="config")) == {"x": "A"}
    binary = mounted(app, "b", publish_mount="config").files
    assert [path for path, text in binary.items() if b64encode(b"\x00\xff").decode() in text]
    for source in (".env", "tls.key", "bad.pem"):
        assert "it looks secret" in problem(app, source, publish_mount="config")
    mixed = mounted(app, "mixed", publish_mount="config")
    assert copied(mixed) == {"a": "a"}
    assert required(mixed) == {"api-.env"}


def test_a_value_may_be_asked_for(tmp_path: Path) -> None:
    """``secret`` must make a required value of each file, without reading any."""
    write(tmp_path, {"app/conf/a": SECRET, "app/conf/b": "x", "app/.gitignore": "local\n", "app/local/a": "x"})
    app = tmp_path / "app"

    rendered = mounted(app, "conf", publish_mount="secret")
    assert required(rendered) == {"api-a", "api-b"}
    assert not [path for path, text in rendered.files.items() if SECRET in text]
    assert required(mounted(app, "~/token", publish_mount="secret")) == {"api-token"}
    assert required(mounted(app, "local/a", publish_mount="secret")) == {"api-a"}
    assert "other machines don't have it" in problem(app, "local", publish_mount="secret")


def test_a_mount_may_be_left_out(tmp_path: Path) -> None:
    """``skip`` must leave it out, and say nothing."""
    rendered = mounted(tmp_path, "/var/run/docker.sock", publish_mount="skip")

    assert not [path for path, text in rendered.files.items() if "docker.sock" in text or "mountPath" in text]
    assert not [note for note in rendered.notes if note.resource == "api"]


def test_values_of_files_have_names_of_their_own(tmp_path: Path) -> None:
    """Two files of one name, and one with the name of a parameter, must not share a value; one file twice must."""

    def define(app: AppBuilder) -> None:
        token = app.add_parameter("api-token", secret=True)
        api = app.add_container("api", "a:1", env={"TOKEN": token, "tls.key": token})
        api.with_bind_mount("a/tls.key", "/a", read_only=True).with_bind_mount("b/tls.key", "/b", read_only=True)
        api.with_bind_mount("a/tls.key", "/again", read_only=True)
        api.with_bind_mount("token", "/token", publish_mount="secret", read_only=True)

    rendered = render(build(define, Mode.PUBLISH, tmp_path))

    names = sorted(required(rendered))
    assert len(names) == 4
    assert {"api-token", "api-tls.key"} < set(names)
    schema = json.loads(rendered.files["values.schema.json"])
    assert set(schema["properties"]["secrets"]["properties"]) == set(names)


def test_container_files_are_no_way_to_publish_a_secret(tmp_path: Path) -> None:
    """A container file that is copied from one that looks secret must become a value; a key in a text, an error."""
    write(tmp_path, {"tls.key": SECRET, "id": PEM, "a.txt": "a"})

    def copies(app: AppBuilder) -> None:
        files = [ContainerFile(name, source=name) for name in ("tls.key", "id", "a.txt")]
        app.add_container("api", "a:1").with_container_files("/etc", files)

    def text(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_container_files("/etc", {"id": PEM})

    rendered = render(build(copies, Mode.PUBLISH, tmp_path))
    assert required(rendered) == {"api-tls.key", "api-id"}
    assert copied(rendered) == {"a.txt": "a"}
    with pytest.raises(PublishError, match="holds a private key, and its text is in the definition itself"):
        render(build(text, Mode.PUBLISH, tmp_path))


@pytest.mark.parametrize("format", ["manifests", "kustomize"])
def test_binary_secrets_are_base64_in_every_format(tmp_path: Path, format: str) -> None:
    """The value of a file that is no text must reach the Secret as the bytes that it stands for."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_bind_mount("store.p12", "/store.p12", read_only=True)

    text = b64encode(b"\x00\xff").decode()
    values = {"secrets": {"api-store.p12": text}}
    rendered = render(build(define, Mode.PUBLISH, tmp_path), format=format, values=values)

    assert yaml.safe_load(rendered.files["api/secret.yaml"])["data"] == {"store.p12": text}
    assert "api/secret.yaml" in rendered.private


def test_no_image_that_is_generated_holds_what_looks_secret(tmp_path: Path) -> None:
    """Files that are never copied into a chart must not be copied into an image either, but for certificates."""
    write(tmp_path, {"main.py": ""})

    def define(app: AppBuilder) -> None:
        app.add_python_app("api", ".", script="main.py")

    ignored = render(build(define, Mode.PUBLISH, tmp_path)).files["images/api/Dockerfile.dockerignore"].splitlines()

    assert {f"**/{pattern}" for pattern in PATTERNS} - set(ignored) == {"**/*.pem"}
