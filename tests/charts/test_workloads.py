"""What keeps the pods of a workload, and what these wait for, as the real helm renders it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.charts import Charts, Objects, container

from fairlead import AppBuilder, KubernetesObjects


def only(objects: Objects, kind: str, prefix: str = "") -> dict[str, Any]:
    """The one object of a kind whose name begins so."""
    (found,) = (body for (other, name), body in objects.items() if other == kind and name.startswith(prefix))
    assert isinstance(found, dict)
    return found


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    spec = workload["spec"].get("jobTemplate", workload)["spec"]["template"]["spec"]
    assert isinstance(spec, dict)
    return spec


def migrated(app: AppBuilder) -> None:
    level = app.add_parameter("level", "info")
    db = app.add_postgres("pg").add_database("orders")
    cache = app.add_redis("cache")
    migrate = app.add_container("migrate", "migrations:1", env={"LEVEL": level}).wait_for(db)
    app.add_container("api", "api:1").wait_for_completion(migrate).wait_for(cache)
    app.add_container("other", "other:1", env={"OWN": "x"}).wait_for(cache)


SECRETS = {"pg-password": "secret"}


def test_what_others_see_complete_is_a_job(charts: Charts) -> None:
    """A migration must run once to its end, without a time to live, under the name that its waiters know."""
    charts.publish(migrated)

    objects = charts.render(SECRETS)

    job = only(objects, "Job", "migrate-")
    assert pod(job)["restartPolicy"] == "Never"
    assert "ttlSecondsAfterFinished" not in job["spec"]
    assert ("Deployment", "migrate") not in objects
    waits = pod(objects["Deployment", "api"])["initContainers"]
    assert [wait["name"] for wait in waits] == ["wait-for-migrate", "wait-for-cache"]
    assert job["metadata"]["name"] in waits[0]["command"]
    assert waits[1]["command"][-2:] == ["cache", "6379"]
    assert [wait["image"] for wait in waits] == ["alpine/kubectl:1.36.0", "busybox:1.35"]


def test_who_waits_for_a_job_may_look_at_that_one_only(charts: Charts) -> None:
    """The rights must be to read the one Job and to note its end, and the token be where only the wait finds it."""
    charts.publish(migrated)

    objects = charts.render(SECRETS)

    job = only(objects, "Job", "migrate-")["metadata"]["name"]
    assert rights(objects, "api") == {
        ("jobs", job): {"get", "list", "watch"},
        ("configmaps", "release-job-notes"): {"get", "patch"},
    }
    spec = pod(objects["Deployment", "api"])
    assert spec["serviceAccountName"] == "api"
    assert spec["automountServiceAccountToken"] is False
    assert "volumeMounts" not in spec["containers"][0]
    assert spec["initContainers"][0]["volumeMounts"][0]["name"] == spec["volumes"][0]["name"]
    assert ("ServiceAccount", "other") not in objects


def test_a_job_that_pods_wait_for_may_end_itself(charts: Charts) -> None:
    """Such a Job must first look at the notes, and have the rights for that, to end itself, and to wait; no others."""
    charts.publish(migrated)

    objects = charts.render(SECRETS)

    migrate, orders = only(objects, "Job", "migrate-"), only(objects, "Job", "orders-")["metadata"]["name"]
    name = migrate["metadata"]["name"]
    assert rights(objects, "migrate") == {
        ("jobs", name): {"get", "patch"},
        ("jobs/status", name): {"get", "patch"},
        ("jobs", orders): {"get", "list", "watch"},
        ("configmaps", "release-job-notes"): {"get", "patch"},
    }
    spec = pod(migrate)
    assert [container["name"] for container in spec["initContainers"]] == ["skip-if-completed", "wait-for-orders"]
    assert spec["serviceAccountName"] == "migrate"
    assert "volumeMounts" not in spec["containers"][0]
    assert "data" not in objects["ConfigMap", "release-job-notes"], "an upgrade would set it back"
    assert ("Role", "orders") not in objects, "a database is created again where it has to be"


def test_a_job_that_nobody_waits_for_is_not_noted(charts: Charts) -> None:
    """Such a Job must have neither rights nor anything that looks at notes, and the chart no notes."""

    def define(app: AppBuilder) -> None:
        app.add_container("report", "report:1").with_workload("Job")

    charts.publish(define)

    objects = charts.render()

    assert set(objects) == {("Job", only(objects, "Job")["metadata"]["name"])}
    assert "initContainers" not in pod(only(objects, "Job"))


def rights(objects: Objects, role: str) -> dict[tuple[str, str], set[str]]:
    """What a Role allows, by resource and name."""
    allowed: dict[tuple[str, str], set[str]] = {}
    for rule in objects["Role", role]["rules"]:
        for resource in rule["resources"]:
            for name in rule["resourceNames"]:
                allowed.setdefault((resource, name), set()).update(rule["verbs"])
    return allowed


def test_a_changed_job_is_a_new_one(charts: Charts) -> None:
    """What changes the pods of a Job, its data included, must change its name for all; nothing else may."""
    charts.publish(migrated)

    def jobs(**values: Any) -> tuple[str, str]:
        objects = charts.render(values.pop("secrets", SECRETS), values=values)
        migrate = only(objects, "Job", "migrate-")["metadata"]["name"]
        assert migrate in pod(objects["Deployment", "api"])["initContainers"][0]["command"]
        return only(objects, "Job", "orders-")["metadata"]["name"], migrate

    orders, migrate = jobs()

    assert jobs(images={"migrate": {"tag": "2"}}) == (orders, jobs(images={"migrate": {"tag": "2"}})[1])
    assert jobs(images={"migrate": {"tag": "2"}})[1] != migrate
    assert jobs(parameters={"level": "debug"})[1] != migrate
    assert jobs(parameters={"level": "debug"})[0] == orders
    assert jobs(secrets={"pg-password": "other"})[0] != orders
    assert jobs(config={"other": {"OWN": "y"}}, replicas={"api": 5}) == (orders, migrate)
    text = (charts.folder / "Chart.yaml").read_text()
    (charts.folder / "Chart.yaml").write_text(text.replace("0.1.0", "0.2.0"))
    assert jobs() == (orders, migrate)


def test_only_what_defines_it_changes_the_work_of_a_job(charts: Charts) -> None:
    """What a Job's work is noted by must change with image, environment and files, and with nothing else."""
    charts.publish(migrated)

    def note(secrets: dict[str, str] = SECRETS, **values: Any) -> tuple[str, str]:
        objects = charts.render(secrets, values=values)
        job = only(objects, "Job", "migrate-")
        skip, wait = pod(job)["initContainers"][0], pod(objects["Deployment", "api"])["initContainers"][0]
        (work,) = set(skip["command"]) & set(wait["command"]) - {"sh", "-c", "wait", "auto", "migrate", "always"} - {
            "release-job-notes",
            pod(job)["containers"][0]["image"],
        }
        return job["metadata"]["name"], work

    name, work = note()

    for values in (
        {"imagePullSecrets": [{"name": "mine"}]},
        {"resources": {"migrate": {"limits": {"cpu": "1"}}}},
        {"waits": {"jobImage": "mirror/kubectl:1"}},
        {"images": {"migrate": {"pullPolicy": "Always"}}},
        {"images": {"pg": {"tag": "16"}}},
        {"jobs": {"migrate": {"run": "always"}}},
    ):
        other, same = note(**values)
        assert other != name, values
        assert same == work, values
    for values in ({"images": {"migrate": {"tag": "2"}}}, {"parameters": {"level": "debug"}}):
        assert note(**values)[1] != work, values


