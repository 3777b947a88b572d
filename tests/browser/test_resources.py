"""What a person does with resources: finds out why, restarts, gives commands; by mouse, and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import HERE, AppRun


@pytest.fixture(scope="module")
def shop(start_app: Callable[..., AppRun]) -> AppRun:
    return start_app(HERE / "shop")


@pytest.fixture
def healthy_shop(shop: AppRun) -> Iterator[AppRun]:
    """The shop with an API that is healthy, before the test and after it."""
    shop.fairlead("wait", "api")
    yield shop
    shop.fairlead("command", "api", "set-health", "-i", "status=200")


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_text(name, exact=True)).first


def test_the_reason_of_a_broken_service_is_two_clicks_away(healthy_shop: AppRun, page: Page) -> None:
    page.goto(healthy_shop.page)
    row_of(page, "api").get_by_role("link", name="api", exact=True).click()
    details = page.get_by_role("complementary", name="Details of api")
    details.get_by_role("button", name="Set health").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Status").select_option("503")
    dialog.get_by_role("button", name="Set health").click()
    expect(page.get_by_role("status").filter(has_text="answers 503 from now on").first).to_be_visible()
    page.keyboard.press("Escape")

    band = page.get_by_role("region", name="Needs you")
    band.get_by_text("api is unhealthy").wait_for()
    band.get_by_role("button", name="See why").click()
    expect(details.get_by_text("503, expected 200").first).to_be_visible()
    expect(row_of(page, "api")).to_contain_text("Unhealthy")


def test_a_resource_is_restarted_from_its_row(healthy_shop: AppRun, page: Page) -> None:
    starts = healthy_shop.resource("orders")["starts"]
    page.goto(healthy_shop.page)
    row_of(page, "orders").get_by_role("button", name="Restart orders").click()
    expect(page.get_by_text("orders restarted").first).to_be_visible()
    assert healthy_shop.resource("orders")["starts"] == starts + 1


def test_everything_can_be_done_by_keyboard(healthy_shop: AppRun, page: Page) -> None:
    starts = healthy_shop.resource("orders")["starts"]
    page.goto(healthy_shop.page)
    row_of(page, "migrate").wait_for()
    row_of(page, "migrate").focus()
    page.keyboard.press("ArrowDown")
    expect(row_of(page, "orders")).to_be_focused()
    page.keyboard.press("r")
    expect(page.get_by_text("orders restarted").first).to_be_visible()
    assert healthy_shop.resource("orders")["starts"] == starts + 1
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/resources/orders$"))
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/(resources)?$"))
    expect(row_of(page, "orders")).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Parameters", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("restart api")
    expect(page.get_by_role("option", name=re.compile("Restart api")).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Search resources, commands, pages")


def test_a_command_asks_first_where_the_definition_says_so(healthy_shop: AppRun, page: Page) -> None:
    page.goto(f"{healthy_shop.page.partition('#')[0]}resources/api{'#' + healthy_shop.page.partition('#')[2]}")
    choose(page, "Forget orders")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Forget all orders?")
    dialog.get_by_role("button", name="Keep as it is").click()
    expect(dialog).to_have_count(0)
    choose(page, "Forget orders")
    dialog.get_by_role("button", name="Forget orders api").click()
    expect(page.get_by_text("3 orders forgotten").first).to_be_visible()


def choose(page: Page, command: str) -> None:
    page.get_by_role("button", name="More commands").click()
    page.get_by_role("menuitem", name=command).click()


def test_the_page_finds_the_next_run(start_app: Callable[..., AppRun], page: Page) -> None:
    """The page must say that the host is gone, show what it knows, and go on with the next run, without a reload."""
    app = start_app(HERE / "shop")
    page.goto(app.page)
    row_of(page, "orders").wait_for()
    app.fairlead("stop")
    expect(page.get_by_text("The app host stopped answering").first).to_be_visible()
    expect(row_of(page, "orders")).to_be_visible()
    address = app.page
    app.start()
    assert app.page == address
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_text("The app host stopped answering")).to_have_count(0)


def test_what_an_environment_says_is_text(healthy_shop: AppRun, page: Page) -> None:
    """Markup and control characters of a variable must be shown, and do nothing."""
    address, token = healthy_shop.page.split("/#")
    page.goto(f"{address}/resources/api#{token}")
    expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    expect(page.locator("img")).to_have_count(0)


def test_a_browser_that_slept_for_an_hour_shows_what_happened_meanwhile(shop: AppRun, page: Page) -> None:
    page.clock.install()
    page.goto(shop.page)
    row_of(page, "seed").wait_for()
    page.clock.fast_forward("01:00:00")
    shop.fairlead("start", "seed")
    page.clock.resume()
    expect(row_of(page, "seed")).to_contain_text("Finished")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
