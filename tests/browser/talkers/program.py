"""What the talkers run: `ticker`, `hostile` or `asker`."""

from __future__ import annotations

import itertools
import signal
import sys
import time
import traceback

ESCAPE = "\x1b"
HOSTILE = (
    '<b>bold</b><script>window.taken = 1</script><img src=x onerror="window.taken = 1">',
    f"{ESCAPE}]0;title\a{ESCAPE}[2J{ESCAPE}[31mred{ESCAPE}[0m{ESCAPE}[9;9H and \x00\x08plain",
    "abc \u202edef\u202c ghi",
    "a" + "\u0301" * 400,
    "long " + "x" * 60_000,
)


def tick() -> None:
    for number in itertools.count(1):
        print(f"INFO: {ESCAPE}[1mtick{ESCAPE}[0m {number}", flush=True)
        time.sleep(0.05)


def hostile() -> None:
    for line in HOSTILE:
        print(line, flush=True)
    signal.pause()


def ask() -> None:
    print("ready", flush=True)
    print("same", flush=True)
    print("same", flush=True)
    print("same", flush=True)
    print("ERROR: the feed can't be read", flush=True)
    try:
        raise KeyError("FEED_URL")
    except KeyError:
        traceback.print_exc(file=sys.stdout)
    print("your name? ", end="", flush=True)
    signal.pause()


if __name__ == "__main__":
    {"ticker": tick, "hostile": hostile, "asker": ask}[sys.argv[1]]()
