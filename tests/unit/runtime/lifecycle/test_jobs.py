"""One-off jobs in a run: each run of one has its own arguments, and there is one at a time."""

from __future__ import annotations

import pytest
from tests.support.stage import Stage, stage

from fairlead import AppBuilder, UsageError
from fairlead.model.observation.state import State

WRONG: tuple[dict[str, object], ...] = ({"arguments": "x"}, {"arguments": [1]}, {"arguments": ["\0"]}, {"more": []})
SHOW = 'printf "%s\\n" "$@"; test "$2" != fail'


def define(app: AppBuilder) -> None:
    app.add_executable("show", "sh", ".", "-c", SHOW, "sh", "own").as_job()
    app.add_executable("slow", "sleep", ".", "60").as_job()
    app.add_executable("api", "true")


def written(shown: Stage) -> list[str]:
    """What the program itself has written so far."""
    return [line.text for line in shown.logs("show") if line.stream == "stdout"]


async def run(shown: Stage, *arguments: str) -> list[str]:
    """The lines that a run of the job writes."""
    before = len(written(shown))
    await shown.host.supervisor.command("show", "start", {"arguments": list(arguments)})
    await shown.until("show", lambda snapshot: snapshot.state.is_terminal)
    return written(shown)[before:]


async def test_each_run_has_arguments_of_its_own() -> None:
    """The arguments of a run must follow the job's own as they are, and be gone with the next plain start."""
    async with stage(define) as shown:
        assert shown.snapshot("show").state is State.NOT_STARTED
        assert await run(shown, "--fake", "a b; $HOME '") == ["own", "--fake", "a b; $HOME '"]
        assert shown.snapshot("show").exit_code == 0
        assert await run(shown, "fail") == ["own", "fail"]
        assert shown.snapshot("show").exit_code == 1
        await shown.command("show", "start")
        await shown.until("show", lambda snapshot: snapshot.starts == 3 and snapshot.state.is_terminal)
        assert written(shown)[-1] == "own"


async def test_a_job_that_runs_is_not_started_again() -> None:
    """A second run at the same time, and arguments for what is no job, must be refused."""
    async with stage(define) as shown:
        supervisor = shown.host.supervisor
        await supervisor.command("slow", "start", {"arguments": []})
        with pytest.raises(UsageError, match="slow: it runs already"):
            await supervisor.command("slow", "start", {"arguments": ["1"]})
        for wrong in WRONG:
            with pytest.raises(UsageError, match="argument"):
                await supervisor.command("show", "start", wrong)
        with pytest.raises(UsageError, match="takes no inputs"):
            await supervisor.command("api", "start", {"arguments": []})
        await supervisor.command("slow", "stop")


async def test_a_job_that_was_asked_for_fails_nothing_but_itself() -> None:
    """A run in which a job ended badly must not have failed: whoever asked for the job was told."""
    async with stage(define) as shown:
        await run(shown, "fail")
        assert shown.host.failures == []
    async with stage(define, selected=("show",)) as shown:
        await shown.until("show", lambda snapshot: snapshot.state.is_terminal)
        await run(shown, "fail")
        assert [failed.name for failed in shown.host.failures] == ["show"]
