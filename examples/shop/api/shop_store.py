"""Orders in Postgres, the queue of new ones in Redis."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import redis.asyncio
from psycopg.rows import dict_row

QUEUE = "orders:new"
TAKEN = "orders:taken"

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item text NOT NULL,
    amount integer NOT NULL CHECK (amount > 0),
    receipt text,
    placed_at timestamptz NOT NULL DEFAULT now()
)
"""


async def connect() -> psycopg.AsyncConnection[dict[str, Any]]:
    """A connection to the database, at the address that Fairlead gives."""
    return await psycopg.AsyncConnection.connect(os.environ["ORDERS_URI"], autocommit=True, row_factory=dict_row)


def queue() -> redis.asyncio.Redis:
    """The queue, at the address that Fairlead gives."""
    return redis.asyncio.Redis.from_url(os.environ["CACHE_URI"], decode_responses=True)
