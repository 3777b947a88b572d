"""Takes orders, and tells what became of them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, PositiveInt
from shop_store import QUEUE, connect, queue

app = FastAPI()


class Order(BaseModel):
    item: str
    amount: PositiveInt = 1


@app.get("/healthz")
async def healthz() -> dict[str, str]:
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
    async with queue() as new:
        await new.rpush(QUEUE, row["id"])
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
