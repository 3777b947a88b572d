"""What a failed pull means, in words, and what goes into a build's context."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from fairlead.engines.containers import BuildRequest
from fairlead.engines.docker.build import explain_build
from fairlead.engines.docker.context import Ignored, pack
from fairlead.engines.docker.errors import PORT_TAKEN
from fairlead.engines.docker.images import explain_pull


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("manifest for app:1 not found: manifest unknown: manifest unknown", "has no such image or tag"),
        (
            "pull access denied for app, repository does not exist or may require 'docker login': denied",
            "has no such image, or shows it only to known users",
        ),
        (
            'Get "https://r/v2/": dial tcp: lookup r on 10.0.0.1:53: no such host',
            r"can't be reached \(dial tcp: lookup r",
        ),
        ("net/http: TLS handshake timeout", "can't be reached"),
        ("no matching manifest for linux/amd64 in the manifest list entries", r"not made for this .*\(amd64\)"),
        ("write /var/lib/docker/tmp/x: no space left on device", "has no space left"),
        ("toomanyrequests: You have reached your pull rate limit", "refuses further pulls for now"),
        ('Get "https://r/v2/": http: server gave HTTP response to HTTPS client', "no trusted TLS connection"),
        ("invalid reference format: repository name must be lowercase", "is no valid name"),
        ("something new", "something new"),
    ],
)
def test_a_failed_pull_is_explained(said: str, meant: str) -> None:
    """What the engine says must become a reason and a remedy, with the image's name."""
    error = explain_pull("registry.example/app:1", said, "this machine's architecture (amd64)", has_auth=False)
    assert "registry.example/app:1" in str(error)
    with pytest.raises(type(error), match=meant):
        raise error


@pytest.mark.parametrize(
    "said",
    [
        "driver failed programming connectivity (0f): Bind for 127.0.0.1:8080 failed: port is already allocated",
        "Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use",
        "failed to bind host port for 127.0.0.1:8080:172.17.0.2:80/tcp: address already in use",
        "Ports are not available: exposing port TCP 127.0.0.1:8080 -> 0.0.0.0:0: listen tcp x: address already in use",
        "cannot listen on the TCP port: listen tcp4 127.0.0.1:8080: bind: address already in use",
    ],
)
def test_a_taken_port_is_recognised(said: str) -> None:
    """The port must be found in the words of every engine."""
    match = PORT_TAKEN.search(said)
    assert match is not None
    assert (match["address"], match["port"]) == ("127.0.0.1", "8080")


@pytest.mark.parametrize(
    ("patterns", "ignored", "kept"),
    [
        ("*.log", ["a.log"], ["sub/a.log", "a.logs"]),
        ("**/*.log", ["a.log", "x/y/a.log"], ["a.txt"]),
        ("node_modules", ["node_modules", "node_modules/x/y"], ["sub/node_modules"]),
        ("/build/", ["build/x"], ["rebuild"]),
        ("sub\n!sub/keep.*", ["sub/x"], ["sub/keep.txt"]),
        ("**", ["a", "x/y"], []),
        ("a?c\n[xy].z", ["abc", "x.z"], ["ac", "q.z", "a/c"]),
        ("# comment\n\n  spaced  ", ["spaced"], ["# comment"]),
    ],
)
def test_a_dockerignore_is_read_as_docker_does(patterns: str, ignored: list[str], kept: list[str]) -> None:
    """Patterns must be anchored at the context, a folder take its contents along, and the last match count."""
    rules = Ignored(patterns)
    assert [path for path in ignored if not rules(path)] == []
    assert [path for path in kept if rules(path)] == []


def test_a_context_holds_what_is_wanted(tmp_path: Path) -> None:
    """An archive must leave out what is ignored, keep links and modes, and hold a Dockerfile from elsewhere."""
    context = tmp_path / "context"
    (context / "sub").mkdir(parents=True)
    for name in ("run.sh", "secret.env", "sub/a", "sub/b"):
        (context / name).write_text(name)
    (context / "run.sh").chmod(0o755)
    (context / "link").symlink_to("run.sh")
    (context / ".dockerignore").write_text("*.env\nsub\n!sub/b\n")
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    archive, name = pack(context, tmp_path / "Dockerfile")
    with archive, tarfile.open(fileobj=archive) as tar:
        assert sorted(tar.getnames()) == sorted([".dockerignore", name, "link", "run.sh", "sub/b"])
        assert tar.getmember("run.sh").mode & 0o777 == 0o755
        assert tar.getmember("link").linkname == "run.sh"
        assert {(entry.uid, entry.uname) for entry in tar} == {(0, "")}


def test_the_failing_line_is_found_in_every_builder_s_words(tmp_path: Path) -> None:
    """The line must be found from the classic builder's steps, from Podman's, and from BuildKit's own excerpt."""
    (tmp_path / "Dockerfile").write_text("FROM a AS one\nRUN x\n\nFROM b\nRUN \\\n  x\nRUN y\n")
    request = BuildRequest(context=str(tmp_path), dockerfile="Dockerfile", tag="t")
    buildkit = ["Dockerfile:5", "--------------------", "   5 | >>> RUN \\", "   6 | >>>   x"]
    for lines, line in (
        (["Step 2/5 : RUN x"], 2),
        (["Step 4/5 : RUN   x"], 5),
        (["STEP 2/2: RUN y"], 7),  # Podman counts each stage by itself
        (buildkit, 5),
    ):
        assert f"{tmp_path}/Dockerfile:{line} failed at 'RUN" in str(explain_build(request, lines, "exit code 1"))
