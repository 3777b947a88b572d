"""One definition in three forms: what helm renders, plain manifests and the base for Kustomize."""

from __future__ import annotations

import base64
import re
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.test_published import NASTY, SECRETS, shop
from tests.support.charts import Charts, Objects, built

from fairlead import AppBuilder, KubernetesObjects, PublishError, ref
from fairlead.publish.publisher import publish

#: U+0085 is a break of lines to the reader of this test, and not to kustomize, which takes some others nowhere.
TEXTS = {key: text[:2000].replace("\u0085", "") for key, text in NASTY.items() if key != "REFUSED_IN_VALUES"}


def everything(app: AppBuilder, namespace: str = "shop") -> None:
    """An app in which every kind of leaf is in use."""
    k8s = app.add_kubernetes_environment("k8s").with_properties(namespace=namespace).with_network_policies()
    domain = app.add_parameter("domain", "example.com")
    token = app.add_parameter("token", secret=True)
    api = app.add_container("api", "busybox:1.35", env={**TEXTS, "TOKEN": token}).with_http_endpoint(target_port=80)
    api.with_environment("URL", ref("https://{d}/{d:uri}?{t:uri}", d=domain, t=token)).with_args(domain, "$(x)", token)
    api.with_external_http_endpoints().with_replicas(2)
    web = app.add_container("web", "nginx:1.22-bookworm").with_reference(api).with_http_endpoint(target_port=80)
    web.with_external_http_endpoints()
    app.add_container("other", "busybox:1.35", env={"S": ref("{a}{b}", a=token, b="é")})
    edge = k8s.add_ingress("edge").with_path("/", web).with_path("/api", api, host=domain).with_tls(issuer=domain)
    edge.with_ingress_annotation("a", "x").with_ingress_annotation("b", domain)
    gate = k8s.add_gateway("gate").with_gateway_class("traefik").with_route("/", web).with_hostname("x.example.com")
    gate.with_route("/x", api, host="*.example.com", path_type="Exact").with_tls(issuer="letsencrypt")
    safe = k8s.add_gateway("safe").with_gateway_class("traefik").with_route("/", web, host="a.example.com")
    safe.with_route("/", web, host="c.example.com").with_tls("a", hosts="a.example.com").with_hsts(300)
    both = k8s.add_gateway("both").with_gateway_class("traefik").with_route("/", web, host="b.example.com")
    both.with_tls("rsa").with_tls("ecdsa").with_https_redirect(False)
    k8s.add_gateway("plain").with_gateway_class("traefik").with_route("/v[0-9]+", api, path_type="RegularExpression")
    k8s.add_manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"d": domain}})


GIVEN: dict[str, Any] = {
    "secrets": {"token": "t{{ $'\"\n%"},
    "parameters": {"domain": "shop.example.org"},
    "replicas": {"api": 3},
    "config": {"api": {"YES": "no"}},
    "ingress": {"edge": {"className": "nginx", "annotations": {"c": "d", "b": "mine"}}},
    "existingSecrets": {"other": "theirs"},
}


def normal(content: dict[str, Any]) -> dict[str, Any]:
    """An object without the one thing that differs: who manages it."""
    content["metadata"].get("labels", {}).pop("app.kubernetes.io/managed-by", None)
    return content


def read(folder: Path) -> Objects:
    documents = [yaml.safe_load(file.read_text()) for file in sorted(folder.rglob("*.yaml"))]
    return {(found["kind"], found["metadata"]["name"]): normal(found) for found in documents}


def rendered(charts: Charts, given: dict[str, Any]) -> Objects:
    """What helm renders, but for its memory of values that it makes up, as other formats make up none."""
    objects = {key: normal(found) for key, found in charts.render(values=given, release="shop").items()}
    objects.pop(("Secret", "shop.generated"), None)
    return objects


@pytest.mark.parametrize(
    ("define", "given"),
    [(shop, {"secrets": SECRETS}), (everything, GIVEN), (everything, {"secrets": {"token": "t"}})],
)
def test_manifests_are_what_helm_renders(
    charts: Charts, tmp_path: Path, define: Callable[[AppBuilder], None], given: dict[str, Any]
) -> None:
    """Plain manifests must be the objects that helm renders for the same values."""
    charts.publish(define)
    publish(built(define), tmp_path / "plain", format="manifests", values=given)

    assert read(tmp_path / "plain") == {key: in_namespace(found) for key, found in rendered(charts, given).items()}


