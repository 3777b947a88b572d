"""How the page of a run is served, as the command line says it."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.errors import UsageError


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How the page of a run is served.

    Args:
        port: The port of 127.0.0.1; 0 for any that is free, None for that of the app's last run, if it is free.
    """

    port: int | None = None

    def arguments(self) -> list[str]:
        """The arguments of ``fairlead run`` that say the same."""
        return [] if self.port is None else ["--dashboard-port", str(self.port)]


def page_options(port: int | None, *, without: bool) -> PageOptions | None:
    """What two options say together; None for no page.

    Raises:
        UsageError: They contradict each other.
    """
    if without and port is not None:
        raise UsageError("--no-dashboard and --dashboard-port contradict each other", remedy="Leave one of them out.")
    return None if without else PageOptions(port)
