"""`make setup` on a machine that lacks something: it says what, and what to do, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "mkdir", "cat", "awk", "sort", "head", "flock")
# What Fairlead's Python is asked, answered by this one; only the version and the modules differ.
PYTHON = """\
#!/bin/sh
[ "$1" = -c ] || exit 1
exec {python} -I -c 'import sys
sys.version_info, sys.executable = ({version}), sys.argv[2]
sys.modules.update(dict.fromkeys("{lacks}".split()))
exec(sys.argv[1])' "$2" "$0"
"""


class Machine:
    """A checkout, and a PATH that holds only what is put there."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "bin"
        self.programs.mkdir()
        shutil.copytree(REPOSITORY / "scripts", self.checkout / "scripts")
        shutil.copytree(REPOSITORY / "requirements", self.checkout / "requirements")
        shutil.copy(REPOSITORY / "pyproject.toml", self.checkout)
        for tool in filter(shutil.which, TOOLS):
            (self.programs / tool).symlink_to(str(shutil.which(tool)))

    def add(self, program: str, text: str) -> Path:
        path = self.programs / program
        path.write_text(text)
        path.chmod(0o755)
        return path

    def add_python(self, program: str, version: str, lacks: str = "") -> Path:
        return self.add(program, PYTHON.format(python=sys.executable, version=version, lacks=lacks))

    def setup(self, **environment: str) -> str:
        """What it says; it must fail, and say nothing on standard output."""
        ended = subprocess.run(
            ["bash", self.checkout / "scripts" / "setup"],
            env={"PATH": str(self.programs), "HOME": str(self.checkout), **environment},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (ended.returncode, ended.stdout) == (1, "")
        return ended.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_no_python(machine: Machine) -> None:
    """Where there is no Python, it must say which is needed and how to get it."""
    said = machine.setup()

    assert said.startswith("setup: no Python found. Install 3.11 or later")
    assert "apt-get install python3" in said
    assert len(said.splitlines()) == 1


def test_old_python(machine: Machine) -> None:
    """Where the only Python is too old, it must name its version, and not tell to install what is there."""
    machine.add_python("python3", "3, 9, 2")
    said = machine.setup()

    assert said.startswith("setup: Python 3.9.2 is too old: Fairlead needs 3.11 or later.")
    assert "apt-get" not in said


@pytest.mark.parametrize("version", ["3, 9, 2", ""])
def test_named_python_is_not_passed_over(machine: Machine, version: str) -> None:
    """A PYTHON that can't be used must be refused, though another one could be."""
    machine.add_python("python3", "3, 11, 2")
    named = machine.add_python("named", version) if version else machine.programs / "absent"
    said = machine.setup(PYTHON=str(named))

    assert said.startswith(f"setup: PYTHON={named} is not Python 3.11 or later")
    assert ("3.9.2" if version else "it does not run") in said


def test_debian_python_for_an_ordinary_user(machine: Machine) -> None:
    """Who may not install packages must read the one command that somebody who may has to run."""
    machine.add_python("python3", "3, 11, 2", lacks="ensurepip")
    machine.add("id", "#!/bin/sh\necho 1000\n")
    machine.add("apt-get", "#!/bin/sh\necho may not >&2; exit 100\n")
    said = machine.setup()

    assert "sudo apt-get install python3.11-venv" in said
    assert len(said.splitlines()) == 1


def test_python_without_its_modules_elsewhere(machine: Machine) -> None:
    """Where there is no apt-get, nobody must be told to run it."""
    machine.add_python("python3", "3, 11, 2", lacks="ensurepip")
    said = machine.setup()

    assert "ensurepip" in said
    assert "apt-get" not in said


def test_packages_that_can_not_be_fetched(machine: Machine) -> None:
    """Root on Debian must see why apt-get failed, and what to do by hand."""
    machine.add_python("python3", "3, 11, 2", lacks="ensurepip")
    machine.add("id", "#!/bin/sh\necho 0\n")
    machine.add("apt-get", "#!/bin/sh\n[ $1 = update ] || { echo E: no such host >&2; exit 100; }\n")
    said = machine.setup().splitlines()

    assert said[:2] == ["setup: installing python3.11-venv", "E: no such host"]
    assert said[2].startswith("setup: apt-get could not install python3.11-venv: see above.")


def test_second_setup_says_that_it_waits(machine: Machine) -> None:
    """A setup that finds another one at work must say so before it waits."""
    machine.add_python("python3", "3, 11, 2", lacks="ensurepip")
    if not (machine.programs / "flock").exists():
        pytest.skip("needs flock")
    (machine.programs / "flock").unlink()
    machine.add("flock", '#!/bin/sh\n[ "$1" != --nonblock ]\n')

    assert machine.setup().startswith("setup: waiting for another make setup in this folder\n")
