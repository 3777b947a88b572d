"""Images from Dockerfiles.

By the engine's own command where it is installed, because BuildKit can't be had by a plain request; else by the
engine's API, which builds with the classic builder. The values of build arguments and secrets are on no command line.

Secrets need BuildKit, to which only the command has a way; it finds them in its environment. Podman's command would put
them into files beside the context, so there they go by the API, whose server takes them out of the context first.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import IO, Any, Final

from fairlead.engines.containers import BuildRequest
from fairlead.engines.docker import errors
from fairlead.engines.docker.api import Api, Refused
from fairlead.engines.docker.context import own_ignore_file, pack
from fairlead.engines.docker.staging import staged
from fairlead.engines.docker.transport.client import client_command, client_variables
from fairlead.engines.process import ProcessSpec, spawn
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import EngineError

Output = Callable[[list[bytes]], None]

STOP_TIME: Final = 5.0
"""Seconds that a command has to end when a build is cancelled."""
READ_BY_COMMANDS: Final = re.compile(
    r"PATH|HOME|TMPDIR|(DOCKER|BUILDKIT|BUILDX|CONTAINERS?|FAIRLEAD|LD|XDG|SSL)_.*|GO.*"
)
"""Build arguments that mean something else to the command itself, or to its guard, in its environment."""

PODMAN_TAKES_SECRETS: Final = (1, 41)
"""The version of Docker's API that Podman speaks from its own version 4.0 on."""
LACKS_BUILDKIT: Final = re.compile(r"unknown flag: --secret|BuildKit is enabled but")
"""What a command says that can't reach BuildKit."""

DOCKER_FORMAT: Final = "application/vnd.docker.distribution.manifest.v2+json"
"""For Podman, whose own format has no place for a HEALTHCHECK."""


def check(request: BuildRequest) -> None:
    """Raise an ``EngineError`` where there is nothing to build."""
    if not Path(request.context).is_dir():
        raise EngineError(f"there is no folder {request.context} to build from.", remedy="Correct the build context.")
    if not request.dockerfile_path.is_file():
        raise EngineError(
            f"there is no {request.dockerfile_path} to build from.", remedy="Write it, or correct its path."
        )


async def build(
    api: Api,
    engine: str,
    request: BuildRequest,
    environment: Mapping[str, str],
    on_output: Output,
    guard: Guard | None = None,
) -> None:
    """Build an image.

    Args:
        api: The engine.
        engine: Its name.
        request: What to build.
        environment: The user's environment, for the command.
        on_output: Gets the builder's lines.
        guard: Ends the build should this host die.

    Raises:
        EngineError: There is nothing to build, or a step failed; the message names its line.
    """
    check(request)
    tail = Tail(on_output)
    command = client_command(api.candidate, engine, environment)
    if request.secrets and not _takes_secrets(api, engine, command):
        raise no_secrets(engine)
    if command and not (request.secrets and engine == "podman"):
        async with AsyncExitStack() as ends:
            sent = request
            if own_ignore_file(request.dockerfile_path).is_file() and not (
                engine != "podman" and await _has_buildkit(command, environment, guard)
            ):
                sent = await ends.enter_async_context(staged(request))
            await _by_command(command, api, request, sent, environment, tail, guard)
    else:
        await _by_api(api, request, tail)


async def _has_buildkit(command: tuple[str, ...], environment: Mapping[str, str], guard: Guard | None) -> bool:
    """Whether the docker command builds by BuildKit."""
    if environment.get("DOCKER_BUILDKIT") == "0":
        return False
    return await _run([*command, "buildx", "version"], environment, Tail(lambda lines: None), guard) == 0


def _takes_secrets(api: Api, engine: str, command: tuple[str, ...] | None) -> bool:
    """Whether secrets may be given at all; an older Podman would leave them in the context, for COPY to find."""
    return api.newest_version >= PODMAN_TAKES_SECRETS if engine == "podman" else command is not None


def no_secrets(engine: str) -> EngineError:
    """The error where the engine can be given no build secrets."""
    if engine == "podman":
        return EngineError("this Podman takes no build secrets.", remedy="Use version 4.0 or newer.")
    return EngineError(
        "build secrets need BuildKit, which the docker command lacks here.",
        remedy="Install its buildx component (the package docker-buildx or docker-buildx-plugin).",
    )


class Tail:
    """Passes lines on and keeps the last ones, for the message about a failure."""

    def __init__(self, on_output: Output) -> None:
        self.lines: deque[str] = deque(maxlen=200)
        self._on_output = on_output

    def feed(self, lines: list[bytes]) -> None:
        """Take lines."""
        self.lines.extend(line.decode(errors="replace") for line in lines)
        if lines:
            self._on_output(lines)


def explain_build(request: BuildRequest, lines: list[str], reason: str) -> EngineError:
    """Say which line of the Dockerfile failed, and why.

    Args:
        request: What was to be built.
        lines: The last lines of the builder.
        reason: What it said at the end.
    """
    text = "\n".join([*lines, reason])
    number, instruction = _failing_line(request, text)
    place = f"{request.dockerfile_path}:{number}" if number else str(request.dockerfile_path)
    if errors.NOTHING_LEFT.search(text):
        return errors.explain(Refused(0, text), f"{place} can't be built")
    reason = re.sub(r" ?&imagebuilder\.Step\{.*", "", reason)  # Podman's own data
    step = f" failed at '{instruction}'" if instruction else " can't be built"
    return EngineError(f"{place}{step}: {errors.short(reason)}.", remedy="The log shows what was built before.")


