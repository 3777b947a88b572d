"""What a chart has of the settings of containers and of their health commands, and what it says that it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.charts import Charts, Objects, built, container

from fairlead import AppBuilder
from fairlead.publish.publisher import render

IMAGE = "registry.example.com/team/api:1"


def spec(objects: Objects, name: str, kind: str = "Deployment") -> dict[str, Any]:
    """The specification of a workload's pods."""
    found: dict[str, Any] = objects[kind, name]["spec"]["template"]["spec"]
    return found


def define(app: AppBuilder) -> None:
    """Each setting once, and a program without any."""
    app.add_container("plain", IMAGE)
    box = app.add_container("box", IMAGE, user="1000:1001", read_only_root=True, init=True, host_name="deck")
    box.with_tmpfs("/tmp", size="64m").with_tmpfs("/run/box").with_shm_size("1g").with_working_directory("/srv")
    box.with_capabilities(add=["SYS_PTRACE"], drop=["NET_RAW"]).with_sysctl("net.ipv4.tcp_keepalive_time", 60)
    box.with_extra_host("db.internal", "10.0.0.7").with_extra_host("old.internal", "10.0.0.7")
    box.with_memory("512m", reservation="256m").with_cpu(1.5, reservation=0.25).with_gpus(2)
    box.with_label("com.example.team", "crew")
    app.add_container("strong", IMAGE).with_privileged()
    app.add_container("cache", "redis:7").with_capabilities(add=["SYS_NICE"], drop=["CHOWN"])
    app.add_container("proxy", "nginx:1.27").with_capabilities(drop=["ALL"], add=["NET_BIND_SERVICE"])


