"""The page of parameters: giving a missing one a value must let go on what waits for it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import HERE, AppRun

SET_AND_START = "Set value and start worker"


def parameters(page: Page) -> Locator:
    return page.get_by_role("table", name="Parameters")


def state_of(page: Page, resource: str) -> Locator:
    return page.get_by_role("treegrid", name="Resources").get_by_role("row", name=resource).first


def test_a_missing_value_is_entered_with_the_mouse(start_app: Callable[..., AppRun], page: Page) -> None:
    """The form must say what waits, and start that; the value stays masked; a change must name who runs without it."""
    shop = start_app(HERE / "shop")
    page.goto(shop.page)
    expect(state_of(page, "worker")).to_contain_text("Waiting")
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Parameters").click()
    form = page.get_by_role("region", name="payment-key needs a value")
    expect(form.get_by_role("link", name="worker")).to_be_visible()
    form.get_by_role("button", name=SET_AND_START).click()
    expect(form.get_by_role("alert")).to_have_text("An empty value counts as none.")
    form.get_by_label("Value", exact=True).fill("test_51Nf")
    form.get_by_label("Keep for the next run").uncheck()
    form.get_by_role("button", name=SET_AND_START).click()
    expect(form).to_have_count(0)
    row = parameters(page).get_by_role("row", name="payment-key")
    expect(row).to_contain_text("set in this run")
    expect(page.get_by_text("test_51Nf")).to_have_count(0)
    row.get_by_role("button", name="Reveal payment-key for 30 s").click()
    expect(row.get_by_text("test_51Nf")).to_be_visible()

    page.get_by_role("button", name="More for region").click()
    page.get_by_role("menuitem", name="Change value").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Value", exact=True).fill("us-west")
    dialog.get_by_role("button", name="Set value").click()
    expect(parameters(page).get_by_role("row", name="region")).to_contain_text("us-west")
    page.get_by_role("button", name="Restart api").click()
    expect(page.get_by_text("still runs with the one before")).to_have_count(0)

    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Resources").click()
    expect(state_of(page, "worker")).to_contain_text("Running")
    assert "us-west" in str(shop.resource("api")["environment"])


def test_a_missing_value_is_entered_with_the_keyboard_alone(start_app: Callable[..., AppRun], page: Page) -> None:
    """Keys must lead to the form, give the value, and from there to what the value is."""
    shop = start_app(HERE / "shop")
    page.goto(shop.page)
    expect(state_of(page, "worker")).to_contain_text("Waiting")
    page.keyboard.press("g")
    page.keyboard.press("p")
    field = page.get_by_label("Value", exact=True)
    expect(field).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if field.evaluate("field => field === document.activeElement"):
            break
    page.keyboard.type("test_51Nf")
    page.keyboard.press("Enter")
    link = parameters(page).get_by_role("link", name="payment-key")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(link).to_have_attribute("aria-expanded", "true")
    expect(page).to_have_url(shop.page.partition("#")[0] + "parameters/payment-key")
    expect(parameters(page).get_by_text("gives its value")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(state_of(page, "worker")).to_contain_text("Running")
