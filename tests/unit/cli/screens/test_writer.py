"""Writing to an output that may not be read."""

from __future__ import annotations

import os
import threading

from fairlead.cli.screens.writer import KEPT_LOG_LINES, Writer

PATIENCE = 60.0


def test_what_is_written_arrives_in_order() -> None:
    """Everything must arrive in the order in which it was written, in the output's encoding."""
    reading, writing = os.pipe()
    writer = Writer(writing, "ascii")
    for number in range(1000):
        writer.write(f"{number}\n")
    writer.write_log("Skål\n")
    writer.close(PATIENCE)
    os.close(writing)

    with os.fdopen(reading, "rb") as output:
        lines = output.read().decode().splitlines()
    assert lines == [*map(str, range(1000)), r"Sk\xe5l"]


def test_reader_that_does_not_read_holds_up_nobody() -> None:
    """Writing must return at once when nobody reads: logs are dropped and counted, everything else is kept."""
    reading, writing = os.pipe()
    writer = Writer(writing)
    for number in range(200):
        writer.write_log("x" * 100 + "\n" * 100, 100)
        writer.write(f"state {number}\n")
    writer.write_log("the last\n")

    with os.fdopen(reading, "rb") as output:
        closing = threading.Thread(target=close, args=(writer, writing))
        closing.start()
        text = output.read().decode()
        closing.join()
    assert [line for line in text.splitlines() if line.startswith("state")] == [f"state {n}" for n in range(200)]
    assert "lines of logs skipped: this output is read too slowly" in text
    assert text.count("x" * 100) * 100 < 3 * KEPT_LOG_LINES


def test_reader_that_is_gone_is_told_once() -> None:
    """When the reader is gone that must be told, and writing must go on doing nothing."""
    reading, writing = os.pipe()
    gone = threading.Event()
    told: list[OSError | None] = []
    writer = Writer(writing)

    def on_gone(error: OSError | None) -> None:
        told.append(error)
        gone.set()

    writer.on_gone = on_gone
    os.close(reading)
    writer.write("hello\n")

    assert gone.wait(PATIENCE)
    writer.write("anybody there?\n")
    writer.close(PATIENCE)
    os.close(writing)
    assert told == [None]


def test_closing_gives_up_on_a_reader_that_does_not_read() -> None:
    """Closing must not wait for ever for a reader that does not read."""
    reading, writing = os.pipe()
    writer = Writer(writing)
    writer.write("x" * 1_000_000)
    writer.close(0.2)

    os.close(reading)  # ends the thread
    writer.close(PATIENCE)  # before somebody else gets the number of what it writes to
    os.close(writing)


def close(writer: Writer, descriptor: int) -> None:
    writer.close(PATIENCE)
    os.close(descriptor)
