"""Large bodies whose length is known: kept as they come, without the parser.

httptools copies each part of a body, and uvicorn each part twice more; of a tensor of 3 MB that is most of the work. So
once a head has announced a large body, what comes is the body until it is complete, and then a new parser begins.

Holds on: RequestResponseCycle takes any bytes for its body. It can go when uvicorn copies a body once.
"""

from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from forest_serving.host.uvicorn_upgrades import IgnoringUpgrades
from forest_serving.http.bodies import LARGE_BYTES, announced_bytes


class LargeBodies(IgnoringUpgrades):
    """A connection that lets no parser see large bodies.

    Attributes:
        n_body_left: how many bytes are missing of the body of the newest request, if it is a large one of known length.
    """

    __slots__ = ("n_body_left",)

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(transport)
        self.n_body_left = 0

    def data_received(self, data: bytes) -> None:
        """Take what is missing of a large body in one piece."""
        if self.n_body_left:
            self.read(data)
        else:
            IgnoringUpgrades.data_received(self, data)

    def read(self, data: bytes) -> None:
        """Take a part of a large body, or parse."""
        if self.n_body_left:
            self._take(data)
            return
        before = self.cycle
        IgnoringUpgrades.read(self, data)
        if self.cycle is not before and self.cycle.more_body:
            self.n_body_left = _n_left(self.cycle)

    def _take(self, data: bytes) -> None:
        rest = data[self.n_body_left :] if len(data) > self.n_body_left else b""
        self._keep(data[: len(data) - len(rest)] if rest else data)
        if not self.n_body_left:
            self.on_message_complete()
            self.begin_parsing()
        self.wait_for_the_rest()
        if rest:
            self.data_received(bytes(rest))

    def _keep(self, part: bytes) -> None:
        self.n_body_left -= len(part)
        cycle: Any = self.cycle
        if cycle.response_complete:  # it was refused, and nobody wants the rest
            return
        cycle.body = bytes(cycle.body) + part if cycle.body else bytes(part)
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()


def _n_left(cycle: Any) -> int:
    """Return how much is missing of a body that has just begun; 0 if it is small, or has no known length."""
    n_bytes = announced_bytes(dict(cycle.scope["headers"]))  # the parser refuses a length beside chunks
    return n_bytes - len(cycle.body) if n_bytes > LARGE_BYTES else 0
