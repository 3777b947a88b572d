"""What the pages show besides Python: each ``fairlead`` command must parse, and so must JSON, YAML and TOML."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
import yaml
from tests.support.pages import REPOSITORY

from fairlead.cli.main import cli
from fairlead.cli.selected_app import SelectedApp

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SEPARATORS = {"&&", "||", "|", ";", ">", "&"}
_PARSERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "toml": tomllib.loads,
}


def pages() -> list[Path]:
    return [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), *(REPOSITORY / "examples").rglob("*.md")]


def console_lines() -> Iterator[tuple[str, str]]:
    """What a reader is told to type, with the name of the page."""
    for page in pages():
        for language, text in _BLOCK.findall(page.read_text()):
            if language == "console":
                for shown in re.split(r"^\$ ", text.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
                    yield page.name, _command(shown)


def _command(shown: str) -> str:
    """The command at the beginning of a text with its output: a line, or more while a quotation is open."""
    command, *below = shown.splitlines()
    while below and _is_open(command):
        command += "\n" + below.pop(0)
    return command


def _is_open(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False


def fairlead_calls(line: str) -> Iterator[list[str]]:
    """The arguments of each call of ``fairlead`` in a line of a shell, also of those whose output another one takes."""
    for inner in re.findall(r"\$\(([^()]*)\)", line):
        yield from fairlead_calls(inner)
    lexer = shlex.shlex(re.sub(r"\$\([^()]*\)", "output", line), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in _SEPARATORS:
            words.append(word)
            continue
        if words[:1] == ["fairlead"]:
            yield words[1:]
        words = []


def parse(arguments: list[str]) -> None:
    """Parse the arguments of a call as the command line does, without running its verb."""
    app = SelectedApp(None)
    verb: click.Command = cli
    parent: click.Context | None = None
    rest = arguments
    while isinstance(verb, click.Group) and rest:
        parent = click.Context(verb, parent, info_name="fairlead", obj=app)
        _, found, after = verb.resolve_command(parent, rest)
        assert found is not None
        verb, rest = found, after
    verb.make_context("verb", rest, parent=parent, obj=app)


def test_calls_are_found_in_a_line() -> None:
    """Calls must be found beside and within other commands, with their quoted words whole."""
    line = "cd x && fairlead logs --where 'a>1' | less; kubectl \"$(fairlead kubeconfig k8s)\" # fairlead nothing"
    assert list(fairlead_calls(line)) == [["kubeconfig", "k8s"], ["logs", "--where", "a>1"]]


@pytest.mark.parametrize("wrong", [["lgos"], ["logs", "--tial", "3"], ["wait", "a", "--for", "tea"]])
def test_wrong_call_is_refused(wrong: list[str]) -> None:
    """A verb, an option or a choice that is not there must be found."""
    with pytest.raises(click.UsageError):
        parse(wrong)


def test_commands_of_the_pages_parse() -> None:
    """Each call of ``fairlead`` that a page shows must name a verb and options that are there."""
    wrong = []
    calls = [(page, call) for page, line in console_lines() for call in fairlead_calls(line)]
    for page, call in calls:
        try:
            parse(call)
        except click.ClickException as error:
            wrong.append(f"{page}: fairlead {' '.join(call)}: {error.format_message()}")

    assert wrong == []
    assert len(calls) > 30


def test_data_of_the_pages_parses() -> None:
    """Each block of JSON, YAML or TOML must be one."""
    wrong = []
    for page in pages():
        for language, text in _BLOCK.findall(page.read_text()):
            try:
                _PARSERS.get(language, str)(text)
            except (ValueError, yaml.YAMLError) as error:
                wrong.append(f"{page.name}: {language}: {error}")

    assert wrong == []
