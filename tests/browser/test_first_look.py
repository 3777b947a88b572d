"""Opening the page: with the address that `fairlead run` prints, and without its token."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import HERE, AppRun


@pytest.fixture(scope="module")
def shop(start_app: Callable[..., AppRun]) -> AppRun:
    return start_app(HERE / "shop")


def test_the_printed_address_shows_the_app_and_hides_the_token(shop: AppRun, page: Page) -> None:
    page.goto(shop.page)
    expect(page.get_by_role("treegrid", name="Resources")).to_be_visible()
    for name in ("api", "worker", "payment-key"):
        expect(page.get_by_role("row", name=name).first).to_be_visible()
    token = shop.page.rpartition("=")[2]
    assert token not in page.url
    page.reload()
    expect(page.get_by_role("row", name="api").first).to_be_visible()


def test_without_the_token_nothing_of_the_app_is_shown(shop: AppRun, page: Page) -> None:
    page.goto(shop.page.partition("#")[0])
    expect(page.get_by_text("fairlead run")).to_be_visible()
    expect(page.get_by_text("payment-key")).to_have_count(0)


def test_the_palette_opens_the_settings(shop: AppRun, page: Page) -> None:
    page.goto(shop.page)
    expect(page.get_by_role("row", name="api").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search resources").fill("Settings")
    page.keyboard.press("Enter")
    settings = page.get_by_role("dialog", name="Settings")
    settings.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("Escape")
    expect(settings).to_have_count(0)


def test_an_edited_app_file_can_be_applied(shop: AppRun, page: Page) -> None:
    """The page must say that the app file has changed, show what differs, and have it applied without a new page."""
    page.goto(shop.page)
    expect(page.get_by_role("row", name="api").first).to_be_visible()
    file = shop.folder / "apphost.py"
    before = file.read_text()
    main = "\n\nif __name__ =="
    file.write_text(before.replace(main, f'    app.add_executable("parrot", "sleep", ".", "1000")\n{main}'))
    try:
        strip = page.locator(".strip")
        expect(strip).to_contain_text("apphost.py has changed")
        strip.get_by_role("button", name="What differs").click()
        expect(strip).to_contain_text("parrot: starts (new)")
        strip.get_by_role("button", name="Reload").click()
        expect(page.get_by_role("row", name="parrot").first).to_be_visible()
        expect(strip).to_have_count(0)
    finally:
        file.write_text(before)
        shop.fairlead("reload")
    expect(page.get_by_role("row", name="parrot")).to_have_count(0)
