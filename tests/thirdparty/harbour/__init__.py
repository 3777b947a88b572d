"""A kind as another package would ship it, of the size of a cluster: written on what ``fairlead`` exports alone.

A harbour has ships, which are declared; in it turn up boxes, which are observed, each with a log. A quay is a container
on whose ports berths are reached.
"""

from __future__ import annotations

from tests.thirdparty.harbour.kinds import Harbour, Ship
from tests.thirdparty.harbour.quay import Berth, Quay

__all__ = ["Berth", "Harbour", "Quay", "Ship"]