def test_settings_reach_the_chart(charts: Charts) -> None:
    """Each setting must be the field of pods that does the same, and nothing be there for a program without any."""
    charts.publish(define)
    objects = charts.render()
    box, pod = container(objects, "box"), spec(objects, "box")

    assert box["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"add": ["SYS_PTRACE"], "drop": ["NET_RAW"]},
        "readOnlyRootFilesystem": True,
        "runAsUser": 1000,
        "runAsGroup": 1001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert box["workingDir"] == "/srv"
    assert box["resources"] == {
        "limits": {"memory": "512Mi", "cpu": "1500m", "nvidia.com/gpu": "2"},
        "requests": {"memory": "256Mi", "cpu": "250m"},
    }
    volumes = {volume["name"]: volume["emptyDir"] for volume in pod["volumes"]}
    assert {mount["mountPath"]: volumes[mount["name"]] for mount in box["volumeMounts"]} == {
        "/tmp": {"medium": "Memory", "sizeLimit": "64Mi"},
        "/run/box": {"medium": "Memory"},
        "/dev/shm": {"medium": "Memory", "sizeLimit": "1Gi"},
    }
    assert (pod["hostname"], pod["shareProcessNamespace"]) == ("deck", True)
    assert pod["hostAliases"] == [{"ip": "10.0.0.7", "hostnames": ["db.internal", "old.internal"]}]
    assert pod["securityContext"]["sysctls"] == [{"name": "net.ipv4.tcp_keepalive_time", "value": "60"}]
    template = objects["Deployment", "box"]["spec"]["template"]
    assert template["metadata"]["annotations"]["com.example.team"] == "crew"
    plain = container(objects, "plain")
    assert plain["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert not {"hostname", "hostAliases", "shareProcessNamespace", "volumes"} & spec(objects, "plain").keys()


def test_capabilities_go_with_what_an_image_needs(charts: Charts) -> None:
    """Of an image that is known what it needs must stay, but for what is dropped; a privileged one has all."""
    charts.publish(define)
    objects = charts.render()

    assert container(objects, "strong")["securityContext"] == {"privileged": True}
    assert container(objects, "cache")["securityContext"]["capabilities"] == {
        "add": ["DAC_OVERRIDE", "SETGID", "SETUID", "SYS_NICE"],
        "drop": ["ALL"],
    }
    proxy = container(objects, "proxy")["securityContext"]["capabilities"]
    assert proxy == {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}


def test_a_restricted_profile_drops_what_it_must(charts: Charts) -> None:
    """Under a restricted profile all capabilities must be dropped, and the chart's user can change a setting."""
    charts.publish(define)
    changed = {"box": {"securityContext": {"runAsUser": 2000}, "hostAliases": []}}
    objects = charts.render(values={"podSecurity": {"profile": "restricted"}, "pods": changed})
    box = container(objects, "box")["securityContext"]

    assert (box["capabilities"]["drop"], box["runAsUser"], box["runAsNonRoot"]) == (["NET_RAW", "ALL"], 2000, True)
    assert container(objects, "cache")["securityContext"]["capabilities"] == {"add": ["SYS_NICE"], "drop": ["ALL"]}
    assert not spec(objects, "box").get("hostAliases")


def test_low_ports_and_kernel_parameters(charts: Charts) -> None:
    """What low ports need under a restricted profile must stay beside parameters of the definition, or give way."""

    def define(app: AppBuilder) -> None:
        one = app.add_container("one", IMAGE).with_sysctl("net.ipv4.tcp_syncookies", 1)
        two = app.add_container("two", IMAGE).with_sysctl("net.ipv4.ip_unprivileged_port_start", 70)
        for each in (one, two):
            each.with_http_endpoint(target_port=80)

    charts.publish(define)
    objects = charts.render(values={"podSecurity": {"profile": "restricted"}})

    parameters = {
        name: {entry["name"]: entry["value"] for entry in spec(objects, name)["securityContext"]["sysctls"]}
        for name in ("one", "two")
    }
    assert parameters == {
        "one": {"net.ipv4.tcp_syncookies": "1", "net.ipv4.ip_unprivileged_port_start": "0"},
        "two": {"net.ipv4.ip_unprivileged_port_start": "70"},
    }


def test_what_has_no_counterpart_is_said_once(charts: Charts) -> None:
    """Each setting without a counterpart must be one message for all resources concerned, and not be in the chart."""

    def define(app: AppBuilder) -> None:
        one, two = (app.add_container(name, IMAGE) for name in ("one", "two"))
        for box in (one, two):
            box.with_ulimit("nofile", 65536).with_device("/dev/fuse").with_log_options(max_size="10m")
            box.with_container_runtime_args("--pids-limit=100")
        two.with_user("node").with_sysctl("net.core.somaxconn", 1024).with_extra_host("me", "host-gateway")
        two.with_label("traefik.http[0]", "x").with_tmpfs("/x", mode=0o700).with_gpus()
        app.add_container("kept", IMAGE).with_volume("data", "/data").with_host_name("deck")

    published = charts.publish(define)
    said = {warning.message: warning.resource for warning in published.warnings}

    assert said == {
        "the options of the container engine are left out of 'one' (--pids-limit=100), 'two' (--pids-limit=100)": None,
        "with_ulimit() is left out of 'one' (nofile), 'two' (nofile): the nodes of a cluster set the limits of "
        "processes": None,
        "with_device() is left out of 'one' (/dev/fuse), 'two' (/dev/fuse): pods get devices from plugins of their "
        "nodes": None,
        "with_user() is left out (node): a cluster takes users and groups by number": "two",
        "with_sysctl() is left out (net.core.somaxconn): nodes refuse pods that ask for kernel parameters other than "
        "those that Kubernetes calls safe": "two",
        "with_extra_host() is left out (me): a pod's node is not this machine": "two",
        "with_label() is left out (traefik.http[0]): labels become annotations of pods, and these can't be called "
        "so": "two",
        "with_tmpfs(mode=…) is left out (/x): every user of a pod may write to its folders in memory": "two",
        "with_gpus('all') is left out (all of them): a pod asks for a number of GPUs, and gets one": "two",
        "with_host_name() is left out (deck): the pods of a StatefulSet are called after it, and others by lower-case "
        "letters, digits and '-'": "kept",
    }
    assert all(warning.remedy and warning.where.line for warning in published.warnings)
    (log,) = [note for note in published.notes if "with_log_options" in note.message]
    assert "'one' (max-size), 'two' (max-size)" in log.message
    objects = charts.render()
    assert "securityContext" not in spec(objects, "two") or "sysctls" not in spec(objects, "two")["securityContext"]
    assert "None:" not in charts.notes()


def test_a_health_command_is_a_probe(charts: Charts) -> None:
    """A command must be the readiness probe, with its times, and what it has time to start a startup probe."""

    def define(app: AppBuilder) -> None:
        box = app.add_container("box", IMAGE)
        box.with_command_health_check(["check", "$(A)", "$$"], interval=20, timeout=2.5, retries=5, start_period=42)
        app.add_container("line", IMAGE).with_command_health_check("curl -f localhost || exit 1")
        two = app.add_container("two", IMAGE).with_http_endpoint(target_port=80).with_http_health_check("/")
        two.with_command_health_check(["second"])

    published = charts.publish(define)
    objects = charts.render()
    box, line = container(objects, "box"), container(objects, "line")

    command = ["check", "$$(A)", "$$$$"]
    assert box["readinessProbe"] == {
        "exec": {"command": command},
        "periodSeconds": 20,
        "timeoutSeconds": 3,
        "failureThreshold": 5,
    }
    assert box["startupProbe"] == {
        "exec": {"command": command},
        "periodSeconds": 5,
        "timeoutSeconds": 3,
        "failureThreshold": 14,
    }
    assert line["readinessProbe"] == {
        "exec": {"command": ["/bin/sh", "-c", "curl -f localhost || exit 1"]},
        "periodSeconds": 10,
        "timeoutSeconds": 30,
        "failureThreshold": 3,
    }
    assert "startupProbe" not in line
    assert "httpGet" in container(objects, "two")["readinessProbe"]
    (warning,) = [each for each in published.warnings if each.resource == "two"]
    assert warning.message == "the health check 'second' is left out: a pod has one readiness probe"


def test_the_health_check_of_an_own_image_is_a_probe(charts: Charts, tmp_path: Path) -> None:
    """What a Dockerfile of the project says must be the probe, unless the definition has a check of its own."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "Dockerfile").write_text(
        'FROM busybox AS base\nHEALTHCHECK --interval=15s --retries=2 CMD ["base"]\nFROM base AS api\nUSER 1000\n'
        "FROM base AS last\nHEALTHCHECK --start-period=30s CMD last || exit 1\nFROM base AS none\nHEALTHCHECK NONE\n"
    )

    def define(app: AppBuilder) -> None:
        for target in ("api", "last", "none"):
            app.add_dockerfile(target, "api", target=target)
        app.add_dockerfile("own", "api", target="api").with_command_health_check(["own"])
        app.add_executable("process", "./server", "api")
        backend = app.add_image("backend", "api", target="api")
        app.add_container("server", backend)
        app.add_container("worker", backend, image_health_check=False)

    charts.publish(define, project=tmp_path)
    objects = charts.render()
    commands = {
        name: container(objects, name).get("readinessProbe", {}).get("exec", {}).get("command")
        for name in ("api", "last", "none", "own", "process", "server", "worker")
    }

    assert commands == {
        "api": ["base"],
        "last": ["/bin/sh", "-c", "last || exit 1"],
        "none": None,
        "own": ["own"],
        "process": None,
        "server": ["base"],
        "worker": None,
    }
    assert container(objects, "api")["readinessProbe"]["periodSeconds"] == 15
    assert container(objects, "last")["startupProbe"]["failureThreshold"] == 9


def test_the_formats_agree() -> None:
    """Plain manifests and a base for Kustomize must have the settings, too."""
    for format in ("manifests", "kustomize"):
        text = "\n".join(render(built(define), format=format).files.values())
        assert "shareProcessNamespace: true" in text
        assert "privileged: true" in text
