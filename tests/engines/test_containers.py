"""Containers of an app, on real engines: networking both ways, files, volumes, builds, options and their ends."""

from __future__ import annotations

import shutil
import socket
import sys
from pathlib import Path

import psutil
import pytest
from tests.support.containers import BUSYBOX, IDLE, container_of, containers, reach, says, text
from tests.support.engines import ENGINES, EngineHost
from tests.support.waiting import until

from fairlead import AppBuilder, ContainerFile, HealthStatus, ref
from fairlead.model.observation.state import State

PYTHON = "python:3.11-slim-bookworm"  # the static busybox can't look names up
SERVER = """
import http.server, os, socket, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(sys.argv[2].encode())
    def log_message(self, *_): pass
class Server(http.server.HTTPServer):
    address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
Server((sys.argv[1], int(os.environ["PORT"])), Answer).serve_forever()
"""
HTTPD = 'mkdir /www; echo from-a-container > /www/index.html; trap "exit 0" TERM; httpd -f -p 8000 -h /www & wait'
CLIENT = """
import os, urllib.request
names = [f"http://{name}:8000" for name in ("my-server", "my_server", "My_Server")]
for url in (os.environ["MY_SERVER_HTTP"], *names, *(os.environ[f"{name}_HTTP"] for name in ("API", "WIDE", "SIX"))):
    print(url, urllib.request.urlopen(url, timeout=30).read().decode().strip())
"""


def own_addresses() -> list[str]:
    """The addresses of this machine that others can reach."""
    entries = [entry for entries in psutil.net_if_addrs().values() for entry in entries]
    return [entry.address for entry in entries if entry.family == socket.AF_INET and entry.address != "127.0.0.1"]


def answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


# Networking


@ENGINES
async def test_containers_and_processes_find_each_other(engine_host: EngineHost, tmp_path: Path) -> None:
    """A container must reach others by name, and processes that listen on either loopback or on all addresses."""
    (tmp_path / "server.py").write_text(SERVER)

    def define(app: AppBuilder) -> None:
        server = (
            app.add_container("My_Server", BUSYBOX, args=["sh", "-c", HTTPD])
            .with_http_endpoint(target_port=8000)
            .with_http_health_check("/")
        )
        api = app.add_executable("api", sys.executable, ".", "server.py", "127.0.0.1", "from-loopback")
        six = app.add_executable("six", sys.executable, ".", "server.py", "::1", "from-loopback-6")
        wide = app.add_executable("wide", sys.executable, ".", "server.py", "0.0.0.0", "from-everywhere")
        client = app.add_container("client", PYTHON, args=["python3", "-c", CLIENT])
        for process in (api, six, wide):
            process.with_http_endpoint(env="PORT").with_http_health_check("/")
        for target in (server, api, six, wide):
            client.with_reference(target).wait_for(target)

    async with containers(define, tmp_path, engine_host) as app:
        ended = await app.wait_for("client", "completed", timeout=120)
        assert ended.state is State.EXITED
        heard = text(app, "client", "stdout")
        assert "http://my-server:8000 from-a-container" in heard
        assert heard.count("from-a-container") == 4
        assert "http://host.docker.internal:" in heard
        assert "from-loopback\n" in heard
        assert "from-loopback-6" in heard
        assert "from-everywhere" in heard

        async with app.http("My_Server").get("/") as answer:
            assert "from-a-container" in await answer.text()
        addresses = app.host.run.addresses
        published = addresses.host_port(app.app["My_Server"], app.app["My_Server"].endpoint("http").spec)
        forwarded = addresses.gateway_port(app.app["api"], app.app["api"].endpoint("http").spec)
        open_at = [host for host in own_addresses() if answers(host, published)]
        assert open_at == [], "a published port is for this machine only"
        assert len([host for host in own_addresses() if answers(host, forwarded)]) == 1, "the gateway, and nothing else"
        assert not answers("127.0.0.1", forwarded)


# Files


