r"""The two output streams of a program, which an engine sends over one connection.

01 00 00 00  00 00 00 05  h e l l o
│            └ length of what follows, big-endian
└ 1 standard output, 2 standard error
"""

from __future__ import annotations

from typing import Final

from fairlead.engines.container_command import CommandOutput, Stream

_HEADER: Final = 8


class Frames:
    """Takes the frames of one connection apart; what there is of one is handed out before the rest has come."""

    def __init__(self) -> None:
        self._header = b""
        self._stream: Stream = "stdout"
        self._left = 0

    def feed(self, data: bytes) -> list[CommandOutput]:
        """Take the next bytes of the connection, and return the output in them."""
        output: list[CommandOutput] = []
        data, self._header = self._header + data, b""
        position = 0
        while position < len(data):
            if not self._left:
                header = data[position : position + _HEADER]
                if len(header) < _HEADER:
                    self._header = header
                    break
                self._stream = "stderr" if header[0] == 2 else "stdout"
                self._left = int.from_bytes(header[4:], "big")
                position += _HEADER
            elif payload := data[position : position + self._left]:
                self._left -= len(payload)
                position += len(payload)
                output.append(CommandOutput(self._stream, payload))
        return output
