"""The level of a line must be recognised in the forms that programs write, and never be guessed."""

from __future__ import annotations

import pytest

from fairlead.runtime.logs.levels import level_of

ERRORS = [
    "ERROR:shop.orders:payment failed",
    "CRITICAL:root:gave up",
    "2026-11-24 14:02:11,204 ERROR shop.orders payment failed",
    "2026-11-24 14:02:11,204 - shop.orders - ERROR - payment failed",
    "2026-11-24 14:02:11,204:ERROR:shop.orders:payment failed",
    "2026-11-24 14:02:11.204 | ERROR    | shop.orders:pay:12 - payment failed",
    "2026-11-24 14:02:11 [error    ] payment failed                 order=12",
    "\x1b[31mERROR\x1b[0m:    Exception in ASGI application",
    "[2026-11-24 14:02:11 +0000] [12] [ERROR] Worker failed to boot.",
    '{"severity": "ERROR", "message": "payment failed"}',
    '{"msg":"payment failed","level":"error","time":"2026-11-24T14:02:11Z"}',
    '{"level":50,"time":1732456931204,"pid":12,"msg":"payment failed"}',
    '{"log.level":"error","message":"payment failed"}',
    'time="2026-11-24T14:02:11Z" level=error msg="payment failed"',
    'ts=2026-11-24T14:02:11Z caller=main.go:12 msg="the payment of this order failed" level=error',
    "2026/11/24 14:02:11 [error] 12#12: *1 connect() failed (111: Connection refused)",
    "2026/11/24 14:02:11 [emerg] 1#1: host not found in upstream",
    '2026-11-24 14:02:11.204 UTC [42] ERROR:  relation "orders" does not exist at character 15',
    "2026-11-24 14:02:11.204 UTC [42] FATAL:  password authentication failed",
    'E1124 14:02:11.204913       1 controller.go:617] "Unhandled Error" err="no"',
    "[2026-11-24T14:02:11Z ERROR shop::orders] payment failed",
    "2026-11-24T14:02:11.204Z ERROR shop::orders: payment failed",
    "npm ERR! code ELIFECYCLE",
    "npm error code ENOENT",
    "error: cannot find module",
    "main.c:12:3: error: expected ';'",
    "fail: Microsoft.Hosting.Lifetime[0]",
    "Traceback (most recent call last):",
    '  File "/app/shop.py", line 12, in pay',
    "KeyError: 'FEED_URL'",
    "sqlalchemy.exc.OperationalError: (psycopg.OperationalError) connection failed",
    "Error: listen EADDRINUSE: address already in use :::3000",
    "TypeError [ERR_INVALID_ARG_TYPE]: The argument must be a string",
    "    at Server.setupListenHandle [as _listen2] (node:net:1817:16)",
    "\tat com.shop.Orders.pay(Orders.java:12)",
    "panic: runtime error: index out of range [3] with length 3",
    "During handling of the above exception, another exception occurred:",
]
WARNINGS = [
    "WARNING:shop.orders:slow",
    "WARN  [main] slow",
    '{"level":40,"msg":"slow"}',
    'level=warning msg="slow"',
    "W1124 14:02:11.204913       1 reflector.go:569] failed to list",
    "1:C 24 Nov 2026 14:02:11.204 # WARNING Memory overcommit must be enabled!",
    "1:M 24 Nov 2026 14:02:11.204 # Server can't set maximum open files",
    "2026-11-24 14:02:11.204 UTC [42] WARNING:  there is no transaction in progress",
    "npm warn deprecated inflight@1.0.6: not supported",
    "/app/shop.py:12: DeprecationWarning: datetime.utcnow() is deprecated",
    "warn: Microsoft.AspNetCore.Server.Kestrel[0]",
]
INFOS = [
    'INFO:     127.0.0.1:52134 - "GET /healthz HTTP/1.1" 200 OK',
    "\x1b[32mINFO\x1b[0m:     Started server process [12]",
    "2026-11-24 14:02:11.204 UTC [1] LOG:  database system is ready to accept connections",
    "2026-11-24 14:02:11.204 UTC [42] NOTICE:  relation exists, skipping",
    "1:M 24 Nov 2026 14:02:11.204 * Ready to accept connections tcp",
    "I1124 14:02:11.204913       1 server.go:150] started",
    "2026/11/24 14:02:11 [notice] 1#1: start worker processes",
    "2026-11-24T14:02:11.204Z\tINFO\tmain.go:12\tstarted",
    '{"@l":"Information","@mt":"started"}',
    '{"level":30,"msg":"started"}',
    "INFO: handled with ERROR in mind",
]
DEBUGS = [
    "DEBUG:asyncio:Using selector: EpollSelector",
    '{"level":20,"msg":"looking"}',
    "1:M 24 Nov 2026 14:02:11.204 - 0 clients connected",
    "2026-11-24 14:02:11.204 TRACE 1 --- [main] c.s.Orders : looking",
    "level=debug msg=looking",
]
NONE = [
    "",
    "   ",
    "x" * 200,
    "listening on :8080",
    '127.0.0.1 - - [24/Nov/2026:14:02:11 +0000] "GET /error HTTP/1.1" 500 612',
    "we have sent the INFO letter to all of them",
    "no errors, no warnings",
    "ERRORS=0",
    "LOG_LEVEL=INFO is what it gets",
    "    raise KeyError(name)",
    "PostgreSQL Database directory appears to contain a database; Skipping initialization",
    '{"msg":"no level here"}',
    '{"level":',
    "GET /api/errors 200",
]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        *((text, "error") for text in ERRORS),
        *((text, "warn") for text in WARNINGS),
        *((text, "info") for text in INFOS),
        *((text, "debug") for text in DEBUGS),
        *((text, None) for text in NONE),
    ],
)
def test_the_level_of_a_line(text: str, level: str | None) -> None:
    """A level must be found where a line says one, and nowhere else."""
    assert level_of(text) == level


def test_stderr_alone_is_no_error() -> None:
    """Most programs write all their lines to stderr."""
    assert level_of("listening on :8080", "stderr") is None


def test_what_fairlead_says_has_no_level() -> None:
    """Lines of Fairlead's own are told by their stream."""
    assert level_of("ERROR: it says", "system") is None
    assert level_of("Error: it says", "state") is None


@pytest.mark.parametrize("begin", ["  at ", "Aa.", " File ", "1:1:", '{"level"', "level=", "=Error Warning: "])
@pytest.mark.parametrize("rest", [":(", "A.", " ", "1:", '"'])
def test_a_line_of_any_length(begin: str, rest: str) -> None:
    """A line of a megabyte must not keep the host busy: no form may take time that grows with its square."""
    assert level_of(begin + rest * 500_000 + "Error") in (None, "error", "info")
