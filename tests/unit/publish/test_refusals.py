"""Bad input: all of it is reported at once, with resource, line and remedy, before a byte is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import build, mistakes

from fairlead import AppBuilder, ContainerFile, KubernetesObjects, Mode, PublishError, ref
from fairlead.model.app import App
from fairlead.publish.chart.names import object_name, suffixed
from fairlead.publish.publisher import publish, render


def problems(define: Any) -> list[str]:
    """The errors of a definition that can't be published."""
    with pytest.raises(PublishError) as caught:
        render(published(define))
    assert all(error.file and error.line and error.remedy for error in caught.value.errors)
    return [f"{error.resource}: {error.message}" for error in caught.value.errors]


def notes(define: Any) -> list[str]:
    found = render(published(define))
    return [f"{note.resource}: {note.message}" for note in (*found.warnings, *found.notes)]


def published(define: Any) -> App:
    return build(define, Mode.PUBLISH)


def test_volumes_that_can_not_be() -> None:
    """A volume of another environment, one without a place, and two of one name in the cluster must be errors."""

    def define(app: AppBuilder) -> None:
        one, two = app.add_kubernetes_environment("one"), app.add_kubernetes_environment("two")
        theirs = two.add_persistent_volume("theirs")
        mine = one.add_persistent_volume("mine").with_capacity(app.add_parameter("size", "much"))
        api = app.add_container("api", "a:1").with_compute_environment(one).with_volume("theirs", "/a")
        api.with_persistent_volume(theirs).with_persistent_volume(mine)
        api.with_volume("my.data", "/b").with_volume("my data", "/c")
        app.add_container("web", "a:1").with_compute_environment(two)

    assert problems(define) == [
        "api: the volume 'theirs' is one of 'two', and this is published to 'one'",
        "api: it has no volume called 'mine' that the persistent one could take the place of",
        "api: the volumes 'my.data', 'my data' would both be called 'my-data' in the cluster",
        "mine: 'much' is no amount of storage",
    ]


def test_a_program_without_an_environment_of_several() -> None:
    """Where there are several environments each program must say to which it belongs."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1")
        one = app.add_kubernetes_environment("one")
        app.add_kubernetes_environment("two")
        app.add_container("web", "a:1").with_compute_environment(one)

    assert problems(define) == ["api: it could be published to any of the environments 'one', 'two'"]


def test_a_sole_environment_takes_what_was_declared_before_it() -> None:
    """Order must not matter."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1")
        app.add_kubernetes_environment("one")

    assert "templates/api/deployment.yaml" in render(published(define)).files


def test_a_pool_of_another_environment() -> None:
    """A node pool must be one of the environment that a program goes to."""

    def define(app: AppBuilder) -> None:
        one, two = app.add_kubernetes_environment("one"), app.add_kubernetes_environment("two")
        app.add_container("api", "a:1").with_compute_environment(one).with_node_pool(two.add_node_pool("gpu"))

    assert problems(define) == ["api: the node pool 'gpu' is one of 'two', and this is published to 'one'"]


def test_properties_that_are_wrong() -> None:
    """Wrong words, amounts, and parameters that a chart can't be written without, must be errors."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_properties(
            helm_chart_version=app.add_parameter("release-number"),
            default_storage_size=app.add_parameter("size", "big"),
            default_storage_read_write_policy=app.add_parameter("sharing", "Sometimes"),
            default_storage_type=app.add_parameter("kind", "floppy"),
            default_service_type=app.add_parameter("exposure", "Loud"),
        )

    assert problems(define) == [
        "k8s: helm_chart_version is the parameter 'release-number', and the chart can't be written without it",
        "k8s: default_storage_type='floppy' is not valid",
        "k8s: default_storage_size='big' is not valid",
        "k8s: default_storage_read_write_policy='Sometimes' is not valid",
        "k8s: default_service_type='Loud' is not valid",
    ]


def test_two_environments_that_are_one_release() -> None:
    """One release in one namespace must not be two environments: the second would take the first's objects away."""

    def define(app: AppBuilder) -> None:
        one = app.add_kubernetes_environment("one").with_properties(release_name="shop", namespace="n")
        two = app.add_kubernetes_environment("two").with_properties(release_name="shop", namespace="m")
        three = app.add_kubernetes_environment("three").with_properties(
            release_name=app.add_parameter("release", "shop"), namespace="n"
        )
        app.add_container("api", "a:1").with_compute_environment(one, two, three)

    (found,) = problems(define)
    assert re.fullmatch(
        r"three: its release would be 'shop' in 'n', like that of 'one' at .*test_refusals.py:\d+", found
    )


