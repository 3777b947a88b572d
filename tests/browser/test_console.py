"""The console: following, pausing, searching, folding, what hostile programs write, and a connection that breaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import HERE, AppRun

CUTTABLE = """
const real = window.fetch;
const open = new Set();
let isCut = false;
window.fetch = (input, init) => {
    if (isCut) return Promise.reject(new TypeError("cut"));
    const abort = new AbortController();
    init?.signal?.addEventListener("abort", () => abort.abort());
    open.add(abort);
    return real(input, { ...init, signal: abort.signal });
};
window.cut = (cuts) => {
    isCut = cuts;
    for (const each of open) each.abort();
    open.clear();
};
"""
"""Lets a test cut all connections of the page, and refuse new ones until it says otherwise."""


@pytest.fixture(scope="module")
def talkers(start_app: Callable[..., AppRun]) -> AppRun:
    return start_app(HERE / "talkers")


@pytest.fixture
def console(talkers: AppRun, page: Page) -> Page:
    """The page Console with the lines of all talkers."""
    page.goto(talkers.page)
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(lines(page).filter(has_text="tick").first).to_be_visible()
    return page


def lines(page: Page) -> Locator:
    return page.get_by_role("table", name="Console lines").get_by_role("row")


def only(page: Page, name: str) -> None:
    """Tick one resource alone."""
    page.get_by_role("button", name="None").click()
    expect(page.get_by_text("No resource is ticked")).to_be_visible()
    page.get_by_role("checkbox", name=name).check()


def ticks(page: Page) -> list[int]:
    """The numbers of all ticks that are shown, from the file that the page saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download what is shown").click()
    return [int(number) for number in re.findall(r"tick (\d+)", Path(download.value.path()).read_text("utf-8"))]


def test_newest_lines_stay_in_view_until_the_reader_scrolls_up(console: Page) -> None:
    only(console, "ticker")
    following = console.get_by_role("button", name="Following")
    expect(following).to_have_attribute("aria-pressed", "true")
    expect(lines(console).nth(25)).to_be_attached()
    table = console.get_by_role("table", name="Console lines")
    expect(table).not_to_have_js_property("scrollTop", 0)

    table.hover()
    console.mouse.wheel(0, -400)
    jump = console.get_by_role("button", name="Jump to latest")
    expect(jump).to_contain_text(re.compile(r"· \d\d+ new"))
    top = table.evaluate("log => log.scrollTop")
    count = re.search(r"\d+", jump.inner_text())
    assert count
    expect(jump).not_to_contain_text(f" {count[0]} new")
    assert table.evaluate("log => log.scrollTop") == top

    console.keyboard.press("f")
    expect(jump).to_have_count(0)
    expect(following).to_be_visible()
    at_end = "log => log.scrollTop + log.clientHeight >= log.scrollHeight - 1"
    assert table.evaluate(at_end)


def test_search_and_errors_are_reached_by_keyboard(console: Page) -> None:
    only(console, "asker")
    expect(lines(console).filter(has_text="same")).to_have_count(1)
    expect(console.get_by_role("button", name="The same line 3 times")).to_be_visible()
    expect(lines(console).filter(has_text="your name?")).to_contain_text("open")

    console.locator("h1").focus()
    console.keyboard.press("/")
    console.keyboard.type("feed")
    matches = console.locator(".matches")
    expect(matches).to_contain_text("1")
    console.keyboard.press("Enter")
    expect(matches).to_contain_text("1 of 1")
    expect(console.locator("mark")).to_have_text(["feed", "FEED", "FEED"])
    console.get_by_role("button", name="Show only matches").click()
    expect(lines(console)).to_have_count(1)

    console.get_by_label("Search the console").press("Escape")
    console.locator("h1").focus()
    console.keyboard.press("e")
    error = lines(console).filter(has_text="the feed can't be read")
    expect(error).to_contain_text("KeyError: 'FEED_URL'")
    error.get_by_role("button", name="fold").click()
    expect(error).not_to_contain_text("KeyError")
    expect(error.get_by_role("button", name="show")).to_be_visible()


def test_levels_hide_lines_and_a_cleared_view_comes_back(console: Page) -> None:
    only(console, "asker")
    console.get_by_role("group", name="Levels").get_by_role("button", name="Info").click()
    expect(lines(console)).to_have_count(1 + 1)  # the error, and the line that is open
    console.get_by_role("group", name="Levels").get_by_role("button", name="Info").click()
    expect(lines(console).filter(has_text="ready")).to_be_visible()

    console.get_by_role("button", name="Clear the view").click()
    expect(lines(console).filter(has_text="ready")).to_have_count(0)
    console.get_by_role("button", name="Show them again").click()
    expect(lines(console).filter(has_text="ready")).to_be_visible()


def test_a_line_has_an_address(console: Page) -> None:
    only(console, "asker")
    lines(console).filter(has_text="ready").get_by_role("link").click()
    address = console.url
    assert "#Lasker" in address
    console.goto("about:blank")
    console.goto(address)
    expect(console.locator(".lrow.current")).to_contain_text("ready")


def test_nothing_that_a_program_writes_is_more_than_text(console: Page) -> None:
    only(console, "hostile")
    expect(lines(console).filter(has_text="<script>window.taken = 1</script>")).to_be_visible()
    red = lines(console).filter(has_text="red and plain")
    expect(red).to_contain_text("red and plain")
    expect(red.locator(".a31")).to_have_text("red")
    expect(lines(console).filter(has_text="abc")).to_contain_text("abc U+202EdefU+202C ghi")
    long = lines(console).filter(has_text="long xxx")
    assert long.bounding_box()["height"] < 600  # type: ignore[index]
    long.get_by_role("button", name="show all").click()
    expect(long.get_by_role("button", name="show all")).to_have_count(0)
    assert console.evaluate("window.taken") is None
    assert console.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_is_lost_or_doubled_when_the_connection_breaks(talkers: AppRun, page: Page) -> None:
    page.add_init_script(CUTTABLE)
    page.goto(talkers.page)
    page.keyboard.press("g")
    page.keyboard.press("c")
    only(page, "ticker")
    expect(lines(page).filter(has_text="tick").nth(5)).to_be_visible()
    page.evaluate("cut(true)")
    expect(page.get_by_text("stopped answering")).to_be_visible()
    page.evaluate("cut(false)")
    before = int(lines(page).filter(has_text="tick").last.inner_text().split()[-1])
    expect(lines(page).filter(has_text=f"tick {before + 20}").first).to_be_visible()
    numbers = ticks(page)
    assert numbers == list(range(1, len(numbers) + 1))