def test_a_job_that_a_function_changes_is_a_new_one(charts: Charts) -> None:
    """Its name must follow what publish_as_kubernetes_service() does to its pods, and its work what that changes of it.

    Otherwise Kubernetes would refuse the upgrade, as the pods of a Job can't be changed.
    """

    def identity(change: Callable[[KubernetesObjects], object]) -> tuple[str, str, str]:
        def define(app: AppBuilder) -> None:
            db = app.add_postgres("pg").add_database("orders")
            migrate = app.add_container("migrate", "migrations:1").wait_for(db)
            app.add_container("api", "api:1").wait_for_completion(migrate)
            migrate.publish_as_kubernetes_service(change)
            db.publish_as_kubernetes_service(change)

        charts.publish(define)
        objects = charts.render(SECRETS)
        name = only(objects, "Job", "migrate-")["metadata"]["name"]
        command = pod(objects["Deployment", "api"])["initContainers"][0]["command"]
        assert name in command
        work = next(word for word in command if word.startswith("migrate-") and word != name)
        return name, work, only(objects, "Job", "orders-")["metadata"]["name"]

    plain = identity(lambda objects: None)
    bound = identity(lambda objects: objects.pod_spec.update(activeDeadlineSeconds=600))
    debugged = identity(lambda objects: objects.container.setdefault("env", []).append({"name": "A", "value": "b"}))

    assert identity(lambda objects: None) == plain
    assert bound[1] == plain[1]
    assert len({plain[0], bound[0], debugged[0]}) == 3
    assert len({plain[2], bound[2], debugged[2]}) == 3
    assert debugged[1] != plain[1]


