"""What a definition can declare: harbours and their ships."""

from __future__ import annotations

from typing import ClassVar

from fairlead import Consumer, ContainerFile, Contribution, Lifetime, Network, Output, Resource, ValueLike, Workload

PASS_IN_CONTAINER = "/etc/harbour/pass"


class Harbour(Workload):
    """A harbour, which a run opens and shows ships and boxes of.

    Args:
        name: The resource's name.
        depth: Metres of water; may be deferred.
        lifetime: Whether it stays open when the run ends.
    """

    kind: ClassVar[str] = "Harbour"
    driver: ClassVar[str | None] = "tests.thirdparty.harbour.drivers:HarbourDriver"

    def __init__(self, name: str, *, depth: ValueLike = 12, lifetime: Lifetime = Lifetime.SESSION) -> None:
        super().__init__(name)
        self.lifetime = lifetime
        self.with_endpoint("control", scheme="harbour").with_environment("DEPTH", depth).exclude_from_manifest()

    def add_ship(self, name: str, boxes: int = 1) -> Ship:
        """A ship in it, which comes after it and goes with it."""
        return self.adopt(Ship(name, self, boxes))

    def pass_of(self, consumer: str, network: Network) -> Output:
        """What a consumer shows to get in: on this machine the path of a file, elsewhere the contents of one."""
        return self.output(f"pass-of-{consumer}", secret=network is not Network.HOST)

    def contribute(self, consumer: Consumer) -> Contribution:
        """A file with the address that the consumer reaches it at, and a variable that tells where the file is."""
        own_pass = self.pass_of(consumer.resource.name, consumer.network)
        if consumer.network is Network.HOST:
            return Contribution(env={"HARBOUR_PASS": own_pass})
        return Contribution(
            env={"HARBOUR_PASS": PASS_IN_CONTAINER}, files=(ContainerFile(PASS_IN_CONTAINER, contents=own_pass),)
        )


class Ship(Resource):
    """A ship in a harbour.

    Args:
        name: The resource's name.
        harbour: Where it docks.
        boxes: How many boxes it has.
    """

    kind: ClassVar[str] = "Ship"
    driver: ClassVar[str | None] = "tests.thirdparty.harbour.drivers:ShipDriver"

    def __init__(self, name: str, harbour: Harbour, boxes: int) -> None:
        super().__init__(name)
        self.harbour = harbour
        self.boxes = boxes
        self.wait_for(harbour)
