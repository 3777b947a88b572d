"""The graph: its lines must tell what they carry, also to those who use keys, or read it as a list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import AppRun


@pytest.fixture
def graph(untouched_shop: AppRun, page: Page) -> Locator:
    """The picture, once all that can start has started."""
    page.goto(untouched_shop.page)
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Graph").click()
    picture = page.get_by_role("group", name=re.compile("^Graph of"))
    expect(node(picture, "api")).to_contain_text("Running")
    expect(node(picture, "worker")).to_contain_text("Waiting")
    return picture


def node(picture: Locator, name: str) -> Locator:
    return picture.get_by_role("link", name=re.compile(rf"^{name}(?![\w-])"))


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Selected line")


def click_line(page: Page, start: Locator, end: Locator) -> None:
    """Click a line between two columns, in the middle of its level piece."""
    left, right = start.bounding_box(), end.bounding_box()
    assert left is not None
    assert right is not None
    page.mouse.click((left["x"] + left["width"] + right["x"]) / 2, left["y"] + left["height"] / 2)


def test_a_line_tells_its_wait_and_its_variables(graph: Locator, page: Page) -> None:
    """A click on a line must open what it carries, at an address of its own; Back must close it."""
    click_line(page, node(graph, "orders"), node(graph, "api"))
    expect(page).to_have_url(re.compile("/graph/orders/api$"))
    expect(panel(page).get_by_text(re.compile("orders was healthy at .* after api asked"))).to_be_visible()
    expect(panel(page).get_by_text("ORDERS_HTTP", exact=True)).to_be_visible()
    expect(panel(page).get_by_role("link", name=re.compile(r"apphost\.py:\d+"))).to_be_visible()
    page.go_back()
    expect(panel(page)).to_have_count(0)
    page.goto(page.url + "/payment-key/worker")
    expect(
        panel(page).get_by_text(re.compile("worker waits for a value of payment-key since .*: no value"))
    ).to_be_visible()


def test_keys_lead_along_lines_to_a_line_and_to_details(graph: Locator, page: Page) -> None:
    """One Tab must lead to the nodes, arrows along lines, Shift with an arrow to a line, Enter to details."""
    graph.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    expect(node(graph, "migrate")).to_be_focused()
    for name in ("orders", "api", "web"):
        page.keyboard.press("ArrowRight")
        expect(node(graph, name)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(node(graph, "api")).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    expect(panel(page).get_by_role("heading", name="orders → api")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Details of api")).to_be_visible()
    expect(page).to_have_url(re.compile("focus=api"))


def test_only_what_blocks_is_shown(graph: Locator, page: Page) -> None:
    """Only the waiting resource and what it waits for must stay."""
    page.get_by_role("button", name="Only what blocks").click()
    expect(node(graph, "payment-key")).to_be_visible()
    expect(node(graph, "worker")).to_be_visible()
    expect(node(graph, "api")).to_have_count(0)


def test_the_list_has_the_same_content(graph: Locator, page: Page) -> None:
    """Each resource must be in the list with what it needs, and each need must lead to its line."""
    count = graph.get_by_role("link").count()
    page.get_by_role("button", name="Read as list").click()
    entries = page.get_by_role("region", name="Resources and what they need").get_by_role("listitem")
    expect(entries).to_have_count(count)
    worker = entries.filter(has=page.get_by_role("link", name="worker", exact=True))
    expect(worker.get_by_role("link", name="payment-key still waited for")).to_be_visible()
    worker.get_by_role("link", name="api ready").click()
    expect(panel(page).get_by_role("heading", name="api → worker")).to_be_visible()