def test_a_base_is_the_same_to_kustomize(tmp_path: Path, kustomize: Callable[[Path], str]) -> None:
    """Kustomize must make of the base what the manifests are, but for the names of what it generates."""
    publish(built(everything), tmp_path / "base", format="kustomize", values=GIVEN)
    publish(built(everything), tmp_path / "plain", format="manifests", values=GIVEN)

    plain = read(tmp_path / "plain")
    text = re.sub(r"\b(api|web)-[0-9a-z]{10}\b", r"\1", kustomize(tmp_path / "base"))  # the suffixes of generated names
    found = {(one["kind"], one["metadata"]["name"]): normal(one) for one in yaml.safe_load_all(text)}
    assert found.keys() == plain.keys()
    for key, wanted in plain.items():
        if key[0] == "ConfigMap":
            assert {
                n: (t, found[key]["data"][n]) for n, t in wanted["data"].items() if found[key]["data"][n] != t
            } == {}
        assert without_checksums(found[key]) == without_checksums(wanted), key


def test_what_kustomize_can_not_write_is_refused(tmp_path: Path, kustomize: Callable[[Path], str]) -> None:
    """A character that Kustomize takes in no object must be named with its places; in a Secret it must arrive."""
    text = "delete \x7f"

    def define(app: AppBuilder, *, given: bool) -> None:
        token = app.add_parameter("token", secret=True)
        api = app.add_container("api", "busybox:1.35", env={"TOKEN": token}).with_args("ok", "no" if given else text)
        api.with_environment("OPEN", "no" if given else text)

    with pytest.raises(PublishError) as caught:
        publish(built(lambda app: define(app, given=False)), tmp_path, format="kustomize", values=secret("x"))
    assert {(error.resource, error.message) for error in caught.value.errors} == {
        ("api", f"{place}, and Kustomize takes it nowhere")
        for place in (
            r"ConfigMap api has the character '\x7f' in data.OPEN",
            r"Deployment api has the character '\x7f' in spec.template.spec.containers[0].args[1]",
        )
    }
    assert not any(tmp_path.iterdir())

    publish(built(lambda app: define(app, given=True)), tmp_path / "base", format="kustomize", values=secret(text))
    objects = {one["kind"]: one for one in yaml.safe_load_all(kustomize(tmp_path / "base"))}
    assert base64.b64decode(objects["Secret"]["data"]["TOKEN"]).decode() == text


def secret(text: str) -> dict[str, Any]:
    return {"secrets": {"token": text}}


def without_checksums(content: dict[str, Any]) -> dict[str, Any]:
    content.get("spec", {}).get("template", {}).get("metadata", {}).pop("annotations", None)
    if not content["metadata"].get("annotations"):
        content["metadata"].pop("annotations", None)
    if content["kind"] == "Secret":  # kustomize breaks long ones into lines
        content["data"] = {key: base64.b64decode(text) for key, text in content["data"].items()}
    return content


def in_namespace(content: dict[str, Any]) -> dict[str, Any]:
    content["metadata"]["namespace"] = "shop"
    return content


def scattered(app: AppBuilder) -> None:
    """Objects in several namespaces, and some in none."""
    k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="shop")
    migrate = app.add_container("migrate", "busybox:1.35")
    app.add_container("api", "busybox:1.35", env={"A": "b"}).wait_for_completion(migrate)
    for namespace in ("monitoring", "other"):
        k8s.add_manifest(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "dash", "namespace": namespace}}
        )
    k8s.add_manifest(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all"}, "rules": []}
    )
    for kind, scope in (("Widget", "Namespaced"), ("Site", "Cluster")):
        names = {"kind": kind, "plural": f"{kind.lower()}s"}
        k8s.add_manifest(
            {
                "apiVersion": "apiextensions.k8s.io/v1",
                "kind": "CustomResourceDefinition",
                "metadata": {"name": f"{kind.lower()}s.example.com"},
                "spec": {"group": "example.com", "names": names, "scope": scope, "versions": []},
            }
        )
        k8s.add_manifest({"apiVersion": "example.com/v1", "kind": kind, "metadata": {"name": "mine"}})
    k8s.add_manifest({"apiVersion": "elsewhere.org/v1", "kind": "Gadget", "metadata": {"name": "theirs"}})


