"""A request that is not taken, in the words of gRPC and of HTTP."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """The codes of gRPC that are answered."""

    OK = 0
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    RESOURCE_EXHAUSTED = 8
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


class Refused(Exception):
    """A request is not taken.

    Args:
        code: Why, as gRPC has it.
        http_status: Why, as HTTP has it.
        message: Why, in words for the log of the sender.
    """

    def __init__(self, code: Code, http_status: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.http_status = http_status
        self.message = message


def malformed(message: str) -> Refused:
    """It can't be understood; to send it again would not help."""
    return Refused(Code.INVALID_ARGUMENT, 400, message)


def too_large(limit: int) -> Refused:
    """It is larger than a limit in bytes."""
    return Refused(Code.RESOURCE_EXHAUSTED, 413, f"the request is larger than {limit} bytes; send less at once")


def unauthenticated() -> Refused:
    """It has no token, or a wrong one."""
    message = "the request has no token of a resource of this run; send the header of OTEL_EXPORTER_OTLP_HEADERS"
    return Refused(Code.UNAUTHENTICATED, 401, message)


def too_slow(seconds: float) -> Refused:
    """It did not arrive in time."""
    return Refused(Code.DEADLINE_EXCEEDED, 408, f"the request did not arrive within {seconds:g} s")


def overloaded() -> Refused:
    """There is too much to do; it may be sent again."""
    return Refused(Code.UNAVAILABLE, 503, "too much telemetry at once; send it again")