def test_the_notes_say_what_to_do_after_a_restore(charts: Charts) -> None:
    """Where Jobs are noted, the notes of an installation must name the ConfigMap and the value that runs them again."""
    charts.publish(migrated)

    said = charts.notes(given={"secrets": SECRETS})

    assert "noted in the ConfigMap release-job-notes" in said
    assert "jobs.migrate.run" in said


def test_what_waits_has_limits(charts: Charts) -> None:
    """Containers that wait, and Jobs that create databases, must say what they may use; a quota on limits asks it."""
    charts.publish(migrated)

    objects = charts.render(SECRETS)
    theirs = charts.render(SECRETS, values={"waits": {"resources": {"limits": {"cpu": "1"}}}})

    ours = [
        *pod(objects["Deployment", "api"])["initContainers"],
        *pod(only(objects, "Job", "migrate-"))["initContainers"],
    ]
    for waiting in (*ours, *pod(only(objects, "Job", "orders-"))["containers"]):
        assert waiting["resources"]["limits"].keys() >= {"cpu", "memory"}, waiting["name"]
    assert pod(theirs["Deployment", "api"])["initContainers"][0]["resources"]["limits"]["cpu"] == "1"


def test_a_database_is_made_with_the_credentials_of_its_server(charts: Charts) -> None:
    """The Job of a database must take the server's image and Secret, also one that somebody else made."""
    charts.publish(migrated)

    job = only(charts.render(SECRETS), "Job", "orders-")
    theirs = only(charts.render(values={"existingSecrets": {"pg": "mine"}}), "Job", "orders-")

    (made,) = pod(job)["containers"]
    variables = {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in made["env"]}
    assert made["image"] == "postgres:15-bookworm"
    assert variables["PGHOST"] == "pg"
    assert variables["DATABASE_NAME"] == "orders"
    assert variables["PGPASSWORD"] == {"secretKeyRef": {"name": "pg", "key": "POSTGRES_PASSWORD"}}
    assert pod(theirs)["containers"][0]["env"][-1]["valueFrom"]["secretKeyRef"]["name"] == "mine"


def test_waits_can_be_turned_off(charts: Charts) -> None:
    """An environment without waits must have neither the containers nor what they need."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_waits(services=False, jobs=False)
        migrated(app)

    charts.publish(define)

    objects = charts.render(SECRETS)
    assert "initContainers" not in pod(objects["Deployment", "api"])
    assert not [key for key in objects if key[0] in ("Role", "ServiceAccount")]
    assert ("ConfigMap", "release-job-notes") not in objects


def test_images_of_waits_are_values(charts: Charts) -> None:
    """The images that wait must be the chart user's to choose."""
    charts.publish(migrated)

    objects = charts.render(SECRETS, values={"waits": {"jobImage": "mirror/kubectl:1", "serviceImage": "mirror/box:1"}})

    waits = pod(objects["Deployment", "api"])["initContainers"]
    assert [wait["image"] for wait in waits] == ["mirror/kubectl:1", "mirror/box:1"]


def test_a_program_may_be_called_what_a_wait_is_called(charts: Charts) -> None:
    """Containers of one pod must have different names."""

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        app.add_container("wait-for-cache", "busybox:1.35").wait_for(cache)

    charts.publish(define)

    spec = pod(charts.render()["Deployment", "wait-for-cache"])
    assert spec["initContainers"][0]["name"] != spec["containers"][0]["name"]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "Job"])