#: Where everything of ``scattered`` is, but for what only Kustomize, which knows no scopes, puts into a namespace too.
PLACES = {
    ("ClusterRole", "all"): {None},
    ("ConfigMap", "api"): {"shop"},
    ("ConfigMap", "dash"): {"monitoring", "other"},
    ("ConfigMap", "shop-job-notes"): {"shop"},
    ("CustomResourceDefinition", "sites.example.com"): {None},
    ("CustomResourceDefinition", "widgets.example.com"): {None},
    ("Deployment", "api"): {"shop"},
    ("Gadget", "theirs"): {"shop"},
    ("Job", "migrate"): {"shop"},
    ("Role", "api"): {"shop"},
    ("Role", "migrate"): {"shop"},
    ("RoleBinding", "api"): {"shop"},
    ("RoleBinding", "migrate"): {"shop"},
    ("ServiceAccount", "api"): {"shop"},
    ("ServiceAccount", "migrate"): {"shop"},
    ("Widget", "mine"): {"shop"},
}


def places(documents: Iterable[dict[str, Any]]) -> dict[tuple[str, str], set[str | None]]:
    found: dict[tuple[str, str], set[str | None]] = {}
    for one in documents:
        name = re.sub(r"-[0-9a-z]{10}$", "", one["metadata"]["name"])  # the checksum of a Job or of what is generated
        found.setdefault((one["kind"], name), set()).add(one["metadata"].get("namespace"))
    return found


def test_objects_keep_their_namespaces(tmp_path: Path, kustomize: Callable[[Path], str]) -> None:
    """What names a namespace must stay there, what names none be in that of the app, and cluster-wide kinds in none."""
    plain = publish(built(scattered), tmp_path / "plain", format="manifests")
    publish(built(scattered), tmp_path / "base", format="kustomize")

    files = (tmp_path / "plain").rglob("*.yaml")
    assert places(yaml.safe_load(file.read_text()) for file in files) == {**PLACES, ("Site", "mine"): {None}}
    objects = list(yaml.safe_load_all(kustomize(tmp_path / "base")))
    assert places(objects) == {**PLACES, ("Site", "mine"): {"shop"}}
    assert plain.commands[0] == "kubectl get namespace shop || kubectl create namespace shop"
    assert not any("--namespace" in command for command in plain.commands)
    (config,) = (one["metadata"]["name"] for one in objects if one["metadata"]["name"].startswith("api-"))
    (deployment,) = (one for one in objects if one["kind"] == "Deployment")
    assert deployment["spec"]["template"]["spec"]["containers"][0]["envFrom"] == [{"configMapRef": {"name": config}}]


