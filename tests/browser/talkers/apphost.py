"""Programs that write what a console has to cope with: a stream, a stack trace, hostile lines, an open line."""

from __future__ import annotations

import sys

from fairlead import AppBuilder, apphost


@apphost
def talkers(app: AppBuilder) -> None:
    for role in ("ticker", "hostile", "asker"):
        app.add_executable(role, sys.executable, ".", "program.py", role)


if __name__ == "__main__":
    talkers.main()