DOCKERFILE = """
FROM busybox:1.35 AS base
ARG GREETING=none
RUN echo "$GREETING" > /greeting
RUN echo "sailor:x:4321:8765::/:/bin/sh" >> /etc/passwd
FROM base AS crew
USER sailor
FROM base AS broken
RUN false
"""
SHOW = """
cat /greeting; id -u
for file in /etc/boat/text /etc/boat/bytes /etc/boat/secret /etc/boat/deep/source; do
    echo "$file $(stat -c '%a %u %g' $file) $(cat $file)"
done
"""


@ENGINES
async def test_files_are_copied_in_for_the_user_of_a_built_image(engine_host: EngineHost, tmp_path: Path) -> None:
    """A Dockerfile must be built with its arguments and stage; files must come in with mode, owner and content."""
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "chart.txt").write_text("from the app's folder")

    def define(app: AppBuilder) -> None:
        word = app.add_parameter("word", secret=True)
        built = app.add_dockerfile("crew", "image", target="crew", build_args={"GREETING": "ahoy there"})
        built.with_args("sh", "-c", SHOW).with_container_files(
            "/etc/boat",
            [
                ContainerFile("text", "plain"),
                ContainerFile("bytes", b"\x62\x79\x74\x65", mode=0o400),
                ContainerFile("secret", ref("the word is {word}", word=word), mode=0o600),
                ContainerFile("deep/source", source="chart.txt"),
            ],
        )

    async with containers(define, tmp_path, engine_host, parameters={"word": "xyzzy-plugh"}) as app:
        await app.wait_for("crew", "completed")
        said = text(app, "crew", "stdout").splitlines()
        owner = "4321 8765"
        assert "ahoy there" in said
        assert "4321" in said
        assert f"/etc/boat/text 644 {owner} plain" in said
        assert f"/etc/boat/bytes 400 {owner} byte" in said
        assert f"/etc/boat/secret 600 {owner} the word is ***" in said, "the secret is there, and masked in the log"
        assert f"/etc/boat/deep/source 644 {owner} from the app's folder" in said
        assert "Building" in text(app, "crew", "system")


async def test_a_project_without_a_dockerfile_runs_in_one_image(docker: EngineHost, tmp_path: Path) -> None:
    """Containers of a Python project must share one image of it, which a run builds by a Dockerfile that it makes."""
    (tmp_path / "api/src/shop").mkdir(parents=True)
    (tmp_path / "api/requirements.txt").write_text("")
    (tmp_path / "api/src/shop/__main__.py").write_text("import sys; print('shop', *sys.argv[1:])")
    (tmp_path / "api/.env").write_text("SECRET=1")

    def define(app: AppBuilder) -> None:
        image = app.add_image("backend", "./api", base_image=PYTHON)
        app.add_container("worker", image, args=["python", "-m", "shop", "works"])
        app.add_container("clerk", image, args=["sh", "-c", "id -u; ls -A; python -m shop writes"])

    async with containers(define, tmp_path, docker) as app:
        try:
            await app.wait_for("worker", "completed")
            await app.wait_for("clerk", "completed")
            assert text(app, "worker", "stdout") == "shop works"
            assert text(app, "clerk", "stdout").splitlines() == ["10001", "requirements.txt", "src", "shop writes"]
            assert text(app, "backend", "system").count("Building") == 1
        finally:
            docker.run("image", "rm", "--force", f"{app.host.run.app.id}-backend:latest")


async def test_ids_come_from_the_options_and_need_no_passwd(docker: EngineHost, tmp_path: Path) -> None:
    """Files must belong to the user that the options name, also where the image knows no users at all."""
    (tmp_path / "Dockerfile").write_text("FROM busybox:1.35\nRUN rm -f /etc/passwd /etc/group\nUSER 77:88\n")

    def define(app: AppBuilder) -> None:
        show = ["stat", "-c", "%u:%g", "/file"]
        app.add_dockerfile("image", ".").with_args(*show).with_container_files("/", [ContainerFile("file", "x")])
        other = app.add_container("option", BUSYBOX, args=show).with_container_runtime_args("--user=daemon:mail")
        other.with_container_files("/", [ContainerFile("file", "x")])

    async with containers(define, tmp_path, docker) as app:
        await app.wait_for("image", "completed")
        await app.wait_for("option", "completed")
        assert text(app, "image", "stdout").endswith("77:88")
        assert text(app, "option", "stdout").endswith("1:8")


