"""Exceptions as records tell them: their stack traces line by line, own files told from those of libraries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.dashboard.telemetry.documents import ExceptionView, StackFrame
from fairlead.dashboard.telemetry.queries.attributes import Mask, find_text
from fairlead.dashboard.telemetry.records import Attributes, Span

_MOST_LINES = 500

# File "/app/orders.py", line 88, in create_order
_PYTHON = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+)')
# at createOrder (file:///app/orders.js:88:13), at /app/orders.js:88:13
_NODE = re.compile(r"\s*at (?:.*?[( ])?(?:file://)?(?P<file>[^()\s]+?):(?P<line>\d+):\d+\)?\s*")
# at Shop.Orders.Create() in /app/Orders.cs:line 88
_DOTNET = re.compile(r"\s*at .+ in (?P<file>.+):line (?P<line>\d+)\s*")
# at shop.Orders.create(Orders.java:88)
_JAVA = re.compile(r"\s*at (?P<call>[\w.$/<>@]+)\((?P<file>[\w$.-]+):(?P<line>\d+)\)\s*")
# 	/app/orders.go:88 +0x1d
_GO = re.compile(r"\s+(?P<file>/\S+\.go):(?P<line>\d+)(?: \+0x[0-9a-f]+)?\s*")
_FRAMES = (_PYTHON, _DOTNET, _JAVA, _GO, _NODE)

_LIBRARY_FOLDERS = re.compile(
    r"(?:^|[/\\])(?:site-packages|dist-packages|node_modules|lib[/\\]python\d[\d.]*|\.venv|venv|vendor|go[/\\]pkg[/\\]mod)[/\\]"
    r"|^(?:node:|<|internal/|/usr/lib/|/usr/local/go/|/_/src/)"
)
_LIBRARY_CALLS = re.compile(r"(?:java|javax|jdk|sun|kotlin|scala|org\.springframework|org\.apache)\.")


def log_exception(attributes: Attributes, mask: Mask) -> ExceptionView | None:
    """The exception that attributes tell; None without one.

    Args:
        attributes: Of an entry, or of an event of a span.
        mask: Replaces secrets.
    """
    type_name = find_text(attributes, "exception.type")
    message = find_text(attributes, "exception.message")
    stack = find_text(attributes, "exception.stacktrace")
    if not (type_name or message or stack):
        return None
    return ExceptionView(type_name or "Exception", mask(message), stack_frames(mask(stack)))


def span_exception(span: Span, mask: Mask) -> ExceptionView | None:
    """The last exception that a span has recorded; None without one."""
    for event in reversed(span.events):
        if event.name == "exception":
            return log_exception(event.attributes, mask)
    return None


def stack_frames(stack: str) -> tuple[StackFrame, ...]:
    """The lines of a stack trace; a line of source code belongs to the frame above it."""
    return tuple(_frames(stack.expandtabs(4).splitlines()[:_MOST_LINES]))


def _frames(lines: list[str]) -> Iterator[StackFrame]:
    frame: StackFrame | None = None
    for line in lines:
        found = _frame(line)
        if found is None and frame is not None and _belongs_below(line, frame):
            frame = StackFrame(f"{frame.text}\n{line}", frame.file, frame.line, frame.own)
            continue
        if frame is not None:
            yield frame
        frame = found
        if found is None and line.strip():
            yield StackFrame(line, None, None, True)
    if frame is not None:
        yield frame


def _frame(line: str) -> StackFrame | None:
    for pattern in _FRAMES:
        match = pattern.match(line) if pattern is _PYTHON else pattern.fullmatch(line)
        if match is not None:
            file = match["file"]
            call = match.groupdict().get("call") or ""
            return StackFrame(line, file, int(match["line"][:9]), is_own(file) and not _LIBRARY_CALLS.match(call))
    if re.fullmatch(r"\s+at .+", line):  # such as `at async Promise.all (index 0)`, `at Object.<anonymous>`
        return StackFrame(line, None, None, False)
    return None


def _belongs_below(line: str, frame: StackFrame) -> bool:
    """Whether a line is the source code of a frame of Python, or the marks below it."""
    indent = len(line) - len(line.lstrip())
    return frame.text.lstrip().startswith('File "') and indent > len(frame.text) - len(frame.text.lstrip())


def is_own(file: str) -> bool:
    """Whether a file is the app's own, and not one of a library or of the language."""
    return _LIBRARY_FOLDERS.search(file) is None