def test_a_definition_chooses_the_kind(charts: Charts, kind: Any) -> None:
    """A workload must be of the kind that the definition asks for, and a StatefulSet have its own Service."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35").with_endpoint("tcp", target_port=80).with_workload(kind)

    charts.publish(define)

    objects = charts.render()
    found = only(objects, kind)
    if kind == "StatefulSet":
        service = objects["Service", found["spec"]["serviceName"]]["spec"]
        assert service["clusterIP"] == "None"
        assert service["selector"] == found["spec"]["selector"]["matchLabels"]
    assert ("Service", "api") in objects


def test_a_cron_job_runs_on_its_schedule(charts: Charts) -> None:
    """The schedule must be a value, and a long name leave room for what the cluster adds."""

    def define(app: AppBuilder) -> None:
        app.add_container("a" * 64, "busybox:1.35").with_workload("CronJob", schedule="0 3 * * *")

    charts.publish(define)

    first = only(charts.render(), "CronJob")
    later = only(charts.render(values={"schedules": {"a" * 64: "@daily"}}), "CronJob")
    assert first["spec"]["schedule"] == "0 3 * * *"
    assert first["spec"]["concurrencyPolicy"] == "Forbid"
    assert later["spec"]["schedule"] == "@daily"
    assert len(first["metadata"]["name"]) <= 52


def test_programs_end_as_the_definition_says(charts: Charts) -> None:
    """The time to end must be the pod's, and the number of restarts its Job's."""

    def define(app: AppBuilder) -> None:
        migrate = app.add_container("migrate", "migrations:1", restart="on-failure", max_restarts=3)
        api = app.add_container("api", "busybox:1.35", stop_timeout=45.5).wait_for_completion(migrate)
        api.with_stop_signal("QUIT")

    charts.publish(define)
    objects = charts.render()

    assert only(objects, "Job")["spec"]["backoffLimit"] == 3
    assert pod(only(objects, "Deployment"))["terminationGracePeriodSeconds"] == 46


def test_variables_of_a_file_are_asked_for(charts: Charts, tmp_path: Path) -> None:
    """Each name of an environment file must be in the container, with the value that is given at installation."""
    (tmp_path / "api.env").write_text("TOKEN=mine\nLEVEL=debug\n")

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env_file="api.env")

    charts.publish(define, project=tmp_path)
    missing = charts.missing()
    objects = charts.render(values={"secrets": {"api": {"TOKEN": "{{ theirs }}", "LEVEL": "info"}}})

    assert missing == {"secrets": {"api": {"TOKEN": "", "LEVEL": ""}}}
    data = {key: b64decode(text).decode() for key, text in only(objects, "Secret")["data"].items()}
    assert data == {"TOKEN": "{{ theirs }}", "LEVEL": "info"}
    assert [variable["name"] for variable in container(objects, "api")["env"]] == ["TOKEN", "LEVEL"]


def test_pods_get_what_they_ask_for(charts: Charts) -> None:
    """Resources, scaling, budget, account, pool and pull secrets must come out as Kubernetes takes them."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_image_pull_secrets("registry-key")
        k8s.with_image_registry("registry.example.com/team/")
        app.add_python_app("api", "./nowhere", script="main.py").with_resources(
            cpu="250m", memory_limit="128Mi", ephemeral_storage="100Mi", ephemeral_storage_limit="1Gi"
        ).with_autoscaling(2, 5, cpu=70).with_disruption_budget(min_available="50%").with_service_account(
            annotations={"role": "reader"}
        ).with_node_pool(k8s.add_node_pool("gpu", {"accelerator": "yes"}))

    charts.publish(define)

    objects = charts.render()
    spec = pod(objects["Deployment", "api"])
    assert container(objects, "api")["resources"] == {
        "requests": {"cpu": "250m", "ephemeral-storage": "100Mi"},
        "limits": {"memory": "128Mi", "ephemeral-storage": "1Gi"},
    }
    assert container(objects, "api")["image"] == "registry.example.com/team/shop/api:0.1.0"
    assert spec["imagePullSecrets"] == [{"name": "registry-key"}]
    assert spec["nodeSelector"] == {"accelerator": "yes"}
    assert spec["serviceAccountName"] == "api"
    assert spec["automountServiceAccountToken"] is True
    assert objects["ServiceAccount", "api"]["metadata"]["annotations"] == {"role": "reader"}
    assert "replicas" not in objects["Deployment", "api"]["spec"]
    scaling = objects["HorizontalPodAutoscaler", "api"]["spec"]
    assert (scaling["minReplicas"], scaling["maxReplicas"]) == (2, 5)
    assert scaling["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 70}
    assert objects["PodDisruptionBudget", "api"]["spec"]["minAvailable"] == "50%"
    moved = charts.render(values={"imagePullSecrets": [], "nodePools": {"gpu": {"pool": "other"}}})
    assert pod(moved["Deployment", "api"])["nodeSelector"]["pool"] == "other"


def test_what_waits_limits_no_disk_of_a_program_that_has_no_limit(charts: Charts) -> None:
    """A container that waits must bound the node's disk only where each program does: its limit counts for the pod."""

    def limits_of_waits(**needs: str) -> dict[str, str]:
        def define(app: AppBuilder) -> None:
            cache = app.add_redis("cache").with_resources(ephemeral_storage_limit="1Gi")
            app.add_container("api", "busybox:1.35").with_resources(**needs).wait_for(cache)

        charts.publish(define)
        (waiting,) = pod(charts.render()["Deployment", "api"])["initContainers"]
        return dict(waiting["resources"]["limits"])

    assert limits_of_waits() == {"cpu": "200m", "memory": "128Mi"}
    assert limits_of_waits(ephemeral_storage_limit="1Gi") == {
        "cpu": "200m",
        "memory": "128Mi",
        "ephemeral-storage": "64Mi",
    }


def test_an_image_for_one_kind_of_processor_runs_where_there_is_one(charts: Charts) -> None:
    """Pods whose image is for a platform must be placed on nodes that have it, in a pool too; it is a value."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        app.add_container("api", "busybox:1.35", platform="linux/arm/v7")
        app.add_postgres("pg", platform="linux/amd64").with_node_pool(k8s.add_node_pool("fast", {"disk": "ssd"}))
        orders = app.add_postgres("db", platform="linux/amd64").add_database("orders")
        app.add_container("web", "busybox:1.35").wait_for(orders)

    charts.publish(define)

    given = {"secrets": {"pg-password": "x", "db-password": "x"}}
    objects = charts.render(values=given)
    assert pod(objects["Deployment", "api"])["nodeSelector"] == {"kubernetes.io/arch": "arm"}
    assert pod(only(objects, "Job"))["nodeSelector"] == {"kubernetes.io/arch": "amd64"}
    assert pod(objects["Deployment", "pg"])["nodeSelector"] == {"kubernetes.io/arch": "amd64", "disk": "ssd"}
    assert "nodeSelector" not in pod(objects["Deployment", "web"])
    images = {"api": {"architecture": "riscv64"}, "pg": {"architecture": "arm64"}}
    moved = charts.render(values={**given, "images": images})
    assert pod(moved["Deployment", "api"])["nodeSelector"] == {"kubernetes.io/arch": "riscv64"}
    assert pod(moved["Deployment", "pg"])["nodeSelector"]["kubernetes.io/arch"] == "arm64"


def test_properties_may_be_parameters(charts: Charts) -> None:
    """A property given by a parameter must be that parameter's value, or its default where the chart is written."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_properties(
            helm_chart_name=app.add_parameter("chart", "storefront"),
            default_service_type=app.add_parameter("exposure", "ClusterIP"),
            default_storage_class_name=app.add_parameter("disks"),
            default_image_pull_policy=app.add_parameter("pulling", "Always"),
        )
        app.add_redis("cache").with_data_volume()

    charts.publish(define)

    assert charts.missing() == {"parameters": {"disks": ""}}
    objects = charts.render(values={"parameters": {"disks": "fast", "exposure": "LoadBalancer"}})
    (claim,) = objects["StatefulSet", "cache"]["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "fast"
    assert objects["Service", "cache"]["spec"]["type"] == "LoadBalancer"
    assert pod(objects["StatefulSet", "cache"])["containers"][0]["imagePullPolicy"] == "Always"
    assert "name: storefront" in (charts.folder / "Chart.yaml").read_text()


def test_programs_go_where_they_belong(charts: Charts) -> None:
    """With several environments each must have the programs that name it, and no other."""

    def define(app: AppBuilder) -> None:
        one, two = app.add_kubernetes_environment("one"), app.add_kubernetes_environment("two")
        app.add_container("a", "busybox:1.35").with_compute_environment(one)
        app.add_container("b", "busybox:1.35").with_compute_environment(two)
        app.add_container("c", "busybox:1.35").with_compute_environment(one, two)

    charts.publish(define)

    assert set(charts.render(chart="one")) == {("Deployment", "a"), ("Deployment", "c")}
    assert set(charts.render(chart="two")) == {("Deployment", "b"), ("Deployment", "c")}


def test_programs_that_share_an_image(charts: Charts, tmp_path: Path) -> None:
    """Programs that share an image must run the one that its key of values.yaml names, each with what it runs."""
    (tmp_path / "py").mkdir()
    (tmp_path / "py/requirements.txt").write_text("celery==5.4.0\n")

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./py")
        app.add_container("worker", image, args=["celery", "worker"])
        app.add_uvicorn_app("api", "./py", "api:app", image=image)
        migrate = app.add_python_app("migrate", "./py", module="alembic", image=image)
        app.add_container("beat", image, args=["celery", "beat"]).wait_for_completion(migrate)

    charts.publish(define, project=tmp_path)

    objects = charts.render(values={"images": {"backend": {"repository": "hub.example.com/b", "tag": "7"}}})

    containers = [container(objects, name) for name in ("worker", "api", "beat")]
    containers.append(pod(only(objects, "Job", "migrate-"))["containers"][0])
    assert {found["image"] for found in containers} == {"hub.example.com/b:7"}
    assert containers[0]["args"] == ["celery", "worker"]
    assert containers[1]["command"] == ["python", "-m", "uvicorn"]
    assert all(found["securityContext"]["runAsNonRoot"] is True for found in containers)
