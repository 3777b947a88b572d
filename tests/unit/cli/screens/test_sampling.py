"""Which log lines are shown while an app runs."""

from __future__ import annotations

from fairlead.cli.screens.sampling import Rate, Sampler
from fairlead.runtime.logs.book import LogBook

RATE = Rate(burst=100, per_second=20)


def feed(book: LogBook, name: str, count: int) -> None:
    book.log(name).feed("stdout", [f"{name} {number}".encode() for number in range(count)])


def texts(sampler: Sampler, now: float, last: bool = False) -> list[str]:
    return [line.text for _, line in sampler.take(now, last=last)]


def test_all_lines_are_shown_while_there_are_few() -> None:
    """Each line must be shown once, the lines of several resources in the order of their time."""
    book = LogBook()
    sampler = Sampler(book, RATE)
    feed(book, "a", 3)
    feed(book, "b", 2)
    assert texts(sampler, 0) == ["a 0", "a 1", "a 2", "b 0", "b 1"]
    assert texts(sampler, 0.1) == []

    feed(book, "a", 1)
    assert texts(sampler, 0.2) == ["a 0"]


def test_a_flood_is_sampled_and_the_others_are_not() -> None:
    """Of a flood a few lines must be shown each second, with how many are missing and where they are."""
    book = LogBook()
    sampler = Sampler(book, RATE)
    feed(book, "flood", 50_000)
    feed(book, "calm", 1)
    first = sampler.take(0)
    assert [line.text for name, line in first if name == "calm"] == ["calm 0"]
    shown = [line.text for name, line in first if name == "flood"]
    assert shown[0] == "… 49,990 lines skipped, see fairlead logs flood"
    assert shown[-1] == "flood 49999"
    assert len(shown) == 11

    feed(book, "flood", 50_000)
    assert texts(sampler, 0.5) == []
    assert len(texts(sampler, 1.1)) == 11


def test_last_lines_are_not_put_off() -> None:
    """At the end what a flood has left must be shown or counted."""
    book = LogBook()
    sampler = Sampler(book, RATE)
    feed(book, "flood", 1_000)
    sampler.take(0)
    feed(book, "flood", 30)
    assert texts(sampler, 0.1) == []

    assert texts(sampler, 0.2, last=True)[-1] == "flood 29"


def test_more_than_a_few_but_no_flood_is_cut_to_the_newest() -> None:
    """A burst that is a little too long must lose its beginning only, and say so."""
    book = LogBook()
    sampler = Sampler(book, RATE)
    feed(book, "a", 101)

    shown = texts(sampler, 0)
    assert shown[0] == "… 1 line skipped, see fairlead logs a"
    assert shown[1:] == [f"a {number}" for number in range(1, 101)]


def test_a_quiet_resource_is_heard_of_by_fairlead_alone() -> None:
    """Of a resource with a quiet log, what it writes must be left to ``logs``, and what Fairlead says must be shown."""
    book = LogBook()
    sampler = Sampler(book, RATE, quiet={"k8s"})
    book.log("k8s").feed("stdout", [b"noise"] * 1000)
    book.log("k8s").write("Loading api:dev")
    book.log("api").feed("stdout", [b"hello"])
    assert [(name, line.text) for name, line in sampler.take(0)] == [("k8s", "Loading api:dev"), ("api", "hello")]
    assert sampler.take(1) == []
