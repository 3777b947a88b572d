"""Takes orders, and tells what became of them."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

from fastapi import FastAPI, HTTPException
from opentelemetry import propagate
from opentelemetry.instrumentation.auto_instrumentation import initialize
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation
from pydantic import BaseModel, PositiveInt
from shop_store import QUEUE, connect, queue

logging.basicConfig(level=logging.INFO, format="%(message)s")
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:  # where to send telemetry, as a run of Fairlead says
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")  # today's names
    initialize()

log = logging.getLogger("shop.api")
app = FastAPI()
FastAPIInstrumentor.instrument_app(app, excluded_urls="healthz", exclude_spans=["receive", "send"])


class Order(BaseModel):
    item: str
    amount: PositiveInt = 1


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    with suppress_instrumentation():
        async with await connect() as database:
            await database.execute("SELECT 1")
    return {"status": "ok"}


@app.post("/orders", status_code=201)
async def place(order: Order) -> dict[str, Any]:
    async with await connect() as database:
        found = await database.execute(
            "INSERT INTO orders (item, amount) VALUES (%s, %s) RETURNING id", (order.item, order.amount)
        )
        row: dict[str, Any] | None = await found.fetchone()
    assert row is not None
    trace: dict[str, str] = {}
    propagate.inject(trace)  # the worker links its own trace to this one
    async with queue() as new:
        await new.rpush(QUEUE, json.dumps({"order": row["id"], "trace": trace}))
    log.info("order %d: %d × %s", row["id"], order.amount, order.item, extra={"order": row["id"], "item": order.item})
    return row


@app.get("/orders")
async def orders() -> list[dict[str, Any]]:
    async with await connect() as database:
        found = await database.execute("SELECT id, item, amount, receipt FROM orders ORDER BY id DESC LIMIT 20")
        rows: list[dict[str, Any]] = await found.fetchall()
    return rows


@app.get("/orders/{number}")
async def order(number: int) -> dict[str, Any]:
    async with await connect() as database:
        found = await database.execute("SELECT id, item, amount, receipt FROM orders WHERE id = %s", (number,))
        row: dict[str, Any] | None = await found.fetchone()
    if row is None:
        raise HTTPException(404, "there is no such order")
    return row
