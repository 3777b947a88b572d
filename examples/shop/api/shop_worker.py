"""Takes new orders off the queue and pays for them: the receipt is the order's number, signed with the payment key.

An order is only off the queue for good when it is paid for, so one that was taken by a worker that then died is taken
again by the next.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import os
import signal

from opentelemetry import metrics, propagate, trace
from opentelemetry.instrumentation.auto_instrumentation import initialize
from opentelemetry.instrumentation.utils import suppress_instrumentation
from shop_store import QUEUE, TAKEN, connect, queue

logging.basicConfig(level=logging.INFO, format="%(message)s")
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:  # where to send telemetry, as a run of Fairlead says
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")  # today's names
    initialize()

log = logging.getLogger("shop.worker")
tracer = trace.get_tracer("shop.worker")
paid = metrics.get_meter("shop.worker").create_counter("shop.orders.paid", "{order}", "Orders that were paid for")


async def pay(number: int) -> None:
    key = os.environ["PAYMENT_KEY"].encode()
    receipt = hmac.new(key, str(number).encode(), hashlib.sha256).hexdigest()[:12]
    async with await connect() as database:
        await database.execute("UPDATE orders SET receipt = %s WHERE id = %s", (receipt, number))
    paid.add(1)
    log.info("order %d is paid for", number, extra={"order": number})


async def work(ended: asyncio.Event) -> None:
    async with queue() as new:
        while await new.lmove(TAKEN, QUEUE, "RIGHT", "LEFT"):
            pass  # what another worker has taken and not paid for
        log.info("waiting for orders")
        while not ended.is_set():
            with suppress_instrumentation():  # to wait for what may not come is nothing to trace
                taken = await new.blmove(QUEUE, TAKEN, 1, "LEFT", "RIGHT")
            if taken is not None:
                job = json.loads(str(taken))
                placed = trace.get_current_span(propagate.extract(job["trace"])).get_span_context()
                with tracer.start_as_current_span(
                    "pay order", kind=trace.SpanKind.CONSUMER, links=[trace.Link(placed)]
                ):
                    await pay(job["order"])
                    await new.lrem(TAKEN, 1, str(taken))


async def main() -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await work(ended)


asyncio.run(main())
