"""How errors are shown: one clear block on standard error and an exit code, never a traceback of ours."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fairlead.cli.app_file import AppFileError
from fairlead.cli.terminal import display_path, say, style
from fairlead.errors import DefinitionError, FairleadError, ModelError

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")  # noqa: PTH118, PTH120 - compared as text
_FRAMES = 5
_MISTAKE_OF_OURS = "That is a mistake in Fairlead. FAIRLEAD_TRACEBACK=1 shows where it comes from."


def report(error: BaseException) -> int:
    """Show an error on standard error.

    Returns:
        The exit code to end with.
    """
    if not isinstance(error, FairleadError):
        return _report_unexpected(error)
    errors = getattr(error, "errors", ())
    say(style("error: ", fg="red", bold=True) + _headline(error), err=True)
    if isinstance(error, ModelError) and error.where:
        say(f"  {_where(error)}", err=True)
    for mistake in sorted(errors, key=lambda mistake: (mistake.file, mistake.line)):
        say(_block(mistake), err=True)
    for line in _user_frames(error.__cause__) if isinstance(error, DefinitionError | AppFileError) else ():
        say(line, err=True)
    if error.remedy:
        say(_indented(error.remedy, "  "), err=True)
    return error.exit_code


def print_document(error: Exception) -> None:
    """Print an error as JSON, in one line on standard output, where ``--json`` puts what a verb has to tell."""
    say(json.dumps(error_document(error)))


def error_document(error: Exception) -> dict[str, Any]:
    """An error as ``--json`` prints it: one document, whose ``code`` is the exit code.

    ``errors`` is there where there are several mistakes, or one with a place: those of a definition, or of publishing.
    """
    if not isinstance(error, FairleadError):
        message = f"Fairlead failed: {_summary(error)}"
        return {"error": {"message": message, "resource": None, "remedy": _MISTAKE_OF_OURS, "code": 1}}
    document = {**_mistake_document(error), "code": error.exit_code}
    if errors := getattr(error, "errors", ()):
        document["errors"] = [_mistake_document(mistake) for mistake in errors]
    return {"error": document}


def _mistake_document(error: FairleadError) -> dict[str, Any]:
    document: dict[str, Any] = {"message": error.message, "resource": error.resource, "remedy": error.remedy}
    if isinstance(error, ModelError):
        document |= {"file": error.file or None, "line": error.line or None}
    return document


def _headline(error: FairleadError) -> str:
    named = error.resource and not error.message.startswith(f"{error.resource} ")
    text = f"{style(str(error.resource), bold=True)}: {error.message}" if named else error.message
    if getattr(error, "errors", ()):
        return text.rstrip(".:") + ":"
    return text if text.endswith((".", ":", "!", "?")) or "\n" in text else f"{text}."


def _block(mistake: ModelError) -> str:
    """One mistake of several: place, resource, what is wrong, and below it what to do."""
    place = f"{_where(mistake)}: " if mistake.where else ""
    resource = f"{style(mistake.resource, bold=True)}: " if mistake.resource else ""
    text = f"  {style(place, fg='cyan')}{resource}{mistake.message.rstrip('.')}."
    return f"{text}\n{_indented(mistake.remedy, '      ')}" if mistake.remedy else text


def _where(error: ModelError) -> str:
    return f"{display_path(error.file)}:{error.line}" if error.line else display_path(error.file)


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line for line in text.splitlines())


def _user_frames(cause: BaseException | None) -> Iterator[str]:
    """The lines of the user's own code that an exception came through, the innermost last."""
    if cause is None or isinstance(cause, FairleadError):
        return
    import traceback

    frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if _is_users(frame.filename)]
    if isinstance(cause, SyntaxError):
        yield from _syntax_lines(cause)
        return
    if frames:
        yield "  It came from:"
    for frame in frames[-_FRAMES:]:
        yield style(f"    {display_path(frame.filename)}:{frame.lineno} in {frame.name}", fg="cyan")
        if frame.line:
            yield f"      {frame.line}"
    yield f"    {style(_summary(cause), fg='red')}"


def _is_users(file: str) -> bool:
    return not file.startswith((_PACKAGE, "<")) and f"{os.sep}click{os.sep}" not in file


def _syntax_lines(error: SyntaxError) -> Iterator[str]:
    if error.text:
        text = error.text.rstrip("\n")
        yield f"    {text}"
        if error.offset:
            yield "    " + " " * min(error.offset - 1, len(text)) + "^"


def _summary(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception_only(error)).strip()


def _report_unexpected(error: BaseException) -> int:
    """A mistake in Fairlead itself: say so, and where; the whole trace on request."""
    import traceback

    trace: Sequence[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(trace[-1].filename).name}:{trace[-1].lineno})" if trace else ""
    say(style("error: ", fg="red", bold=True) + f"Fairlead failed: {_summary(error)}{place}", err=True)
    if os.environ.get("FAIRLEAD_TRACEBACK"):
        say("".join(traceback.format_exception(error)), err=True)
    else:
        say(f"  {_MISTAKE_OF_OURS}", err=True)
    return 1
