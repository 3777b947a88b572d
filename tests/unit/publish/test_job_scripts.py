"""The scripts of waits and Jobs, run by the shell of this machine with a kubectl that answers from files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from fairlead.publish.workloads.waiting.job_scripts import SKIP_IF_COMPLETED, WAIT_FOR_JOB

WORK = f"migrate-{'a' * 32}"
IMAGE = "shop/migrate:1"
#: Each call is logged. A file named like an object is what `get` prints of it; a note is a file of its own.
KUBECTL = """\
#!/bin/sh
echo "$*" >> calls
if [ -e "fails-$1" ]; then exit 1; fi
case "$*" in
"get job/"*) if [ -e forbidden ]; then exit 1; fi; if [ -e job ]; then cat job; fi ;;
"get configmap/"*--output=name) if [ -e notes ]; then echo configmap/notes; fi ;;
"get configmap/"*={.data}) cat notes ;;
"get configmap/"*) key=${4#*\\'}; key=notes-${key%\\'*}; if [ -e "$key" ]; then cat "$key"; fi ;;
"auth can-i "*) if [ -e forbidden ]; then exit 1; fi ;;
"wait "*) if [ -e next ]; then mv next job; else exit 1; fi ;;
esac
"""
#: Sleeping takes no time. A Job that nothing ends is ended by the signal that ends its pod.
SLEEP = '#!/bin/sh\necho "sleep $1" >> calls\nif [ "$1" = 3600 ]; then kill -TERM "$PPID"; fi\n'


class Ended(NamedTuple):
    """How a script ended: its exit code, what it wrote, and what it asked kubectl for."""

    code: int
    text: str
    calls: list[str]

    def patches(self) -> list[str]:
        return [call for call in self.calls if call.startswith("patch")]


class Pod:
    """A folder in which the scripts find what the cluster would tell them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("kubectl", KUBECTL), ("sleep", SLEEP)):
            program = folder / name
            program.write_text(text)
            program.chmod(0o755)
        self.write("notes", "{}")

    def write(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text)

    def job(self, *conditions: str, image: str = IMAGE, name: str = "job") -> None:
        self.write(name, "\n".join((image, *conditions)))

    def note(self, key: str = WORK) -> None:
        self.write(f"notes-{key}", "2026-11-26T16:00:00Z")

    def wait(self, run: str = "auto") -> Ended:
        return self._run(WAIT_FOR_JOB, "migrate-1", "shop-job-notes", WORK, IMAGE, "migrate", run)

    def skip(self, run: str = "auto") -> Ended:
        return self._run(SKIP_IF_COMPLETED, "shop-job-notes", WORK, IMAGE, "migrate", run)

    def _run(self, script: str, *arguments: str) -> Ended:
        path = f"{self.folder}:{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-c", script, "script", *arguments],
            cwd=self.folder,
            env={"PATH": path, "JOB_NAME": "migrate-1"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        calls = self.folder / "calls"
        return Ended(done.returncode, done.stdout + done.stderr, calls.read_text().splitlines())


@pytest.fixture
def pod(tmp_path: Path) -> Pod:
    return Pod(tmp_path)


def test_a_completed_job_is_noted(pod: Pod) -> None:
    """A pod that sees its Job complete must write that down before its program starts, and only once."""
    pod.job("SuccessCriteriaMet", "Complete")
    ended = pod.wait()
    assert ended.code == 0
    (patch,) = ended.patches()
    assert patch.startswith(f'patch configmap/shop-job-notes --type=merge --patch={{"data":{{"{WORK}":"2')

    pod.note()
    assert pod.wait().patches() == [patch]


def test_a_job_is_waited_for(pod: Pod) -> None:
    """A pod must wait until its Job is complete, also while there is no Job yet."""
    pod.job("Complete", name="next")
    ended = pod.wait()
    assert ended.code == 0
    assert [call for call in ended.calls if call.startswith("wait ")] == [
        "wait job/migrate-1 --for=condition=Complete --timeout=30s"
    ]
    assert ended.patches()


def test_a_failed_job_fails_the_wait(pod: Pod) -> None:
    """A pod must not start behind a Job that failed, unless the same work was completed before."""
    pod.job("FailureTarget", "Failed")
    ended = pod.wait()
    assert ended.code == 1
    assert "migrate-1 has failed" in ended.text
    pod.note()
    assert pod.wait().code == 0


def test_a_noted_job_need_not_be_there(pod: Pod) -> None:
    """A pod of an older revision, whose Job is gone and out of its sight, must start where that was completed."""
    pod.write("forbidden")
    pod.note()
    ended = pod.wait()
    assert ended.code == 0
    assert not ended.patches()


def test_a_job_that_is_set_to_run_is_waited_for_although_it_is_noted(pod: Pod) -> None:
    """Where notes don't count, a pod must wait for the Job, be it not created yet; not so one of an older revision."""
    pod.note()
    pod.job("Complete", name="next")
    assert any(call.startswith("wait ") for call in pod.wait("always").calls)

    pod.write("forbidden")
    ended = pod.wait("always")
    assert ended.code == 0
    assert sum(call.startswith("auth can-i") for call in ended.calls) >= 3, "not at the first refusal"


def test_another_image_is_another_work(pod: Pod) -> None:
    """What an overlay gives another image must be noted, and asked for, by that image as well."""
    pod.note()
    pod.job(image="shop/migrate:2")
    pod.job("Complete", image="shop/migrate:2", name="next")
    ended = pod.wait()
    (patch,) = ended.patches()
    key = patch.split('"')[3]
    assert key.startswith(f"{WORK}-")

    pod.job(image="shop/migrate:2")
    assert "has to run" in pod.skip().text
    pod.note(key)
    assert "does not run" in pod.skip().text


def test_notes_that_cannot_be_written_fail_the_wait(pod: Pod) -> None:
    """A refused note must not pass for a written one; where the ConfigMap is gone, the pod must start and say so."""
    pod.job("Complete")
    pod.write("fails-patch")
    assert pod.wait().code == 1
    (pod.folder / "notes").unlink()
    ended = pod.wait()
    assert ended.code == 0
    assert "shop-job-notes is gone" in ended.text


def test_a_job_that_is_not_noted_runs(pod: Pod) -> None:
    """The program of a Job must run unless it is noted that its work was completed."""
    pod.job()
    ended = pod.skip()
    assert ended.code == 0
    assert not ended.patches()


def test_a_noted_job_ends_itself(pod: Pod) -> None:
    """A Job whose work is noted must be marked complete, be suspended where that does not end it, and never go on."""
    pod.job()
    pod.note()
    ended = pod.skip()
    assert ended.code == 143, "it went on to the program"
    status, suspension = ended.patches()
    assert status.startswith(
        'patch job/migrate-1 --subresource=status --patch={"status":{"succeeded":1,"conditions":[{'
    )
    assert '"type":"SuccessCriteriaMet","status":"True"' in status
    assert suspension == 'patch job/migrate-1 --patch={"spec":{"suspend":true}}'
    assert ended.calls[-4:] == [status, "sleep 10", suspension, "sleep 3600"]


def test_a_job_does_not_run_while_the_notes_cannot_be_read(pod: Pod) -> None:
    """A Job must fail, not run, where the API server doesn't tell whether its work was completed."""
    pod.job()
    pod.write("fails-get")
    ended = pod.skip()
    assert ended.code == 1
    assert len([call for call in ended.calls if call.startswith("get")]) > 10, "it tries for a while"


def test_never_and_always(pod: Pod) -> None:
    """A Job set never to run must end itself and be waited for by none; one set always to run must run in any case."""
    assert pod.skip("never").code == 143
    assert pod.wait("never").code == 0
    pod.note()
    assert pod.skip("always").code == 0


def test_always_forgets_what_is_noted_of_the_job(pod: Pod) -> None:
    """A Job set always to run must first remove all notes of its own, also of other works, and no others."""
    other, overlaid = f"migrate-{'b' * 32}", f"{WORK}-0123456789ab"
    kept = (f"migrate-2-{'a' * 32}", f"orders-{'a' * 32}", f"{'c' * 32}-{'a' * 32}")
    noted = ",".join(f'"{key}":"2026-11-26T16:00:00Z"' for key in (WORK, *kept, overlaid, other))
    pod.write("notes", f"{{{noted}}}")
    ended = pod.skip("always")
    assert ended.code == 0
    forgotten = f'{{"data":{{"{WORK}":null,"{overlaid}":null,"{other}":null}}}}'
    assert ended.patches() == [f"patch configmap/shop-job-notes --type=merge --patch={forgotten}"]

    pod.write("fails-patch")
    assert pod.skip("always").code == 1, "it would run with notes that don't count"
