"""Compose files with mistakes: each is told with its file, its line and what to do."""

from __future__ import annotations

import pytest
from tests.support.compose_import import import_text

from fairlead.errors import ComposeFileError, ModelError


def mistakes(text: str, *more: str, **options: object) -> list[ModelError]:
    """The mistakes of a file."""
    with pytest.raises(ComposeFileError) as raised:
        import_text(text, *more, **options)  # type: ignore[arg-type]
    assert raised.value.exit_code == 3
    for error in raised.value.errors:
        assert error.file, error
        assert error.remedy, error
    return list(raised.value.errors)


MALFORMED = {
    "no YAML": ("services: {web: [", "no YAML"),
    "a tab": ("services:\n\tweb: {}", "no YAML"),
    "an anchor that nobody defines": ("services: {web: *base}", "no YAML|anchor 'base'"),
    "an anchor that holds itself": ("services: &a {web: {image: x, environment: *a}}", "holds itself"),
    "a key twice": ("services:\n  web: {image: x}\n  web: {image: y}", "'web' stands twice"),
    "a merge of a text": ("services: {web: {<<: hello}}", "no mapping"),
    "an empty file": ("", "is empty"),
    "a list": ("[1, 2]", "is a list, and a compose file is a mapping"),
    "services as a list": ("services: [web]", "services is a list"),
    "no services": ("volumes: {a: }", "there are no services"),
    "a service without a word": ("services: {web: }", "says nothing"),
    "a service as a text": ("services: {web: nginx}", "services.web is a text"),
    "neither image nor build": ("services: {web: {ports: ['80:80']}}", "neither 'image' nor 'build'"),
    "an image that names none": ("services: {web: {image: 'NOT an image'}}", "'NOT an image'"),
    "ports as a text": ("services: {web: {image: x, ports: '80:80'}}", "services.web.ports is a text"),
    "an environment of lists": ("services: {web: {image: x, environment: {A: [1]}}}", "environment.A is a list"),
    "a health check as a list": ("services: {web: {image: x, healthcheck: [curl]}}", "healthcheck is a list"),
    "a brace that begins nothing": ("services: {web: {image: x, command: 'echo ${1}'}}", "begins no variable"),
    "a brace that is not closed": ("services: {web: {image: x, command: 'echo ${A'}}", "has no '}'"),
    "a wait for nobody": ("services: {web: {image: x, depends_on: [db]}}", "no such service"),
    "an unknown condition": (
        "services: {web: {image: x, depends_on: {db: {condition: service_up}}}, db: {image: y}}",
        "'service_up', which is no condition",
    ),
    "a volume that is not there": ("services: {web: {image: x, volumes: ['data:/data']}}", "'data' of 'web'"),
    "a secret that is not there": ("services: {web: {image: x, secrets: [key]}}", "'key', which is not among"),
    "an extended service that is not there": ("services: {web: {extends: base}}", "no such service"),
    "an extended file that is not there": (
        "services: {web: {extends: {file: gone.yaml, service: a}}}",
        "gone.yaml can't be read: No such file",
    ),
    "an included file that is not there": (
        "include: [gone.yaml]\nservices: {web: {image: x}}",
        "gone.yaml can't be read",
    ),
    "an include that is no list": ("include: a.yaml\nservices: {web: {image: x}}", "include is a text"),
    "an unknown key of include": ("include: [{paths: a.yaml}]\nservices: {web: {image: x}}", "no key 'paths'"),
}


@pytest.mark.parametrize(("text", "words"), MALFORMED.values(), ids=MALFORMED)
def test_mistake_is_told_with_its_place(text: str, words: str) -> None:
    """A file that can't be read must be told with the line and what to do."""
    (error,) = mistakes(text)

    assert any(word in error.message for word in words.split("|")), error.message


def test_lines_are_those_of_the_file() -> None:
    """A mistake must be placed on the line that makes it."""
    (error,) = mistakes("services:\n  web:\n    image: x\n    ports:\n      a: 1\n")

    assert (error.file, error.line) == ("compose.yaml", 5)


def test_all_mistakes_are_told_at_once() -> None:
    """Mistakes that have nothing to do with each other must be told together, each once."""
    found = mistakes(
        """
        x-base: &base {image: x, depends_on: [nobody]}
        services:
          one: {<<: *base}
          two: {<<: *base}
          three: {image: x, ports: 80, command: "${"}
        """
    )

    assert len(found) == 4  # each of two services waits, ports is a number, the dollar


def test_mistake_of_an_override_names_its_file() -> None:
    """A mistake in a file that overrides another must name that file."""
    (error,) = mistakes("services: {web: {image: x}}", "services:\n  web:\n    environment: 3\n")

    assert (error.file, error.line) == ("override1.yaml", 3)


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [c]}, c: {image: x, depends_on: [a]}}",
         "a → b → c → a"),
        ("services: {a: {image: x, depends_on: [a]}}", "a → a"),
        ("services: {a: {extends: b}, b: {extends: a}}", "compose.yaml:a → compose.yaml:b → compose.yaml:a"),
    ],
)  # fmt: skip
def test_circle_is_told_with_its_members(text: str, circle: str) -> None:
    """Services that wait for each other, or extend each other, must be told in their order."""
    (error,) = mistakes(text)

    assert circle in error.message


def test_files_that_include_each_other_are_told() -> None:
    """Includes in a circle must be told with the files."""
    files = {
        "a.yaml": "include: [b.yaml]\nservices: {a: {image: x}}",
        "b.yaml": "include: [a.yaml]\nservices: {b: {image: x}}",
    }
    (error,) = mistakes("include: [a.yaml]\nservices: {web: {image: x}}", files=files)

    assert "compose.yaml → a.yaml → b.yaml → a.yaml" in error.message


def test_service_of_two_projects_is_told() -> None:
    """A service that a file defines and includes must be told, as for Compose."""
    (error,) = mistakes(
        "include: [a.yaml]\nservices: {web: {image: x}}", files={"a.yaml": "services: {web: {image: y}}"}
    )

    assert "defined here and in what is included" in error.message


def test_variable_that_needs_a_value_is_told_where_the_definition_needs_it() -> None:
    """A variable without a value must be told with its message where no parameter can stand for it."""
    (error,) = mistakes("services: {web: {image: 'example/web:${TAG:?which one}'}}")

    assert error.message == "the variable TAG needs a value: which one"
    assert "--env-file" in str(error.remedy)


def test_image_of_a_variable_without_a_value_is_told() -> None:
    """An image that is empty because its variable has no value must be told as such."""
    (error,) = mistakes("services: {web: {image: '${IMAGE}'}}")

    assert "its variables have no value" in error.message


def test_anchors_that_stand_for_very_much_are_refused() -> None:
    """A few lines that stand for millions of values must be refused, and at once."""
    lines = ["x-0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (error,) = mistakes("\n".join([*lines, "services: {web: {image: x}}"]))

    assert "more than 200,000 values" in error.message


def test_nested_lists_without_end_are_refused() -> None:
    """A file that is nested thousands of times must be an error, not a crash."""
    (error,) = mistakes("services: " + "[" * 3000 + "]" * 3000)

    assert "nested too deeply" in error.message or "no YAML" in error.message


def test_file_that_is_no_text_is_told() -> None:
    """A file of bytes must be told as such."""
    (error,) = mistakes("services: \x00")

    assert "no YAML" in error.message or "no text" in error.message