def test_a_parameter_where_a_number_is_needed() -> None:
    """What Kubernetes takes as an integer can't be a parameter, and must be a mistake where it is written."""

    def define(app: AppBuilder) -> None:
        count: Any = app.add_parameter("count", "2")
        api = app.add_container("api", "a:1").with_replicas(count).with_http_endpoint(target_port=count)
        api.with_http_probe("liveness", period=count).with_autoscaling(count, 5)

    found = [error.message for error in mistakes(define)]

    assert len(found) >= 4
    assert all("a value that is only known later" in text or "not a port" in text for text in found[:4])


def test_a_parameter_where_an_object_has_a_number() -> None:
    """A number that is text is refused by the API server, so it must be said; what is called so and is text may be."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        count = app.add_parameter("count", "2")

        def tune(objects: KubernetesObjects) -> None:
            objects.workload["spec"]["replicas"] = count
            objects.container["ports"][0]["containerPort"] = ref("80{c}", c=count)
            objects.workload["metadata"]["labels"]["replicas"] = count

        app.add_container("api", "a:1", ports={"http": 80}).publish_as_kubernetes_service(tune)
        k8s.add_manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"port": count}})
        limits = {"minReplicas": 1, "maxReplicas": count, "scaleTargetRef": {"kind": "Deployment", "name": count}}
        k8s.add_manifest(
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "h"},
                "spec": limits,
            }
        )
        k8s.add_manifest(
            {"apiVersion": "example.com/v1", "kind": "Site", "metadata": {"name": "s"}, "spec": {"port": count}}
        )

    customized = "api: an object that publish_as_kubernetes_service() left"
    assert problems(define) == [
        f"{customized} has text as Deployment.spec.replicas, which is a whole number",
        f"{customized} has text as Deployment.spec.template.spec.containers[0].ports[0].containerPort, which is "
        "a whole number",
        "k8s: an object of add_manifest() has text as HorizontalPodAutoscaler.spec.maxReplicas, which is a whole "
        "number",
    ]


def test_sources_that_are_too_large_or_missing(tmp_path: Path) -> None:
    """What can't go into a ConfigMap must be an error that names resource and place, also where a copy is asked for."""
    (tmp_path / "large").write_bytes(b"x" * (1 << 20) + b"x")
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(3):
        (folder / str(number)).write_bytes(b"x" * 500_000)

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1").with_bind_mount(tmp_path / "missing", "/m", publish_mount="config")
        api.with_bind_mount(tmp_path / "large", "/l", publish_mount="config")
        api.with_bind_mount(folder, "/f", publish_mount="config")
        api.with_container_files("/etc", [ContainerFile("x", source="nowhere.txt")])

    found = problems(define)

    assert len(found) == 4
    assert any("/m: there is no such file or folder" in text for text in found)
    assert any("/l: it has 1,048,577 bytes" in text for text in found)
    assert any("/f: the bind mounts of its container hold more than 1,048,576 bytes" in text for text in found)
    assert any("nowhere.txt, which is to be at /etc/x, can't go into the chart" in text for text in found)


def test_files_that_are_too_large_together() -> None:
    """More than 1 MiB of files must be an error, text or not."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1")
        for number in range(3):
            api.with_container_files("/etc", [ContainerFile(f"{number}", b"\xff" * 400_000)])

    (text,) = problems(define)
    assert text.startswith("api: its ConfigMap would hold 1,600,")


def test_two_things_in_one_place() -> None:
    """A file where a volume is mounted must be an error."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "a:1").with_volume("data", "/etc/x")
        api.with_container_files("/etc", {"x": "text"})

    assert problems(define) == ["api: two things are mounted at /etc/x"]


