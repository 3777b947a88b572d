"""Takes new orders off the queue and pays for them: the receipt is the order's number, signed with the payment key."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os

from shop_store import QUEUE, connect, queue


async def work() -> None:
    key = os.environ["PAYMENT_KEY"].encode()
    async with await connect() as database, queue() as new:
        print("waiting for orders")
        while True:
            taken = await new.blpop([QUEUE], timeout=2)
            if taken is None:
                continue
            number = int(taken[1])
            receipt = hmac.new(key, str(number).encode(), hashlib.sha256).hexdigest()[:12]
            await database.execute("UPDATE orders SET receipt = %s WHERE id = %s", (receipt, number))
            print(f"order {number} is paid for")


asyncio.run(work())