async def _by_command(
    command: tuple[str, ...],
    api: Api,
    request: BuildRequest,
    sent: BuildRequest,
    environment: Mapping[str, str],
    tail: Tail,
    guard: Guard | None,
) -> None:
    """Build by the engine's command: ``sent`` is the request with the folder that is sent, a copy where need be."""
    hidden = {name: value for name, value in request.args.items() if not READ_BY_COMMANDS.fullmatch(name)}
    arguments = [name if name in hidden else f"{name}={value}" for name, value in request.args.items()]
    # Not in READ_BY_COMMANDS' way: no build argument can have such a name.
    given = {f"FAIRLEAD_SECRET_{number}": value for number, value in enumerate(request.secrets.values())}
    argv = [
        *command,
        "build",
        *(["--format=docker"] if "--url" in command else []),  # Podman's own has no place for a HEALTHCHECK
        "--force-rm",  # a step that fails must leave no container behind either
        f"--file={sent.dockerfile_path}",
        f"--tag={request.tag}",
        *(f"--build-arg={argument}" for argument in arguments),
        *(f"--secret=id={name},env={variable}" for name, variable in zip(request.secrets, given, strict=True)),
        *(f"--label={name}={value}" for name, value in request.labels.items()),
        *([f"--target={request.target}"] if request.target else []),
        *([f"--platform={request.platform}"] if request.platform else []),
        sent.context,
    ]
    buildkit = {"DOCKER_BUILDKIT": "1"} if given else {}
    ending = await _run(argv, {**_for_command(api, environment), **hidden, **given, **buildkit}, tail, guard)
    if ending:
        said = [line for line in tail.lines if line.strip()]
        if given and LACKS_BUILDKIT.search("\n".join(said)):
            raise no_secrets("docker")
        reason = said[-1] if said else f"{Path(argv[0]).name} ended with exit code {ending}"
        raise explain_build(
            request, list(tail.lines), re.sub(r"^(?:ERROR|Error)(?: response from daemon)?: ", "", reason)
        )


def _for_command(api: Api, environment: Mapping[str, str]) -> dict[str, str]:
    plain = {"BUILDKIT_PROGRESS": "plain", "BUILDX_METADATA_WARNINGS": "0"}
    return {**environment, **client_variables(api.candidate), **plain}


async def _run(argv: list[str], environment: Mapping[str, str], tail: Tail, guard: Guard | None) -> int:
    # In a session of its own: Ctrl+C is for the host, which cancels the build. The engine ends a build whose command
    # has ended, so that is all that has to be guarded.
    spec = ProcessSpec(tuple(argv), str(Path.cwd()), environment)
    process = await spawn(spec, lambda stream, lines: tail.feed(lines), guard, in_order=True)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        await asyncio.shield(process.stop(STOP_TIME))
        raise


async def _by_api(api: Api, request: BuildRequest, tail: Tail) -> None:
    # By names that nothing in the context has, and no Dockerfile knows.
    places = {name: f".fairlead-{secrets.token_hex(16)}" for name in request.secrets}
    contents = {places[name]: value.encode("utf-8", "surrogateescape") for name, value in request.secrets.items()}
    archive, name = await asyncio.to_thread(pack, Path(request.context), request.dockerfile_path, contents)
    params: dict[str, str | bool] = {
        "t": request.tag,
        "dockerfile": name,
        "buildargs": json.dumps(dict(request.args)),
        "labels": json.dumps(dict(request.labels)),
        "rm": True,
        "forcerm": True,
        "outputformat": DOCKER_FORMAT,
        **({"target": request.target} if request.target else {}),
        **({"platform": request.platform} if request.platform else {}),
        **({"secrets": json.dumps([f"id={id_},src={place}" for id_, place in places.items()])} if places else {}),
    }
    try:
        with archive:
            async with api.stream("POST", "build", params=params, data=_chunks(archive)) as answer:
                async for line in answer.content:
                    if line.strip():
                        _note(json.loads(line), tail)
    except Refused as refused:
        raise explain_build(request, list(tail.lines), refused.message) from refused


async def _chunks(archive: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(archive.read, 256 * 1024):
        yield chunk


def _note(event: Mapping[str, Any], tail: Tail) -> None:
    if failure := event.get("error") or (event.get("errorDetail") or {}).get("message"):
        raise Refused(0, str(failure))
    if text := str(event.get("stream") or ""):
        tail.feed([line.encode() for line in text.splitlines()])
    elif (status := event.get("status")) and not event.get("progressDetail"):
        tail.feed([str(status).encode()])


def _failing_line(request: BuildRequest, text: str) -> tuple[int, str]:
    """Number and text of the line that failed; 0 and nothing where the builder doesn't say."""
    steps = list(instructions(request.dockerfile_path.read_text(errors="replace")))
    if match := re.search(r"[Pp]arse error (?:on )?line (\d+)|^\S*?:(\d+)\n-{3,}", text, re.MULTILINE):
        number = int(match[1] or match[2])
        return number, next((words for line, words in reversed(steps) if line <= number), "")
    reached = re.findall(r"^S(?:tep|TEP) (\d+)/\d+ ?: (.*)$", text, re.MULTILINE)
    if not reached:
        return 0, ""
    place, words = int(reached[-1][0]) - 1, _plain(reached[-1][1])
    same = [line for line, instruction in steps if instruction == words]
    by_place = steps[place] if place < len(steps) else (0, "")
    return by_place[0] if by_place[1] == words or not same else same[-1], words


def instructions(text: str) -> Iterator[tuple[int, str]]:
    """The instructions of a Dockerfile, continued lines joined, with the number of their first line."""
    begin, words = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        begin = begin or number
        words += line.rstrip().removesuffix("\\") + " "
        if not line.rstrip().endswith("\\"):
            yield begin, _plain(words)
            begin, words = 0, ""
    if words:
        yield begin, _plain(words)


def _plain(text: str) -> str:
    return " ".join(text.split())
