"""Takes new orders off the queue and pays for them: the receipt is the order's number, signed with the payment key.

An order is only off the queue for good when it is paid for, so one that was taken by a worker that then died is taken
again by the next.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import signal

from shop_store import QUEUE, TAKEN, connect, queue


async def pay(number: int) -> None:
    key = os.environ["PAYMENT_KEY"].encode()
    receipt = hmac.new(key, str(number).encode(), hashlib.sha256).hexdigest()[:12]
    async with await connect() as database:
        await database.execute("UPDATE orders SET receipt = %s WHERE id = %s", (receipt, number))
    print(f"order {number} is paid for")


async def work(ended: asyncio.Event) -> None:
    async with queue() as new:
        while await new.lmove(TAKEN, QUEUE, "RIGHT", "LEFT"):
            pass  # what another worker has taken and not paid for
        print("waiting for orders")
        while not ended.is_set():
            taken = await new.blmove(QUEUE, TAKEN, 1, "LEFT", "RIGHT")
            if taken is not None:
                await pay(int(taken))
                await new.lrem(TAKEN, 1, str(taken))


async def main() -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await work(ended)


asyncio.run(main())
