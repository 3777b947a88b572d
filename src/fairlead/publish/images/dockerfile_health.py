"""The health check that a Dockerfile gives its image, for Dockerfiles of the project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from fairlead.model.health import CommandCheck
from fairlead.publish.project.project_files import ProjectFiles, SourceError

_FROM = r"(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?"
_HERE_DOCUMENT = r"<<-?\s*[\"']?([A-Za-z_][A-Za-z0-9_]*)[\"']?"
_FLAG = r"--([a-z-]+)=(\S+)\s*"
_DURATION = r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)"
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def health_of(dockerfile: str, target: str | None, files: ProjectFiles) -> CommandCheck | None:
    """The health check that a Dockerfile of the project gives its image; None for none, or where it can't be read.

    Args:
        dockerfile: Its path.
        target: The name or number of its stage that the image is; None for the last.
        files: Reads files of the app's folder.
    """
    try:
        text = files.file(dockerfile).decode("utf-8", "replace")
    except SourceError:
        return None
    return health_in(text, target) if "HEALTHCHECK" in text.upper() else None


def health_in(dockerfile: str, target: str | None = None) -> CommandCheck | None:
    """The health check of one stage of a Dockerfile, which it has from the stage that it is built on if not its own.

    Args:
        dockerfile: The Dockerfile's text.
        target: The name or number of the stage; None for the last.
    """
    stages: dict[str, CommandCheck | None] = {}
    shells: dict[str, list[str]] = {}
    names: tuple[str, ...] = ()
    number, health, shell = 0, None, ["/bin/sh", "-c"]
    for word, rest in _instructions(dockerfile):
        if word == "FROM":
            if names and target is not None and target.lower() in names:
                return health
            base, name = (re.match(f"(?i){_FROM}", rest) or re.match("(x?)(x?)", "")).groups()  # type: ignore[union-attr]
            health, shell = stages.get(base.lower()), shells.get(base.lower(), ["/bin/sh", "-c"])
            names, number = (str(number), *([name.lower()] if name else [])), number + 1
        elif word == "SHELL":
            shell = _exec_form(rest) or shell
        elif word == "HEALTHCHECK":
            health = _health(rest, shell)
        stages |= dict.fromkeys(names, health)
        shells |= dict.fromkeys(names, shell)
    return health


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """The instructions with their arguments, each in one line; without comments and here-documents."""
    lines = iter(dockerfile.splitlines())
    escape = "`" if re.match(r"(?i)#\s*escape\s*=\s*`", dockerfile) else "\\"
    instruction = ""
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        text = line.rstrip()
        instruction += text.removesuffix(escape)
        if text.endswith(escape):
            continue
        word, _, rest = instruction.strip().partition(" ")
        instruction = ""
        yield word.upper(), rest.strip()
        if word.upper() in ("RUN", "COPY", "ADD"):
            for end in re.findall(_HERE_DOCUMENT, rest):
                for inner in lines:
                    if inner.strip() == end:
                        break


def _health(rest: str, shell: list[str]) -> CommandCheck | None:
    flags: dict[str, str] = {}
    while (match := re.match(_FLAG, rest)) is not None:
        flags[match[1]] = match[2]
        rest = rest[match.end() :]
    word, _, command = rest.partition(" ")
    if word.upper() != "CMD" or not command.strip():
        return None  # NONE
    retries = flags.get("retries", "")
    return CommandCheck(
        tuple(_exec_form(command) or [*shell, command.strip()]),
        _seconds(flags.get("interval")),
        _seconds(flags.get("timeout")),
        (int(retries) or None) if retries.isdecimal() else None,
        _seconds(flags.get("start-period")),
    )


def _exec_form(text: str) -> list[str] | None:
    """The words of a command in the form of JSON; None where it has another form."""
    try:
        words = json.loads(text)
    except ValueError:
        return None
    return words if isinstance(words, list) and words and all(isinstance(word, str) for word in words) else None


def _seconds(duration: str | None) -> float | None:
    """The seconds of a duration such as ``1m30s``; None for none, and for 0, which stands for the default."""
    parts = re.findall(_DURATION, duration or "")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) or None
