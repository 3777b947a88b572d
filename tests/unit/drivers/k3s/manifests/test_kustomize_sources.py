"""Which files a Kustomization is built from."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead import FairleadError
from fairlead.drivers.k3s.manifests import kustomize_sources
from fairlead.drivers.k3s.manifests.kustomize_sources import KustomizationSources, find_sources


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def found(sources: KustomizationSources, folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in sources.files)


def test_every_field_with_paths_is_followed(tmp_path: Path) -> None:
    """Whatever a Kustomization may name must be found, texts in place of paths must not be taken for paths."""
    write(
        tmp_path,
        {
            "app/kustomization.yaml": """
resources: [web.yaml, ../base]
bases: [../old]
components: [../component]
crds: [crd.json]
configurations: [names.yaml]
patchesStrategicMerge: [merge.yaml, "kind: X\\nmetadata: {}\\n"]
generators: [generator.yaml]
transformers: [../transformers]
validators: [validator.yaml]
patches: [{path: ../patches/p.yaml}, {patch: "- op: remove"}]
patchesJson6902: [{path: j.json}]
replacements: [{path: r.yaml}, {source: {kind: X}}]
configMapGenerator: [{name: a, files: [a.txt, b=b.txt], envs: [a.env], env: old.env, literals: [c=d]}]
secretGenerator: [{name: s, files: [key.pem]}]
openapi: {path: schema.json}
""",
            **{f"app/{name}": "" for name in ("web.yaml", "crd.json", "names.yaml", "merge.yaml", "generator.yaml")},
            **{f"app/{name}": "" for name in ("validator.yaml", "j.json", "r.yaml", "a.txt", "b.txt", "a.env")},
            **{f"app/{name}": "" for name in ("old.env", "key.pem", "schema.json", "unused.yaml")},
            "base/kustomization.yml": "resources: [x.yaml]",
            "base/x.yaml": "",
            "old/Kustomization": "",
            "component/kustomization.yaml": "kind: Component",
            "transformers/kustomization.yaml": "resources: [t.yaml]",
            "transformers/t.yaml": "",
            "patches/p.yaml": "",
        },
    )
    sources = find_sources(tmp_path / "app", tmp_path)

    everything = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())
    assert found(sources, tmp_path) == [file for file in everything if file != "app/unused.yaml"]
    assert sources.root == tmp_path


def test_bases_that_name_each_other_are_visited_once(tmp_path: Path) -> None:
    """A circle must end, so that Kustomize itself can complain of it."""
    write(tmp_path, {"a/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "resources: [../a]"})

    assert found(find_sources(tmp_path / "a", tmp_path), tmp_path) == ["a/kustomization.yaml", "b/kustomization.yaml"]


def test_links_are_kept_with_where_they_lead(tmp_path: Path) -> None:
    """A base behind a link must be found from where it really is, as Kustomize looks for it."""
    write(
        tmp_path,
        {
            "k8s/real/app/kustomization.yaml": "resources: [../../links/base, f.yaml]",
            "k8s/real/base/kustomization.yaml": "resources: [../more/x.yaml]",
            "k8s/real/more/x.yaml": "",
            "files/f.yaml": "",
        },
    )
    (tmp_path / "k8s/links").mkdir()
    (tmp_path / "k8s/links/base").symlink_to("../real/base")
    (tmp_path / "k8s/real/app/f.yaml").symlink_to(tmp_path / "files/f.yaml")
    (tmp_path / "app").symlink_to("k8s/real/app")

    sources = find_sources(tmp_path / "app", tmp_path)

    assert sources.folder == tmp_path / "k8s/real/app"
    assert sources.links == {
        tmp_path / "k8s/links/base": tmp_path / "k8s/real/base",
        tmp_path / "k8s/real/app/f.yaml": tmp_path / "files/f.yaml",
    }
    assert "k8s/real/more/x.yaml" in found(sources, tmp_path)
    assert sources.root == tmp_path


@pytest.mark.parametrize(
    "remote",
    [
        "https://example.com/install.yaml",
        "github.com/owner/repository//deploy?ref=v1",
        "git@github.com:owner/repository",
        "ssh://git@example.com/x.git",
        "example.com/owner/repository//deploy?ref=v1",
    ],
)
def test_what_is_elsewhere_is_told_apart(tmp_path: Path, remote: str) -> None:
    """A base on the network must be known as one, for the word that it needs the network."""
    write(tmp_path, {"kustomization.yaml": f"resources: ['{remote}']"})

    assert find_sources(tmp_path, tmp_path).remotes == [remote]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"a/kustomization.yaml": "resources: [../bsae]"},
            r"a/kustomization.yaml refers to ../bsae, .* there is no bsae",
        ),
        ({"a/kustomization.yaml": "resources: [../b]", "b/x.yaml": ""}, "b is no Kustomization: it has none of kustom"),
        ({"a/kustomization.yaml": "a: [1\nb: 2"}, "a/kustomization.yaml is not valid YAML: line 2, column 2"),
        ({"a/kustomization.yaml": "- a"}, "a/kustomization.yaml is no Kustomization, which is a mapping"),
        (
            {"a/kustomization.yaml": "helmCharts: [{name: x}]"},
            "has helmCharts, .* Install the chart by add_helm_release",
        ),
    ],
)
def test_mistakes_are_told_with_the_file_that_has_them(tmp_path: Path, files: dict[str, str], message: str) -> None:
    """What a Kustomization lacks must be said before a container is started for it."""
    with pytest.raises(FairleadError, match=message):
        find_sources(write(tmp_path, files) / "a", tmp_path)


def test_there_is_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Kustomization that names a disk image by mistake must be told so, and not be copied for minutes."""
    monkeypatch.setattr(kustomize_sources, "SIZE_LIMIT", 2**20)
    write(
        tmp_path,
        {"kustomization.yaml": "configMapGenerator: [{name: a, files: [disk.img]}]", "disk.img": "x" * 3 * 2**20},
    )

    with pytest.raises(FairleadError, match="is built from 3 MiB of files, more than 1 MiB"):
        find_sources(tmp_path, tmp_path)
