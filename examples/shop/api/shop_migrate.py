"""Makes the tables. Runs to its end before anything uses them."""

from __future__ import annotations

import asyncio

from shop_store import SCHEMA, connect


async def migrate() -> None:
    async with await connect() as database:
        await database.execute(SCHEMA)
    print("the tables are there")


asyncio.run(migrate())
