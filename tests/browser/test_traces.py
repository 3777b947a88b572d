"""A trace across two services: opened by mouse and by keyboard, from its log and back, exported and imported."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import AppRun


def spans(page: Page) -> Locator:
    return page.get_by_role("treegrid", name="Spans of POST /checkout")


def row(page: Page, name: str) -> Locator:
    return spans(page).get_by_role("row", name=name)


def open_failed_trace(page: Page, traced: AppRun) -> None:
    """Open the page of traces with the mouse, and there the trace that failed."""
    page.goto(traced.page)
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Traces").click()
    page.get_by_role("button", name=re.compile("^Errors")).click()
    page.get_by_role("option", name=re.compile("has errors")).first.click()
    expect(spans(page)).to_be_visible()


def test_a_trace_across_two_services_by_mouse(traced: AppRun, page: Page) -> None:
    """The spans of both services stand in one tree, and the one that failed first is open with its exception."""
    open_failed_trace(page, traced)
    for name in ("front POST /checkout", "stock POST /checkout", "stock reserve"):
        expect(row(page, name)).to_be_visible()
    drawer = page.get_by_role("complementary", name="Span")
    expect(drawer.get_by_role("heading", name="reserve")).to_be_visible()
    expect(drawer.get_by_text("no free connection").first).to_be_visible()
    expect(drawer.get_by_text("ord_5509", exact=True)).to_be_visible()
    # A span is collapsed and expanded at its arrow.
    row(page, "stock POST /checkout").get_by_role("button", name="Hide 1 span below").click()
    expect(row(page, "stock reserve")).to_have_count(0)
    row(page, "stock POST /checkout").get_by_role("button", name="Show 1 span below").click()
    row(page, "front POST /checkout").click()
    expect(drawer.get_by_role("heading", name="POST /checkout")).to_be_visible()
    expect(drawer.get_by_text(re.compile("Compared with"))).to_be_visible()


def test_a_trace_by_keyboard_alone(traced: AppRun, page: Page) -> None:
    """Letters open the page and the traces, arrows move through the spans, Escape closes the span, then the trace."""
    page.goto(traced.page)
    expect(page.get_by_role("row", name="front")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.get_by_role("option").nth(1)).to_be_visible()
    page.keyboard.press("j")
    expect(spans(page)).to_be_focused()
    page.keyboard.press("Home")
    expect(row(page, "front POST /checkout")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowLeft")
    expect(row(page, "front POST /checkout")).to_have_attribute("aria-expanded", "false")
    expect(spans(page).get_by_role("row")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(row(page, "stock reserve")).to_have_attribute("aria-selected", "true")
    first = page.url
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Span")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(spans(page)).to_have_count(0)


def test_from_a_trace_to_its_log_and_back(traced: AppRun, page: Page) -> None:
    """The log of a span leads to its entry, the entry to the span, and the trace to all of its logs."""
    open_failed_trace(page, traced)
    page.get_by_role("link", name=re.compile("Pool checkout of ord_5509")).click()
    expect(page.get_by_role("complementary", name="Entry")).to_be_visible()
    page.get_by_role("complementary", name="Entry").get_by_role("link", name=re.compile("^[0-9a-f]{6}$")).click()
    expect(row(page, "stock reserve")).to_have_attribute("aria-selected", "true")
    page.get_by_role("link", name="Logs of this trace").click()
    expect(page.get_by_role("row", name=re.compile("Pool checkout"))).to_have_count(1)


def test_an_exported_trace_can_be_imported(traced: AppRun, page: Page, tmp_path: Path) -> None:
    """What is downloaded is taken again, and a file that holds no trace is refused with its reason."""
    open_failed_trace(page, traced)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as OTLP JSON").click()
    exported = tmp_path / download.value.suggested_filename
    download.value.save_as(exported)
    chooser = page.get_by_label("Files with traces")
    chooser.set_input_files(exported)
    expect(page.get_by_text("1 trace imported")).to_be_visible()
    other = tmp_path / "notes.json"
    other.write_text("[]")
    chooser.set_input_files(other)
    expect(page.get_by_text("notes.json holds no trace")).to_be_visible()


def test_a_trace_that_is_gone_is_said(traced: AppRun, page: Page) -> None:
    page.goto(traced.page)
    expect(page.get_by_role("row", name="front")).to_be_visible()
    page.goto(f"{traced.page.partition('/#')[0]}/traces/{'0' * 32}")
    expect(page.get_by_role("heading", name="There is no trace 000000…0000 any more")).to_be_visible()