def test_derived_names_that_clash() -> None:
    """A resource called like the headless Service of another, or its files, must be an error."""

    def define(app: AppBuilder) -> None:
        app.add_redis("cache").with_data_volume()
        app.add_container("cache-headless", "a:1").with_http_endpoint(target_port=80)
        app.add_container("api", "a:1").with_container_files("/etc", {"x": "text"})
        app.add_container("api-files", "a:1", env={"A": "b"})

    first, second = problems(define)
    assert "cache-headless: its Service would be called 'cache-headless', like that of 'cache' at " in first
    assert "api-files: its ConfigMap would be called 'api-files', like that of 'api' at " in second


def test_names_are_shown_without_stand_ins() -> None:
    """What only the installation tells must be an ellipsis in a message."""

    long = "a" * 64
    cut = suffixed(object_name(long))

    def define(app: AppBuilder) -> None:
        app.add_container(long, "a:1").with_workload("Job")
        app.add_container(cut, "a:1").with_workload("Job")

    (text,) = problems(define)
    assert text.startswith(f"{cut}: its Job would be called '{cut}-…', like that of '{long}' at ")


def test_an_existing_claim_is_taken_as_it_is() -> None:
    """What is said about a claim that is there already changes nothing, and must be said to."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        volume = k8s.add_persistent_volume("mine").with_existing_claim("there").with_access_mode("ReadWriteMany")
        volume.with_source({"hostPath": {"path": "/x"}}).with_capacity("1Gi").with_volume_annotation("a/b", "c")

    assert notes(define) == [
        "mine: with_source(), with_capacity(), with_volume_annotation() has no effect: its claim is there already"
    ]


def test_waits_that_no_cluster_can_keep() -> None:
    """An exit code other than 0 must be an error; a wait for what has no port or never ends, a warning."""

    def wrong(app: AppBuilder) -> None:
        job = app.add_container("job", "a:1")
        app.add_container("api", "a:1").wait_for_completion(job, exit_code=3)

    def lossy(app: AppBuilder) -> None:
        forever = app.add_container("forever", "a:1").with_workload("Deployment")
        idle = app.add_container("idle", "a:1")
        gone = app.add_container("gone", "a:1").exclude_from_manifest()
        app.add_container("api", "a:1").wait_for_completion(forever).wait_for(idle).wait_for(gone)

    assert problems(wrong) == ["api: it waits for 'job' to end with 3, and a Job is complete only with 0"]
    assert notes(lossy)[:3] == [
        "api: its wait for the completion of 'forever' is left out: that is a Deployment, which never completes",
        "api: its wait for 'idle' is left out: that has no TCP endpoint to ask",
        "api: its wait for 'gone' is left out: that is not published",
    ]


def test_a_bad_definition_leaves_the_folder_alone(tmp_path: Path) -> None:
    """Nothing may be written when something is wrong."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_bind_mount("missing", "/m")

    with pytest.raises(PublishError):
        publish(published(define), tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_what_gets_lost_is_said() -> None:
    """A mount that can't be written to, and a kind that can't be scaled, must not pass in silence."""

    def define(app: AppBuilder) -> None:
        here = Path(__file__).name
        api = app.add_container("api", "a:1").with_bind_mount(here, "/x", publish_mount="config")
        api.with_autoscaling(1, 2)

    def scaled(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_workload("DaemonSet").with_autoscaling(1, 2)

    assert "api: what is mounted at /x can't be written to in the cluster, where it is a copy" in notes(define)
    assert "api: it is to be scaled by its use of cpu, and asks for none" in notes(define)
    assert problems(scaled) == ["api: a DaemonSet can't be scaled"]


def test_volumes_called_like_those_that_fairlead_makes() -> None:
    """A volume that a pod could not tell from one of ours must be an error."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        app.add_container("api", "a:1").with_volume("Fairlead Files", "/a")
        tool = app.add_executable("tool", "prog").with_image("a:1")
        tool.with_persistent_volume(k8s.add_persistent_volume("fairlead-api-access"), "/b")

    said = "because what begins with 'fairlead-' is made by Fairlead in its pods"
    assert problems(define) == [
        f"api: a volume can't be called 'fairlead-files', {said}",
        f"tool: a volume can't be called 'fairlead-api-access', {said}",
    ]