async def test_its_user_can_write_beside_its_files(docker: EngineHost, tmp_path: Path) -> None:
    """A folder that comes along with a file must belong to whom the file does; one that was there must not change."""

    def define(app: AppBuilder) -> None:
        script = "touch /opt/a/b/new && echo wrote; stat -c '%u %a' /opt /opt/a /tmp"
        box = app.add_container("box", BUSYBOX, args=["sh", "-c", script])
        box.with_container_runtime_args("--user=1000:1000")
        box.with_container_files("/opt/a/b", {"f": "x"}).with_container_files("/tmp", {"f": "x"})

    async with containers(define, tmp_path, docker) as app:
        await app.wait_for("box", "completed")
        assert text(app, "box", "stdout").splitlines() == ["wrote", "0 755", "1000 755", "0 1777"]


@ENGINES
async def test_volumes_and_bind_mounts(
    engine_host: EngineHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A volume must be shared by name, a folder of the host be seen, and both be read-only where that is said.

    The folder may be the user's own, and have a colon in its name.
    """
    for name in ("in:ro", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "in:ro" / "chart").write_text("north")
    monkeypatch.setenv("HOME", str(tmp_path))

    def define(app: AppBuilder) -> None:
        write = "echo kept > /data/log; cat /in/chart > /out/copy; touch /in/x || echo in is protected"
        writer = app.add_container("writer", BUSYBOX, args=["sh", "-c", write]).with_volume("hold", "/data")
        writer.with_bind_mount("in:ro", "/in", read_only=True).with_bind_mount("~/out", "/out").with_volume(
            None, "/scratch"
        )
        read = "cat /data/log; touch /data/x || echo hold is protected"
        reader = app.add_container("reader", BUSYBOX, args=["sh", "-c", read])
        reader.with_volume("hold", "/data", read_only=True).wait_for_completion(writer)

    async with containers(define, tmp_path, engine_host) as app:
        await app.wait_for("reader", "completed")
        assert "in is protected" in text(app, "writer")
        assert text(app, "reader", "stdout").splitlines() == ["kept", "hold is protected"]
        assert (tmp_path / "out" / "copy").read_text() == "north"


# What a container is told, and what it says


async def test_environment_entrypoint_and_output(docker: EngineHost, tmp_path: Path) -> None:
    """Values must come in as they are, whatever is in them; both streams must be told apart, up to the last line."""
    odd = {
        "SPACES": "  two  words ",
        "DOLLAR": "$HOME ${PATH} $$ `id`",
        "QUOTES": "'\"\\",
        "EQUALS": "a=b=c",
        "EMPTY": "",
        "WORDS": "grüße, 船",
    }

    def define(app: AppBuilder) -> None:
        script = "; ".join(f'printf "%s|{name}\\n" "${name}"' for name in odd)
        script += '; printf "%s|LINES\\n" "$LINES"; echo "$0 $1" >&2; printf "no end"'
        box = app.add_container("box", BUSYBOX, args=["an argument"]).with_entrypoint("sh", "-c", script, "name zero")
        box.with_environment("LINES", "one\ntwo").with_replicas(3)
        for name, value in odd.items():
            box.with_environment(name, value)

    async with containers(define, tmp_path, docker) as app:
        await app.wait_for("box", "completed")
        out = text(app, "box", "stdout").splitlines()
        assert out == [*(f"{value}|{name}" for name, value in odd.items()), "one", "two|LINES", "no end"]
        assert text(app, "box", "stderr") == "name zero an argument"
        assert text(app, "box", "system").count("its 3 replicas are for the cluster") == 1


async def test_runtime_arguments(docker: EngineHost, tmp_path: Path) -> None:
    """Options of `docker run` must hold; one that the engine refuses must fail its resource alone, and name itself."""

    def define(app: AppBuilder) -> None:
        idle = ["sh", "-c", IDLE]
        limited = app.add_container("limited", BUSYBOX, args=idle)
        limited.with_container_runtime_args("--memory=64m", "--tmpfs=/scratch", "--hostname=mast", "--cap-drop=ALL")
        app.add_container("odd", BUSYBOX, args=idle).with_container_runtime_args("--runtime=mainsail")

    async with containers(define, tmp_path, docker) as app:
        failed = await reach(app, "odd", State.FAILED_TO_START)
        assert "mainsail" in failed.reason
        await says(app, "limited", "up")
        form = "{{.HostConfig.Memory}} {{.Config.Hostname}} {{.HostConfig.Tmpfs}} {{.HostConfig.CapDrop}}"
        seen = docker.run("inspect", "--format", form, container_of(app, "limited"))
        assert seen.split() == [str(64 * 2**20), "mast", "map[/scratch:]", "[ALL]"]


async def test_a_pause_is_shown(docker: EngineHost, tmp_path: Path) -> None:
    """A container that somebody pauses must be unhealthy, and say how it goes on."""

    def define(app: AppBuilder) -> None:
        # One that is not healthy is asked often.
        app.add_container("box", BUSYBOX, args=["sh", "-c", IDLE]).with_health_check(lambda: False)

    async with containers(define, tmp_path, docker) as app:
        await says(app, "box", "up")
        docker.run("pause", container_of(app, "box"))
        try:
            await until(lambda: "it is paused" in str(app.snapshot("box").reports), "it is paused")
        finally:
            docker.run("unpause", container_of(app, "box"))


@ENGINES
async def test_a_container_is_started_again(engine_host: EngineHost, tmp_path: Path) -> None:
    """A container that fails must be started again as the definition says, and what waits for it sees the last end."""

    def define(app: AppBuilder) -> None:
        once = "test -e /data/done && exit 0; touch /data/done; exit 3"
        job = app.add_container("job", BUSYBOX, args=["sh", "-c", once], restart="on-failure").with_volume(
            "data", "/data"
        )
        app.add_container("box", BUSYBOX, args=["sh", "-c", IDLE]).wait_for_completion(job)

    async with containers(define, tmp_path, engine_host) as app:
        await app.wait_healthy("box")
        assert (app.snapshot("job").starts, app.snapshot("job").exit_code) == (2, 0)
        assert "Restart 1 of 5 in 1 s, after exit code 3" in text(app, "job")


async def test_its_own_localhost_is_pointed_out(docker: EngineHost, tmp_path: Path) -> None:
    """A container that is given a service at localhost must be told that it will find itself there."""

    def define(app: AppBuilder) -> None:
        box = app.add_container("box", BUSYBOX, args=["sh", "-c", IDLE])
        box.with_reference(app.add_external_service("rates", "http://localhost:8000/x"))
        box.with_reference(app.add_external_service("maps", "https://localhost.example"))

    async with containers(define, tmp_path, docker) as app:
        await says(app, "box", "localhost, in the URL of rates, is this container itself")
        assert "maps" not in text(app, "box", "system")


@ENGINES
async def test_health_check_of_the_image(engine_host: EngineHost, tmp_path: Path) -> None:
    """What the image's own health check says must be the resource's health."""
    check = "FROM busybox:1.35\nHEALTHCHECK --interval=1s --retries=1 CMD test -f /well || { echo seasick; false; }\n"
    (tmp_path / "Dockerfile").write_text(check)

    def define(app: AppBuilder) -> None:
        app.add_dockerfile("checked", ".").with_args("sh", "-c", IDLE)

    async with containers(define, tmp_path, engine_host) as app:
        await until(lambda: "seasick" in str(app.snapshot("checked").reports), "it is seasick")
        engine_host.run("exec", container_of(app, "checked"), "touch", "/well")
        await app.wait_healthy("checked")


CHECKED = "echo seasick $BOAT; echo x >> /looks; test -f /well"


@ENGINES
async def test_a_command_tells_the_health(engine_host: EngineHost, tmp_path: Path) -> None:
    """A container must be healthy once its health command ends with 0, in place of its image's own health check.

    One process has to run the command, however often that is: engines keep something of each that they start.
    """
    (tmp_path / "Dockerfile").write_text("FROM busybox:1.35\nHEALTHCHECK --interval=1s CMD touch /asked-by-image\n")

    def define(app: AppBuilder) -> None:
        box = app.add_dockerfile("checked", ".", args=["sh", "-c", IDLE], env={"BOAT": "gig"})
        box.with_command_health_check(CHECKED, interval=0.5, retries=1)

    async with containers(define, tmp_path, engine_host) as app:
        await until(lambda: "ended with 1: seasick gig" in str(app.snapshot("checked").reports), "it is seasick")
        box = container_of(app, "checked")
        await until(lambda: engine_host.run("exec", box, "cat", "/looks").count("x") > 2, "it is asked again")
        engine_host.run("exec", box, "touch", "/well")
        await app.wait_healthy("checked")
        engine_host.run("exec", box, "rm", "/well")
        await until(lambda: app.snapshot("checked").health is HealthStatus.UNHEALTHY, "it is seasick again")
        assert engine_host.run("exec", box, "sh", "-c", "ls /asked-by-image 2>/dev/null || true") == ""
        assert engine_host.run("top", box).count("while read") == 1


SETTINGS = (
    """
echo "user $(id -u):$(id -g) in $(pwd) on $(hostname)"
touch /no 2>/dev/null || echo "root is read-only"
touch /scratch/yes && stat -c 'scratch %a' /scratch
df -k /scratch /dev/shm | awk 'NR > 1 { print $NF, $2 }'
echo "files $(ulimit -n) $(ulimit -Hn)"
cat /opt/boat/name.txt /opt/boat/deep/crew.txt /tmp/notes/log.txt; echo; ls /opt/boat
grep mast /etc/hosts; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; grep CapBnd /proc/self/status
echo "first $(cat /proc/1/comm)"
"""
    + IDLE
)


@ENGINES
async def test_settings_reach_the_engine(engine_host: EngineHost, tmp_path: Path) -> None:
    """Each setting of a container must be what its program finds, and a container has a name of its own by default."""

    def define(app: AppBuilder) -> None:
        app.add_container("Plain_Box", BUSYBOX, args=["sh", "-c", "hostname; " + IDLE])
        box = app.add_container("box", BUSYBOX, args=["sh", "-c", SETTINGS], user="1000:1001", read_only_root=True)
        box.with_tmpfs("/scratch", size="2m", mode=0o1777).with_shm_size("8m").with_ulimit("nofile", 512, 600)
        box.with_extra_host("mast", "10.1.2.3").with_sysctl("net.ipv4.ip_unprivileged_port_start", 80)
        box.with_capabilities(drop=["ALL"]).with_working_directory("/home").with_host_name("deck")
        box.with_ulimit("nproc", 30000)  # Podman asks for more where it is given any limit, which not all machines have
        box.with_memory("64m").with_cpu(0.5).with_label("com.example.team", "crew")
        box.with_container_files("/opt/boat", {"name.txt": "gig", "deep/crew.txt": "two"})
        box.with_tmpfs("/tmp").with_container_files("/tmp/notes", {"log.txt": "calm"})
        if engine_host.name == "docker":  # Podman takes a program of the machine for it, which not all have
            box.with_init()

    async with containers(define, tmp_path, engine_host) as app:
        assert "plain-box" in await says(app, "Plain_Box", "up")
        found = await says(app, "box", "up")
        for line in (
            "user 1000:1001 in /home on deck",
            "root is read-only",
            "gigtwocalm",
            "deep\nname.txt",
            "scratch 1777",
            "/scratch 2048",
            "/dev/shm 8192",
            "files 512 600",
            "10.1.2.3\tmast",
            "80",
            "CapBnd:\t0000000000000000",
        ):
            assert line in found
        assert ("first sh" in found) == (engine_host.name == "podman")
        form = '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{index .Config.Labels "com.example.team"}}'
        seen = engine_host.run("inspect", "--format", form, container_of(app, "box"))
        assert seen.split() == [str(64 * 2**20), "500000000", "crew"]


# Its end


@ENGINES
async def test_ends_are_told(engine_host: EngineHost, tmp_path: Path) -> None:
    """A container that ends must be Exited with its code and all it wrote; one that had no memory must say so."""

    def define(app: AppBuilder) -> None:
        app.add_container("at-once", BUSYBOX, args=["sh", "-c", "echo no chart >&2; exit 7"])
        greedy = app.add_container("greedy", BUSYBOX, args=["tail", "/dev/zero"])
        greedy.with_container_runtime_args("--memory=16m", "--memory-swap=16m")
        app.add_container("fine", BUSYBOX, args=["sh", "-c", IDLE])

    async with containers(define, tmp_path, engine_host) as app:
        ended = await reach(app, "at-once", State.EXITED)
        assert (ended.exit_code, text(app, "at-once", "stderr")) == (7, "no chart")
        starved = await reach(app, "greedy", State.EXITED)
        assert starved.exit_code == 137
        assert "ran out of memory" in text(app, "greedy", "state")
        assert "16m" in starved.reason
        await says(app, "fine", "up")


async def test_its_own_stop_signal(docker: EngineHost, tmp_path: Path) -> None:
    """A container must be asked to end by the signal of the definition, and have the time that it says."""

    def define(app: AppBuilder) -> None:
        script = "trap '' TERM; trap 'sleep 1; exit 4' USR1; echo up; while :; do sleep 0.1; done"
        box = app.add_container("box", BUSYBOX, args=["sh", "-c", script])
        box.with_stop_signal("USR1").with_stop_timeout(60)

    async with containers(define, tmp_path, docker) as app:
        await says(app, "box", "up")
        await app.command("box", "stop")
        assert app.snapshot("box").exit_code == 4


async def test_stop_start_and_restart(docker: EngineHost, tmp_path: Path) -> None:
    """The commands must end a container in order, remove it, and make a new one."""

    def define(app: AppBuilder) -> None:
        script = "trap 'echo farewell; exit 5' TERM; echo up; sleep 1000 & wait"
        app.add_container("box", BUSYBOX, args=["sh", "-c", script])

    async with containers(define, tmp_path, docker) as app:
        await says(app, "box", "up")
        first = container_of(app, "box")
        await app.command("box", "stop")
        assert (app.snapshot("box").state, app.snapshot("box").exit_code) == (State.EXITED, 5)
        assert "farewell" in text(app, "box", "stdout")
        assert first not in docker.containers().values()

        await app.command("box", "start")
        await until(lambda: text(app, "box").count("up") == 2, "it is up again")
        second = container_of(app, "box")
        await app.command("box", "restart")
        await until(lambda: text(app, "box").count("up") == 3, "it is up once more")
        assert len({first, second, container_of(app, "box")}) == 3


async def test_files_that_change_reach_a_container(docker: EngineHost, tmp_path: Path) -> None:
    """A watched file that is written or removed must be so in the container; a build must be made anew."""
    site, built = tmp_path / "site", tmp_path / "built"
    site.mkdir()
    built.mkdir()
    (site / "a.txt").write_text("old\n")
    (built / "v.txt").write_text("version one\n")
    (built / "Dockerfile").write_text(f"FROM {BUSYBOX}\nCOPY v.txt /\nCMD cat /v.txt; {IDLE}\n")
    look = "while :; do echo $(cd /srv; cat a.txt; ls sub 2>/dev/null; stat -c %u a.txt); sleep 0.1; done"

    def define(app: AppBuilder) -> None:
        box = app.add_container("box", BUSYBOX, args=["sh", "-c", look], stop_timeout=0.1).with_user(1000)
        box.with_watch("site", action="sync", target="/srv")
        app.add_dockerfile("built", "built").with_watch(action="rebuild")

    async with containers(define, tmp_path, docker) as app:
        app.host.begin_watch()
        await says(app, "box", "old 1000")
        await says(app, "built", "version one\nup")
        (site / "sub").mkdir()
        (site / "sub" / "b.txt").write_text("b")
        (site / "a.txt").write_text("new\n")
        (built / "v.txt").write_text("version two\n")
        await says(app, "box", "new b.txt 1000")
        shutil.rmtree(site / "sub")
        await until(lambda: text(app, "box", "stdout").endswith("new 1000"), "the folder is gone there", within=60)
        await says(app, "built", "version two\nup")
        assert [app.snapshot(name).starts for name in ("box", "built")] == [1, 2]