@pytest.mark.parametrize("form", ["manifests", "kustomize"])
def test_without_a_namespace_the_user_chooses(tmp_path: Path, form: str) -> None:
    """Nothing must name a namespace that the definition doesn't name."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env={"A": "b"})

    published = publish(built(define), tmp_path, format=form)

    assert not [file for file in tmp_path.rglob("*.yaml") if "namespace" in file.read_text()]
    (command,) = published.commands
    assert "--namespace" not in command


def test_an_overlay_changes_an_entry(tmp_path: Path, kustomize: Callable[[Path], str]) -> None:
    """An overlay must be able to change the image, the replicas and an entry of what the base generates."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env={"LEVEL": "info", "OTHER": "x"})

    publish(built(define), tmp_path / "base", format="kustomize")
    overlay = {
        "resources": ["../base"],
        "images": [{"name": "busybox", "newTag": "9"}],
        "replicas": [{"name": "api", "count": 5}],
        "configMapGenerator": [{"name": "api", "behavior": "merge", "literals": ["LEVEL=debug"]}],
    }
    (tmp_path / "overlay").mkdir()
    (tmp_path / "overlay" / "kustomization.yaml").write_text(yaml.safe_dump(overlay))

    found = {one["kind"]: one for one in yaml.safe_load_all(kustomize(tmp_path / "overlay"))}

    assert found["ConfigMap"]["data"] == {"LEVEL": "debug", "OTHER": "x"}
    assert found["Deployment"]["spec"]["replicas"] == 5
    container = found["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "busybox:9"
    assert container["envFrom"] == [{"configMapRef": {"name": found["ConfigMap"]["metadata"]["name"]}}]


def test_an_overlay_leaves_jobs_as_they_are(tmp_path: Path, kustomize: Callable[[Path], str]) -> None:
    """An entry that an overlay changes must not change the pods of a Job, which are fixed; a note must say so."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_properties(namespace="n")
        level, token = app.add_parameter("level", "info"), app.add_parameter("token", secret=True)
        migrate = app.add_container("migrate", "busybox:1.35", env={"LEVEL": level, "TOKEN": token})
        app.add_container("api", "busybox:1.35", env={"L": level, "T": token}).wait_for_completion(migrate)
        app.add_postgres("pg").add_database("orders")

    given = {"secrets": {"token": "t", "pg-password": "p"}}
    published = publish(built(define), tmp_path / "base", format="kustomize", values=given)
    overlay = {
        "resources": ["../base"],
        "configMapGenerator": [{"name": name, "behavior": "merge", "literals": ["X=y"]} for name in ("migrate", "api")],
        "secretGenerator": [{"name": "migrate", "behavior": "merge", "literals": ["TOKEN=u"]}],
    }
    (tmp_path / "overlay").mkdir()
    (tmp_path / "overlay" / "kustomization.yaml").write_text(yaml.safe_dump(overlay))

    before, after = (
        {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(kustomize(tmp_path / folder))}
        for folder in ("base", "overlay")
    )

    jobs = [key for key in before if key[0] == "Job"]
    assert len(jobs) == 2
    assert [after[key] for key in jobs] == [before[key] for key in jobs]
    assert after["ConfigMap", "migrate"]["data"] == {"LEVEL": "info", "X": "y"}
    assert base64.b64decode(after["Secret", "migrate"]["data"]["TOKEN"]) == b"u"
    assert before["Deployment", "api"] != after["Deployment", "api"]
    notes = {note.resource: note for note in published.notes}
    assert notes["migrate"].message == (
        "an overlay that changes the pods of its Job, by their image, can't be applied while the Job is there"
    )
    assert "kubectl delete job --namespace n --selector app.kubernetes.io/name=migrate." in (
        notes["migrate"].remedy or ""
    )
    assert "or an entry of what is generated for 'pg'" in notes["orders"].message


@pytest.mark.parametrize("key", ["NULL", "true", ".5"])
def test_keys_that_are_no_texts_to_kustomize(tmp_path: Path, kustomize: Callable[[Path], str], key: str) -> None:
    """A variable or file may be called what Kustomize takes for something else; pods must still roll with it."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env={key: "v"})
        app.add_container("pages", "busybox:1.35").with_container_files("/pages", {"404": "gone", "404.html": "gone"})

    publish(built(define), tmp_path / "base", format="kustomize")
    objects = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(kustomize(tmp_path / "base"))}

    assert objects["ConfigMap", "api"]["data"] == {key: "v"}
    assert objects["ConfigMap", "pages-files"]["data"] == {"404": "gone", "404.html": "gone"}
    for name, annotation in (("api", "checksum/config"), ("pages", "checksum/files")):
        assert annotation in objects["Deployment", name]["spec"]["template"]["metadata"]["annotations"]


def test_kustomize_follows_names_into_mounted_folders(tmp_path: Path, kustomize: Callable[[Path], str]) -> None:
    """A folder of copies and of secrets must be made of what Kustomize generates, by the names that it gives."""
    (tmp_path / "project" / "certs").mkdir(parents=True)
    (tmp_path / "project" / "certs" / "ca.crt").write_text("public")

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35").with_bind_mount("certs", "/certs", read_only=True)

    (tmp_path / "project" / "certs" / "tls.key").write_text("private")
    values = {"secrets": {"api-tls.key": "theirs"}}
    publish(built(define, project=tmp_path / "project"), tmp_path / "base", format="kustomize", values=values)
    objects = {one["kind"]: one for one in yaml.safe_load_all(kustomize(tmp_path / "base"))}

    (volume,) = objects["Deployment"]["spec"]["template"]["spec"]["volumes"]
    config, secret = volume["projected"]["sources"]
    assert config["configMap"]["name"] == objects["ConfigMap"]["metadata"]["name"] != "api-files"
    assert secret["secret"]["name"] == objects["Secret"]["metadata"]["name"] != "api"
    assert base64.b64decode(objects["Secret"]["data"]["tls.key"]) == b"theirs"


