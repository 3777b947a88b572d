"""Structured logs: filters by click and by form, an entry with its trace, and what comes while they are followed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import HERE, AppRun

STACK = """Traceback (most recent call last):
  File "/app/orders.py", line 88, in create_order
    async with pool.connect() as db:
  File "/usr/lib/python3.11/site-packages/pool/impl.py", line 179, in connect
    return await self.get()
  File "/usr/lib/python3.11/site-packages/pool/impl.py", line 201, in get
    raise TimeoutError(message)
TimeoutError: the pool is used up
"""
_numbers = count(1)


def attributes(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]


@dataclass
class Order:
    """What a shop sends about one order: a trace of two spans, and a log entry in the second one."""

    message: str
    severity: int = 9
    resource: str = "api"
    values: Mapping[str, str] = field(default_factory=dict)

    def sent(self) -> tuple[dict[str, Any], dict[str, Any]]:
        number = next(_numbers)
        trace, outer, inner = f"{number:032x}", f"{number:015x}1", f"{number:015x}2"
        start, end = time.time_ns() - 50_000_000, time.time_ns()
        spans = [
            {"spanId": outer, "name": "POST /orders"},
            {"spanId": inner, "parentSpanId": outer, "name": "pool.acquire"},
        ]
        times = {"traceId": trace, "startTimeUnixNano": str(start), "endTimeUnixNano": str(end)}
        log = {
            "timeUnixNano": str(start + 25_000_000),
            "severityNumber": self.severity,
            "body": {"stringValue": self.message},
            "attributes": attributes(self.values),
            "traceId": trace,
            "spanId": inner,
        }
        sender = {"attributes": attributes({"service.name": self.resource})}
        return (
            {"resource": sender, "scopeSpans": [{"spans": [span | times for span in spans]}]},
            {"resource": sender, "scopeLogs": [{"scope": {"name": "shop.orders"}, "logRecords": [log]}]},
        )


class Shop:
    """A run whose resources have sent telemetry."""

    def __init__(self, run: AppRun) -> None:
        self.page, _, self._token = run.page.partition("/#t=")
        self.address = run.page

    def send(self, *orders: Order) -> None:
        spans, logs = zip(*(order.sent() for order in orders), strict=True)
        body = json.dumps({"resourceSpans": spans, "resourceLogs": logs}).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        urlopen(Request(f"{self.page}/api/telemetry/import", body, headers), timeout=20).close()


@pytest.fixture(scope="module")
def shop(start_app: Callable[..., AppRun]) -> Shop:
    shop = Shop(start_app(HERE / "shop"))
    failure = {
        "exception.type": "TimeoutError",
        "exception.message": "the pool is used up",
        "exception.stacktrace": STACK,
    }
    shop.send(
        Order("Order ord_1 placed, 3 items", values={"order.id": "ord_1"}),
        Order("Order ord_2 placed, 1 items", values={"order.id": "ord_2"}),
        Order("Order ord_3 failed", 17, values={"order.id": "ord_3", **failure}),
        Order("Order ord_4 took 997 ms", 13, values={"order.id": "ord_4"}),
    )
    return shop


@pytest.fixture
def logs(shop: Shop, page: Page) -> Page:
    """The page Logs with the four entries of api."""
    page.goto(shop.address)
    expect(page.get_by_role("treegrid", name="Resources")).to_be_visible()
    page.goto(f"{shop.page}/logs?r=api")
    expect(entries(page)).to_have_count(4)
    return page


def entries(page: Page) -> Locator:
    return page.get_by_role("grid", name="Log entries").get_by_role("row").filter(has=page.get_by_role("gridcell"))


def test_new_entries_are_shown_as_they_come_or_wait(shop: Shop, logs: Page) -> None:
    expect(logs.get_by_text("1 error")).to_be_visible()
    logs.get_by_role("checkbox", name="api").uncheck()
    expect(logs.get_by_text("No resource is ticked")).to_be_visible()
    logs.get_by_role("checkbox", name="web").check()
    expect(logs.get_by_text("No structured logs of these resources yet")).to_be_visible()
    shop.send(Order("Upstream answered", resource="web"))
    expect(entries(logs)).to_have_count(1)

    logs.locator("h1").focus()
    logs.keyboard.press("f")
    shop.send(Order("Upstream answered again", resource="web"))
    expect(logs.get_by_role("button", name="Follow · 1 new")).to_be_visible()
    expect(entries(logs)).to_have_count(1)
    logs.keyboard.press("f")
    expect(entries(logs)).to_have_count(2)
    expect(entries(logs).first).to_contain_text("again")


def test_a_click_on_a_value_filters_and_the_filter_can_be_changed(logs: Page) -> None:
    logs.get_by_role("button", name="ord_2", exact=True).click()
    expect(entries(logs)).to_have_count(1)
    logs.get_by_role("button", name="order.id = ord_2", exact=True).click()
    dialog = logs.get_by_role("dialog", name="Filter")
    dialog.get_by_label("Comparison").select_option("!=")
    dialog.get_by_role("button", name="Change filter").click()
    expect(entries(logs)).to_have_count(3)
    expect(logs).to_have_url(re.compile(r"f=order\.id.*ord_2"))
    logs.get_by_role("button", name="Remove filter").click()
    expect(entries(logs)).to_have_count(4)

    logs.get_by_role("group", name="At least").get_by_role("button", name="Warning+").click()
    expect(entries(logs)).to_have_count(2)
    logs.keyboard.press("/")
    logs.keyboard.type("nothing like this")
    expect(logs.get_by_text("No entry matches")).to_be_visible()
    logs.get_by_role("button", name="Clear search and filters").click()
    expect(entries(logs)).to_have_count(4)


def test_an_entry_leads_to_its_exception_and_its_trace_by_keyboard(logs: Page) -> None:
    logs.locator("h1").focus()
    logs.keyboard.press("j")
    logs.keyboard.press("j")
    drawer = logs.get_by_role("complementary", name="Entry")
    expect(drawer.get_by_role("heading", name="Order ord_3 failed")).to_be_visible()
    expect(drawer.get_by_role("region", name="Stack")).to_contain_text("create_order")
    expect(drawer.get_by_role("region", name="Stack")).to_contain_text("library frames folded")
    expect(drawer.get_by_role("heading", name="In trace")).to_contain_text("25 ms after it began")
    expect(drawer.get_by_role("heading", name="Just before")).to_be_visible()
    address = logs.url

    logs.keyboard.press("x")
    expect(logs.get_by_role("treegrid")).to_contain_text("pool.acquire")
    logs.go_back()
    expect(drawer).to_be_visible()
    logs.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    logs.goto(address)
    expect(drawer.get_by_role("heading", name="Order ord_3 failed")).to_be_visible()


def test_an_entry_that_is_gone_says_so(shop: Shop, logs: Page) -> None:
    logs.goto(f"{shop.page}/logs/999999")
    expect(logs.get_by_text("There is no such entry")).to_be_visible()
    logs.get_by_role("link", name="All entries").click()
    expect(entries(logs).filter(has_text="ord_4")).to_be_visible()
