"""axe finds nothing serious on any page, in light and dark, wide and narrow, with a dialog, a menu and a panel open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import AppRun

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = [
    "/resources",
    "/resources/worker",
    "/graph",
    "/graph/api/worker",
    "/console",
    "/logs",
    "/traces",
    "/metrics",
    "/parameters",
    "/parameters/payment-key",
    "/resources/nothing-of-this-name",
]


@pytest.fixture(scope="module", params=["light 1440", "dark 1440", "light 390"])
def opened(request: pytest.FixtureRequest, browser: Browser, untouched_shop: AppRun) -> Iterator[Page]:
    scheme, width = request.param.split()
    context = browser.new_context(viewport={"width": int(width), "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.goto(untouched_shop.page)
    page.get_by_role("heading", level=1).first.wait_for(state="attached")
    yield page
    context.close()


def problems(page: Page) -> list[str]:
    """What axe finds, with where it is."""
    page.evaluate(AXE.read_text())  # not as a script of the page, which its policy forbids
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['impact']} {found['id']}: {node['html'][:200]}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("address", PAGES)
def test_pages(opened: Page, untouched_shop: AppRun, address: str) -> None:
    opened.goto(untouched_shop.page.partition("/#")[0] + address)
    opened.get_by_role("main").wait_for()
    assert problems(opened) == []


def test_what_opens_above_a_page(opened: Page, untouched_shop: AppRun) -> None:
    opened.goto(untouched_shop.page.partition("/#")[0] + "/resources")
    opened.get_by_role("main").wait_for()
    for key in ("Control+k", "?"):
        opened.keyboard.press(key)
        opened.get_by_role("dialog").first.wait_for()
        assert problems(opened) == []
        opened.keyboard.press("Escape")