def test_what_kustomize_does_not_follow_keeps_its_name(tmp_path: Path, kustomize: Callable[[Path], str]) -> None:
    """A kind that Kustomize doesn't know must refer to what there is, and its pods still roll when that changes."""

    def as_rollout(objects: KubernetesObjects) -> None:
        (deployment,) = objects.pop("Deployment")
        objects["Rollout"] = [{**deployment, "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}]

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env={"A": "b"}).publish_as_kubernetes_service(as_rollout)

    publish(built(define), tmp_path / "base", format="kustomize")
    objects = {one["kind"]: one for one in yaml.safe_load_all(kustomize(tmp_path / "base"))}

    template = objects["Rollout"]["spec"]["template"]
    assert template["spec"]["containers"][0]["envFrom"] == [{"configMapRef": {"name": "api"}}]
    assert objects["ConfigMap"]["metadata"]["name"] == "api"
    assert template["metadata"]["annotations"].keys() == {"checksum/config"}


@pytest.mark.parametrize("form", ["manifests", "kustomize"])
def test_values_are_checked_as_helm_would(tmp_path: Path, form: str) -> None:
    """What is missing, unknown or of a wrong type must be said at once, and nothing be written."""
    given = {
        "parameters": {"domian": "x"},
        "replicas": {"api": "two", "other": None},
        "images": {"api": {"pullPolicy": "Sometimes", "tag": ""}},
        "ingress": "all",
        "services": {"web": {"type": "Public"}},
        "imagePullSecrets": [{"nmae": "mine"}],
        "existingSecrets": {"other": "My Secret"},
        "storage": {"files": {"size": "lots"}},
    }

    def define(app: AppBuilder) -> None:
        everything(app)
        app.add_container("kept", "busybox:1.35").with_volume("files", "/files")

    with pytest.raises(PublishError) as caught:
        publish(built(define), tmp_path / "out", format=form, values=given)

    assert not (tmp_path / "out").exists()
    found = {error.message for error in caught.value.errors}
    assert found == {
        "there is no value parameters.domian",
        "the value ingress is no mapping",
        "secrets.token is not given, and api, other can't do without it",
        "the value images.api.tag must not be empty",
        "the value images.api.pullPolicy has to be one of Always, IfNotPresent, Never, and is 'Sometimes'",
        "the value replicas.api has to be of type integer, and is str",
        "the value services.web.type has to be one of ClusterIP, NodePort, LoadBalancer, and is 'Public'",
        "the value replicas.other has to be of type integer, and is missing",
        "the value imagePullSecrets[0].name has to be of type string, and is missing",
        r"the value existingSecrets.other has to match ^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$, and is 'My Secret'",
        r"the value storage.files.size has to match ^[0-9]+(\.[0-9]+)?(e[0-9]+|[EPTGM]i?|k|Ki)?$, and is 'lots'",
    }


@pytest.mark.parametrize("form", ["manifests", "kustomize"])
def test_a_secret_is_for_its_owner_only(tmp_path: Path, form: str) -> None:
    """A file that holds a secret must not be readable for others, and no other file may hold it."""
    word = "correct-horse-battery"
    publish(built(everything), tmp_path, format=form, values={"secrets": {"token": word}})

    marks = (word.encode(), base64.b64encode(word.encode())[:-4])
    holding = [file for file in tmp_path.rglob("*") if file.is_file() and any(m in file.read_bytes() for m in marks)]

    assert holding
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in holding)


def test_what_no_overlay_can_set_is_said(tmp_path: Path) -> None:
    """A value that is filled in in several places must be named with the first of them, a Job by what it is of."""

    def define(app: AppBuilder) -> None:
        everything(app)
        level = app.add_parameter("level", "info")
        migrate = app.add_container("migrate", "busybox:1.35", args=[level])
        app.add_container("later", "busybox:1.35", args=[level]).wait_for_completion(migrate)
        app.add_container("alone", "busybox:1.35", env={"ONLY_HERE": app.add_parameter("single", "x")})

    published = publish(built(define), tmp_path, format="kustomize", values=GIVEN)

    said = {note.message for note in published.notes}
    places = "Deployment api, Secret api URL, Ingress edge and 1 more"
    assert f"an overlay can't set parameters.domain: it is filled in in {places}" in said
    assert "an overlay can't set parameters.level: it is filled in in Job migrate, Deployment later" in said
    assert not [message for message in said if "parameters.single" in message]
    assert published.commands[-1] == f"kubectl apply --kustomize {tmp_path}"
