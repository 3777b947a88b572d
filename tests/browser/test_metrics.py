"""Metrics: one crosshair over all charts, the same as a table, and from a measurement to its trace."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from tests.browser.conftest import AppRun


def open_metrics(page: Page, traced: AppRun) -> None:
    page.goto(traced.page)
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Metrics").click()
    for title in ("Request duration", "CPU", "Memory"):
        expect(page.get_by_role("img", name=re.compile(f"^{title}: .+"))).to_be_visible()


def test_a_measurement_leads_to_its_trace(traced: AppRun, page: Page) -> None:
    open_metrics(page, traced)
    chart = page.get_by_role("region", name="Request duration")
    chart.get_by_role("link", name=re.compile("^Trace of .+ in (front|stock)")).first.press("Enter")
    expect(page.get_by_role("treegrid", name="Spans of POST /checkout")).to_be_visible()
    expect(page.get_by_role("row", selected=True)).to_be_visible()


def test_the_crosshair_is_moved_by_keyboard_and_counts_for_the_table_too(traced: AppRun, page: Page) -> None:
    open_metrics(page, traced)
    page.get_by_role("region", name=re.compile("^Charts")).focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"[?&]at=\d+"))
    expect(page.get_by_text(re.compile(r"\d\d:\d\d:\d\d in every chart"))).to_be_visible()
    page.get_by_role("button", name="Table").click()
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader", name=re.compile(r"At \d\d:\d\d:\d\d"))).to_be_visible()
    for line in ("p50", "p90", "p99"):
        expect(table.get_by_role("rowheader", name=line).first).to_be_visible()


def test_instruments_are_found_by_name_and_by_resource(traced: AppRun, page: Page) -> None:
    open_metrics(page, traced)
    page.keyboard.press("/")
    page.keyboard.type("memory")
    expect(page.get_by_role("img", name=re.compile("^CPU"))).to_have_count(0)
    expect(
        page.get_by_role("img", name=re.compile("^Memory: front now .+ MiB, stock now .+ MiB|^Memory: stock"))
    ).to_be_visible()
    page.get_by_role("checkbox", name="stock").uncheck()
    expect(page.get_by_role("img", name=re.compile("^Memory: front now [^,]+$"))).to_be_visible()
